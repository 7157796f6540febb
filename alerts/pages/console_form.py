"""Writing alerts in the console: a new one, a change before approval, an update, a larger area."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from alerts import reading
from alerts.agencies import Officer
from alerts.api.access import OFFICER, Given, SignedIn, rule
from alerts.errors import Conflict, NotAllowed, NotFound, Refused
from alerts.intake import Intake
from alerts.pages import area_form, area_page, console, form_page, posted, record_entry
from alerts.pages.form_page import Filled, Held, Purpose
from alerts.pages.posted import Posted
from alerts.reports import Submission
from alerts.service import submit
from alerts.service.drafting import read_document
from alerts.services import Services

router = APIRouter(include_in_schema=False)

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
@rule(OFFICER)
def new(services: Given, officer: SignedIn) -> Response:
    """An empty form."""
    return form_page.show(services, officer, form_page.NEW, Filled(form_page.fresh(services)))


@router.post("/console/new")
@rule(OFFICER)
def create(services: Given, officer: SignedIn, sent: Sent) -> Response:
    """Submitted, kept as a draft, or shown again with every fault."""
    draft = bool(sent.values.get("draft"))
    hand: Hand = lambda read: submit.submit(services, officer, read, draft=draft)  # noqa: E731 bound to this call
    return _taken(services, officer, sent, hand, Task(form_page.NEW))


@router.get("/console/alerts/{alert_id}/edit")
@rule(OFFICER)
def edit_form(alert_id: str, services: Given, officer: SignedIn) -> Response:
    """What is not approved yet, to be changed."""
    return _again(services, officer, form_page.editing(alert_id), alert_id)


@router.post("/console/alerts/{alert_id}/edit")
@rule(OFFICER)
def edit(alert_id: str, services: Given, officer: SignedIn, sent: Sent) -> Response:
    """The change, submitted for approval."""
    task = _task(services, officer, form_page.editing(alert_id), alert_id)
    return _taken(services, officer, sent, lambda read: submit.edit(services, officer, alert_id, read), task)


@router.get("/console/alerts/{alert_id}/update")
@rule(OFFICER)
def update_form(alert_id: str, services: Given, officer: SignedIn) -> Response:
    """What is in force, to be updated."""
    return _again(services, officer, form_page.updating(alert_id), alert_id)


@router.post("/console/alerts/{alert_id}/update")
@rule(OFFICER)
def update(alert_id: str, services: Given, officer: SignedIn, sent: Sent) -> Response:
    """The new version, submitted for approval."""
    task = _task(services, officer, form_page.updating(alert_id), alert_id)
    return _taken(services, officer, sent, lambda read: submit.update(services, officer, alert_id, read), task)


@router.post("/console/alerts/{alert_id}/enlarge")
@rule(OFFICER)
def enlarge(alert_id: str, services: Given, officer: SignedIn, sent: Sent) -> Response:
    """The present area and what was entered beside it, for approval as one."""
    view = reading.get_alert(services, officer, alert_id)
    entry = area_form.read(sent.values, services.gazetteer)
    faults = dict(entry.faults) or ({} if entry.area else {"places": ["Enter what is to be added to the area."]})
    stray: list[str] = []
    if not faults:
        try:
            left = submit.enlarge(services, officer, alert_id, area_form.joined(area_page.present(view), entry.area))
        except Refused as refused:
            faults, stray = form_page.sorted_faults(refused.problems, {})
        except (Conflict, NotAllowed) as fault:
            stray = [str(fault)]
        else:
            return _landed(left)
    return console.alert_page(services, officer, view, faults=faults, stray=stray, entered=sent.values)


def _taken(services: Services, officer: Officer, sent: Posted, hand: Hand, task: Task) -> Response:
    """The form handed to the service; shown again where something is missing, wrong or asked for."""
    purpose, base, own = task.purpose, task.record, task.photos
    values = record_entry.tidy(sent.values)
    filled = Filled(values, _held(sent, own))
    if more := sent.values.get("add"):
        return form_page.show(services, officer, purpose, replace(filled, more=more))
    entry, area = record_entry.read(values, base), area_form.read(values, services.gazetteer)
    record = _whole(entry.record, area.area, values, filled.held)
    known = entry.faults | area.faults
    stray: list[str] = []
    try:
        read = read_document(services, officer, json.dumps(record).encode(), "application/json")
        if not known:
            return _landed(hand(read))
        faults = known
    except Refused as refused:
        faults, stray = form_page.sorted_faults(refused.problems, known)
    except (Conflict, NotAllowed) as fault:
        faults, stray = known, [str(fault)]
    return form_page.show(services, officer, purpose, replace(filled, faults=faults, stray=stray))


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
    return source | ({"description": said} if said else {})


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


def _again(services: Services, officer: Officer, purpose: Purpose, alert_id: str) -> Response:
    """The form filled with the alert as it is."""
    task = _task(services, officer, purpose, alert_id)
    codes = (task.record.get("area") or {}).get("same") or ()
    values = form_page.from_record(task.record, {code: services.gazetteer.name(code) for code in codes})
    values |= {name: text for name, text in form_page.fresh(services).items() if name in {"identifier", "sent_at"}}
    return form_page.show(services, officer, purpose, Filled(values, task.photos))


def _task(services: Services, officer: Officer, purpose: Purpose, alert_id: str) -> Task:
    record = reading.get_alert(services, officer, alert_id).record
    if record is None:
        raise NotFound("this alert came as a CAP message: send its update the same way")
    return Task(purpose, record, _own(record, alert_id))


def _landed(left: Submission) -> Response:
    done = "replayed" if left.replayed else "draft" if left.state == "draft" else "submitted"
    return RedirectResponse(f"/console/alerts/{left.id}?done={done}", 303)
