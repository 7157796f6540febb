"""The form that keeps itself, as the browser meets it: kept while somebody types, found again, discarded; and what two
officers on one alert see of each other.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, Field

from alerts.agencies import Officer
from alerts.api.access import OFFICER, SUBMITTER, GatedRoute, Given, SignedIn, rule
from alerts.errors import LookoutError, NotFound, Over
from alerts.pages import form_page, meanwhile, posted
from alerts.pages.form_page import Offer
from alerts.pages.posted import Posted
from alerts.pages.record_form import whole_label
from alerts.reports import AlertView
from alerts.service import copies, editing
from alerts.service.copies import Copy, Typed
from alerts.service.editing import Around
from alerts.services import Services

router = APIRouter(include_in_schema=False, route_class=GatedRoute)

WITH_PHOTOS, ALERT, SINCE = "with_photos", "alert", "since"  # what the page's script says beside the form's own fields
STEP = "step"  # which of the alert page's own forms it is, for which there must be the action; other forms do not say
_STEPS = {"enlarge": ("enlarge", "A larger area"), "shrink": ("reduce", "A smaller area")}
_LEFT_OUT = {WITH_PHOTOS, ALERT, SINCE, "add", "draft", "once"}


async def _posted(request: Request, services: Given) -> Posted:
    return await posted.read(request, services.settings)


@router.post("/console/copies")
@rule(OFFICER)
def keep(services: Given, officer: SignedIn, sent: Annotated[Posted, Depends(_posted)]) -> Response:
    """The form as it is now, with all that is wrong and missing in it."""
    photos = sent.photos if sent.values.get(WITH_PHOTOS) else None
    typed = Typed(said(sent.values), photos, _moment(sent.values.get(SINCE, "")))
    at = copies.keep(services, officer, form_of(sent.values), typed, sent.values.get(ALERT) or None)
    return JSONResponse({"at": at.isoformat()}, headers={"cache-control": "no-store"})


@router.post("/console/copies/{form}/discard")
@rule(OFFICER)
def discard(form: str, services: Given, officer: SignedIn, back: Annotated[str, Form(max_length=100)] = "") -> Response:
    """Start anew: it is gone, with its key."""
    copies.close(services, officer, form)
    return RedirectResponse(back if _OURS.fullmatch(back) else "/console", 303)


class Open(BaseModel):
    """A form that is open: its name, its alert, and the state that its page showed."""

    form: str = Field(max_length=24)
    alert: str = Field(max_length=64)
    seen: str = Field("", max_length=100)


@router.post("/console/editing/live.json")
@rule(SUBMITTER)
def around(services: Given, officer: SignedIn, mine: Annotated[Open, Form()]) -> Response:
    """Who else has this alert open, what they typed, what was stored meanwhile: asked by an open form every few seconds."""
    names = services.gazetteer.name

    def shown(record: Mapping[str, Any]) -> dict[str, str]:
        return as_form(record, names)

    found = editing.look(services, officer, mine.alert, mine.form, shown)
    told = _told(services, officer, mine, found)
    return JSONResponse(_words(found, told), headers={"cache-control": "no-store"})


def _moment(text: str) -> datetime | None:
    """As we wrote it; what is none is not known."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def said(values: Mapping[str, str]) -> dict[str, str]:
    """What of a form is kept."""
    return {name: text for name, text in values.items() if name not in _LEFT_OUT}


def form_of(values: Mapping[str, str]) -> str:
    """The name that a form's page gave it."""
    return values.get("identifier", "")


def keep_refused(services: Services, officer: Officer, sent: Posted, alert_id: str) -> None:
    """A form that was shown again is kept as well: also where no script keeps it."""
    with suppress(LookoutError):
        copies.keep(services, officer, form_of(sent.values), Typed(said(sent.values), sent.photos), alert_id or None)


def found_again(services: Services, officer: Officer, form: str, view: AlertView | None = None) -> Copy:
    """What was kept. NotFound once it is gone."""
    copy = copies.find(services, officer, form, view.row.id if view else None)
    if copy is None:
        raise NotFound("what was typed there is kept no longer: it was submitted, discarded, or is older than a day")
    return copy


