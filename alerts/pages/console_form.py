"""Writing alerts in the console: a new one, a change before approval, an update."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from alerts import reading
from alerts.agencies import Officer
from alerts.api.access import SUBMITTER, GatedRoute, Given, SignedIn, rule
from alerts.errors import Changed, Conflict, NotAllowed, NotFound, Over, Refused
from alerts.intake import Intake
from alerts.pages import area_form, form_page, kept_forms, meanwhile, posted, record_entry
from alerts.pages.form_page import Filled, Held, Purpose, Stale
from alerts.pages.meanwhile import Looked
from alerts.pages.posted import Posted
from alerts.reports import AlertView, Submission
from alerts.service import copies, submit, templates
from alerts.service.drafting import read_document
from alerts.services import Services

router = APIRouter(include_in_schema=False, route_class=GatedRoute)

Hand = Callable[[Intake], Submission]


@dataclass(frozen=True, slots=True)
class Task:
    """What the form is for, and the alert as it was: what the form does not show stays."""

    purpose: Purpose
    record: Mapping[str, Any] = field(default_factory=dict)
    photos: Sequence[Held] = ()


async def _posted(request: Request, services: Given) -> Posted:
    return await posted.read(request, services.settings)


Sent = Annotated[Posted, Depends(_posted)]


@router.get("/console/new")
@rule(SUBMITTER)
def new(services: Given, officer: SignedIn, copy: str = "", template: str = "") -> Response:
    """An empty form, one that begins with a template, or the one that was kept."""
    if copy:
        return _found(services, officer, form_page.NEW, copy)
    values, known = form_page.fresh(services, officer), templates.list_own(services, officer)
    if template:
        values |= templates.get(services, officer, template).values
    kept = () if template else kept_forms.offers_new(services, officer)
    return form_page.show(services, officer, form_page.NEW, Filled(values, kept=kept, templates=known))


@router.post("/console/new")
@rule(SUBMITTER)
def create(services: Given, officer: SignedIn, sent: Sent) -> Response:
    """Submitted, kept as a draft, or shown again with every fault."""
    draft = bool(sent.values.get("draft"))
    hand: Hand = lambda read: submit.submit(services, officer, read, draft=draft)  # noqa: E731 bound to this call
    return taken(services, officer, sent, hand, Task(form_page.NEW))


@router.get("/console/alerts/{alert_id}/edit")
@rule(SUBMITTER)
def edit_form(alert_id: str, services: Given, officer: SignedIn, copy: str = "") -> Response:
    """What is not approved yet, to be changed."""
    return _again(services, officer, form_page.editing(alert_id), alert_id, copy)


@router.post("/console/alerts/{alert_id}/edit")
@rule(SUBMITTER)
def edit(alert_id: str, services: Given, officer: SignedIn, sent: Sent) -> Response:
    """The change, submitted for approval."""
    task, looked = task_of_alert(services, officer, form_page.editing(alert_id), alert_id), _looked(sent)
    wrote = _co_authors(services, officer, alert_id, sent)
    hand: Hand = lambda read: submit.edit(services, officer, alert_id, read, seen=looked.seen, co_authors=wrote)  # noqa: E731 bound to this call
    return taken(services, officer, sent, hand, task)


@router.get("/console/alerts/{alert_id}/update")
@rule(SUBMITTER)
def update_form(alert_id: str, services: Given, officer: SignedIn, copy: str = "") -> Response:
    """What is in force, to be updated."""
    return _again(services, officer, form_page.updating(alert_id), alert_id, copy)


@router.post("/console/alerts/{alert_id}/update")
@rule(SUBMITTER)
def update(alert_id: str, services: Given, officer: SignedIn, sent: Sent) -> Response:
    """The new version, submitted for approval."""
    task, looked = task_of_alert(services, officer, form_page.updating(alert_id), alert_id), _looked(sent)
    wrote = _co_authors(services, officer, alert_id, sent)
    hand: Hand = lambda read: submit.update(services, officer, alert_id, read, looked.seen, co_authors=wrote)  # noqa: E731 bound to this call
    return taken(services, officer, sent, hand, task)


def taken(services: Services, officer: Officer, sent: Posted, hand: Hand, task: Task) -> Response:
    """The form handed to the service; shown again where something is missing, wrong or asked for."""
    purpose, base, own = task.purpose, task.record, task.photos
    values = record_entry.tidy(sent.values)
    filled = Filled(values, _held(sent, own), seen=values.get("seen", ""))
    if more := sent.values.get("add"):
        kept_forms.keep_refused(services, officer, sent, purpose.changes)
        return form_page.show(services, officer, purpose, replace(filled, more=more))
    entry, area = record_entry.read(values, base), area_form.read(values, services.gazetteer)
    record = _whole(entry.record, area.area, values, filled.held)
    known = entry.faults | area.faults
    stray: list[str] = []
    try:
        read = read_document(services, officer, json.dumps(record).encode(), "application/json")
        if not known:
            with copies.submitting(services, officer, kept_forms.form_of(values)):
                left = hand(read)
            return landed(left)
        faults = known
    except Refused as refused:
        faults, stray = form_page.sorted_faults(refused.problems, known)
    except Changed as fault:
        kept_forms.keep_refused(services, officer, sent, purpose.changes)
        return _too_late(
            services, officer, task, replace(filled, stray=[meanwhile.sentence(fault)], faults=known), record
        )
    except (Conflict, NotAllowed) as fault:
        faults, stray = known, [meanwhile.sentence(fault)]
    kept_forms.keep_refused(services, officer, sent, purpose.changes)
    return form_page.show(services, officer, purpose, replace(filled, faults=faults, stray=stray))


def _too_late(services: Services, officer: Officer, task: Task, filled: Filled, typed: Mapping[str, Any]) -> Response:
    """What was typed, beside what the alert says now, who did what meanwhile; sent again, it is meant for what is now.

    What came into force meanwhile can no longer be edited: what was typed is its update then.
    """
    alert_id = task.purpose.changes
    told = meanwhile.told(services, officer, alert_id, _read(filled.values))
    view = reading.get_alert(services, officer, alert_id)
    edits = "update" not in view.actions
    purpose = task.purpose if edits else form_page.updating(alert_id)
    names = services.gazetteer.name
    now, own = (kept_forms.as_form(one, names) for one in (view.record or {}, typed))
    stale = Stale(told, form_page.differences(own, now))
    kept = {one.key for one in filled.held}
    held = [replace(one, stays=one.key in kept) for one in _own(view.record or {}, alert_id)]
    came = [one for one in filled.held if one.data]
    again = replace(filled, held=[*held, *came], stale=stale, seen=meanwhile.written(view))
    return form_page.show(services, officer, purpose, again)


def _co_authors(services: Services, officer: Officer, alert_id: str, sent: Posted) -> frozenset[int]:
    """Whose unsubmitted words were taken over: they cannot approve them either."""
    return copies.co_authors(services, officer, alert_id, kept_forms.form_of(sent.values), sent.values)


def _looked(sent: Posted) -> Looked:
    return _read(sent.values)


def _read(values: Mapping[str, str]) -> Looked:
    return meanwhile.read(values.get("seen", "")[:100])


def _whole(
    record: Mapping[str, Any], area: Mapping[str, Any], values: Mapping[str, str], held: Sequence[Held]
) -> dict[str, Any]:
    """The record with its area, its photos and the identity that makes a second press harmless."""
    words = {k: v for k, v in (record.get("area") or {}).items() if k == "description"}
    whole = dict(record) | {"area": {**words, **area}, "photos": [_photo(one, values) for one in held]}
    for name in ("identifier", "sent_at"):
        whole.pop(name, None)
        if values.get("identifier") and values.get("sent_at"):
            whole[name] = values[name]
    return whole


def _photo(one: Held, values: Mapping[str, str]) -> dict[str, Any]:
    source = {"base64": one.data} if one.data else {"photo_id": one.photo_id}
    said = values.get("photo_description", "").strip()
    again = {"again": True} if values.get("photo_again") else {}
    return source | ({"description": said} if said else {}) | again


def _held(sent: Posted, own: Sequence[Held]) -> list[Held]:
    """The photos the alert has and that stay, and those that came with the form."""
    stay = [one for one in own if sent.values.get(f"keep.{one.key}")]
    came = [form_page.carried(content, f"u{number}") for number, content in enumerate(sent.photos)]
    return [*stay, *filter(None, came)]


def _own(record: Mapping[str, Any], alert_id: str) -> list[Held]:
    """The photos the alert has; the page numbers them from 1."""
    ids = [photo["photo_id"] for photo in record.get("photos") or () if photo.get("photo_id") is not None]
    at = f"/console/alerts/{alert_id}/photo"
    return [Held(f"p{photo_id}", f"{at}/{number}.jpg", photo_id=photo_id) for number, photo_id in enumerate(ids, 1)]


def _again(services: Services, officer: Officer, purpose: Purpose, alert_id: str, copy: str = "") -> Response:
    """The form filled with the alert as it is, or as this officer left it."""
    view = reading.get_alert(services, officer, alert_id)
    task = _task_of(view, purpose)
    if copy:
        return _found(services, officer, purpose, copy, view)
    values = kept_forms.as_form(task.record, services.gazetteer.name)
    values |= {
        name: text for name, text in form_page.fresh(services, officer).items() if name in {"identifier", "sent_at"}
    }
    offers = kept_forms.offers_of(services, officer, view)
    filled = Filled(values, task.photos, seen=meanwhile.written(view), kept=offers)
    return form_page.show(services, officer, purpose, filled)


def _found(
    services: Services, officer: Officer, purpose: Purpose, form: str, view: AlertView | None = None
) -> Response:
    """What was kept, with the state that its page showed: what changed meanwhile is told where it is submitted."""
    copy = kept_forms.found_again(services, officer, form, view)
    values = record_entry.tidy(copy.values)
    own = _own(view.record or {}, view.row.id) if view else []
    held = [replace(one, stays=bool(values.get(f"keep.{one.key}"))) for one in own]
    seen = values.get("seen", "")
    filled = Filled(values, [*held, *kept_forms.restored(copy)], seen=seen, since=copy.saved_at)
    return form_page.show(services, officer, purpose, filled)


def task_of_alert(services: Services, officer: Officer, purpose: Purpose, alert_id: str) -> Task:
    return _task_of(reading.get_alert(services, officer, alert_id), purpose)


def _task_of(view: AlertView, purpose: Purpose) -> Task:
    if view.area is None:
        raise Over("the alert is over; submit a new one")
    if view.record is None:
        raise NotFound("this alert came as a CAP message: send its update the same way")
    return Task(purpose, view.record, _own(view.record, view.row.id))


def landed(left: Submission) -> Response:
    done = "replayed" if left.replayed else "draft" if left.state == "draft" else "submitted"
    return RedirectResponse(f"/console/alerts/{left.id}?done={done}", 303)