def offers_new(services: Services, officer: Officer) -> list[Offer]:
    """The forms of new alerts that this officer left."""
    return [_offer(copy, "/console/new", "A new alert") for copy in copies.list_kept(services, officer)]


def offers_of(services: Services, officer: Officer, view: AlertView) -> list[Offer]:
    """Changes of this alert that this officer left, where it can still be changed so."""
    if view.area is None:
        return []
    try:
        kept = copies.list_kept(services, officer, view.row.id)
    except Over:  # a moment ago
        return []
    return [offer for copy in kept if (offer := _offer_of(copy, view)) is not None]


def _offer_of(copy: Copy, view: AlertView) -> Offer | None:
    at, actions = f"/console/alerts/{view.row.id}", set(view.actions)
    if step := _STEPS.get(copy.values.get(STEP, "")):
        action, what = step
        return _offer(copy, at, what) if action in actions else None
    if view.record is None or not {"edit", "update"} & actions:
        return None
    return _offer(copy, f"{at}/{'update' if 'update' in actions else 'edit'}", "Changes")


@dataclass(frozen=True, slots=True)
class Keeps:
    """What such a form of the alert's page is kept as: under which name, and when it was last."""

    step: str
    form: str
    since: datetime | None


def keeps(step: str, entered: Mapping[str, str], since: datetime | None) -> Keeps:
    """`entered`: what is in it; an empty one has a new name."""
    return Keeps(step, form_of(entered) or secrets.token_hex(12), since if entered else None)


def area_found(services: Services, officer: Officer, form: str, view: AlertView) -> dict[str, Any]:
    """What the alert's page shows in the form of an area that was left."""
    copy = found_again(services, officer, form, view)
    return {"entered": dict(copy.values), "shrinking": copy.values.get(STEP) == "shrink", "since": copy.saved_at}


def restored(copy: Copy) -> list[form_page.Held]:
    """Its photos, as if they had just been chosen."""
    came = (form_page.carried(content, f"u{number}") for number, content in enumerate(copy.photos))
    return [one for one in came if one is not None]


def as_form(record: Mapping[str, Any], name: Callable[[str], str]) -> dict[str, str]:
    """A record as the form has it, places by name."""
    codes = (record.get("area") or {}).get("same") or ()
    return form_page.from_record(record, {code: name(code) for code in codes})


_OURS = re.compile(r"/console(/new|/alerts/[A-Za-z0-9_-]{1,64}(/edit|/update)?)?")


def _offer(copy: Copy, at: str, what: str) -> Offer:
    """Named by its time and its case number: a child's name would stand on a page that only lists."""
    number = copy.values.get("case_number", "").strip()
    named = f"{what} ({number})" if number else what
    return Offer(copy.saved_at, named, f"{at}?copy={copy.form}", f"/console/copies/{copy.form}/discard")


def _told(services: Services, officer: Officer, mine: Open, found: Around) -> Sequence[str]:
    looked = meanwhile.read(mine.seen)
    if looked.tag == found.tag:
        return ()
    return [one.words for one in meanwhile.told(services, officer, mine.alert, looked)]


def _words(found: Around, told: Sequence[str]) -> dict[str, Any]:
    """What the script shows: people, sentences, and each field on which two differ."""
    fields = [_field(name, text, "", stored=True) for name, text in found.stored.items()]
    for one in found.others:
        fields += [_field(name, text, one.who, stored=False) for name, text in one.typed.items()]
    people = [{"who": one.who, "here": one.here, "at": one.at.isoformat()} for one in found.others]
    return {"people": people, "told": list(told), "fields": fields, "seen": f"{found.tag}.{found.logged}"}


def _field(name: str, text: str, who: str, *, stored: bool) -> dict[str, Any]:
    return {"name": name, "label": whole_label(name), "text": text, "who": who, "stored": stored}
