"""The public's form "I saw something": the call button first, then a few fields and a map to tap on. No script is needed.

What is written is never in an address, an answer that is kept, or a log; a fault shows it once more to who wrote it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup

from alerts import reading
from alerts.api import access
from alerts.api.access import PUBLIC, GatedRoute, Given, rule
from alerts.api.limits import Throttle
from alerts.errors import NotFound, Over, TooOften
from alerts.pages import render, saw_form, tap_map
from alerts.pages.map.frame import SHEET, Frame, fit
from alerts.pages.map.svg import Captions
from alerts.pages.memo import Memo
from alerts.pages.public_page import dialled
from alerts.pages.saw_form import Entry, Stamp
from alerts.pages.tap_map import Spot
from alerts.pages.words import base, choose, name_of, offered, words
from alerts.reports import PublicAlert
from alerts.service import tips
from alerts.service.languages import spoken
from alerts.services import Services

router = APIRouter(include_in_schema=False, route_class=GatedRoute)

STYLE = ("base.css", "public.css", "saw.css")
TAPS_A_MINUTE = 120  # of one address: each draws a map
_MOST_FIELDS = 30

Token = Annotated[str, Path(max_length=64)]
Language = Annotated[str | None, Query(max_length=35)]


async def _posted(request: Request) -> Mapping[str, str]:
    """The fields as texts; what is uploaded is not read."""
    form = await request.form(max_files=0, max_fields=_MOST_FIELDS)
    return {name: value for name, value in form.items() if isinstance(value, str)}


Posted = Annotated[Mapping[str, str], Depends(_posted)]


@dataclass(frozen=True, slots=True)
class _Visit:
    """An alert, and in which language its form is shown."""

    services: Services
    alert: PublicAlert
    reader: str  # the agency it goes to
    language: str
    maps: Memo[str | None]  # of whole areas, drawn once for a crowd

    @property
    def words(self) -> Mapping[str, str]:
        return words(self.language, spoken(self.services))

    @property
    def secret(self) -> bytes:
        return tips.secret(self.services.vault)

    @property
    def whole(self) -> Frame | None:
        """The map of all of the search area; None where there is none to draw."""
        area = self.alert.area
        return None if area is None or area.is_empty else fit(area)

    def new_stamp(self) -> Stamp:
        return saw_form.new_stamp(self.secret, self.alert.token, self.services.clock())

    def read_stamp(self, text: str) -> Stamp | None:
        return saw_form.read_stamp(self.secret, self.alert.token, text, self.services.clock())


@router.get("/a/{token}/saw")
@rule(PUBLIC)
def form(token: Token, request: Request, services: Given, lang: Language = None) -> Response:
    """The form, or that the alert is over."""
    visit = _visit(services, request, token, lang)
    return _over(visit, 200) if visit.alert.over else _form(visit, Entry())


@router.post("/a/{token}/saw/place")
@rule(PUBLIC)
def mark(token: Token, request: Request, services: Given, posted: Posted, lang: Language = None) -> Response:
    """The map was tapped, or its mark is to go: the form again, with all that was written. Nothing is kept."""
    access.refuse_foreign_origin(request, services)
    visit = _visit(services, request, token, lang)
    if visit.alert.over or visit.whole is None:
        return _over(visit, 409)
    entry = saw_form.read(posted)
    if _too_many(request):
        return _form(visit, entry, {"": [visit.words["saw_too_often"]]}, status=429)
    spot = tap_map.tapped(posted, tap_map.frame_of(visit.whole, entry.spot))
    marked = tap_map.nearer(entry.spot, spot) if spot else entry.spot
    return _form(visit, replace(entry, spot=None if "unmark" in posted else marked), at_map=True)


@router.post("/a/{token}/saw")
@rule(PUBLIC)
def send(token: Token, request: Request, services: Given, posted: Posted, lang: Language = None) -> Response:
    """Kept for the agency, encrypted to it; on to the thanks. Every fault beside its field, and nothing kept, else."""
    access.refuse_foreign_origin(request, services)
    visit, entry = _visit(services, request, token, lang), saw_form.read(posted)
    if visit.alert.over:
        return _over(visit, 409)
    stamp = visit.read_stamp(entry.stamp)
    faults = saw_form.faults(entry, stamp, services.clock(), visit.words)
    if faults or stamp is None:
        return _form(visit, entry, faults, status=422)
    return _sent(visit, entry, stamp, request.client.host if request.client else "")


@router.get("/a/{token}/saw/{reference}")
@rule(PUBLIC)
def thanks(token: Token, reference: Annotated[str, Path(max_length=16)], request: Request, services: Given, lang: Language = None) -> Response:  # fmt: skip
    """That it arrived, and its reference. Nothing of what it says."""
    visit = _visit(services, request, token, lang)
    if not tips.was_taken(services, token, reference):
        raise NotFound("there is no such tip")
    return _page("saw_thanks.html", _values(visit) | {"title": visit.words["saw_thanks"], "reference": reference})


def _sent(visit: _Visit, entry: Entry, stamp: Stamp, client: str) -> Response:
    token, key = visit.alert.token, saw_form.form_hash(visit.secret, stamp)
    try:
        said = saw_form.said(entry, visit.language)
        reference = tips.send(visit.services, token, said, form=key, client=client)
    except Over:
        return _over(visit, 409)
    except TooOften as fault:
        answer = _form(visit, entry, {"": [visit.words["saw_too_often"]]}, status=429)
        answer.headers["Retry-After"] = str(int(fault.wait_s) + 1)
        return answer
    return RedirectResponse(f"/a/{quote(token, safe='')}/saw/{reference}?lang={visit.language}", 303)


def _visit(services: Services, request: Request, token: str, lang: str | None) -> _Visit:
    """NotFound for a token that is none."""
    alert = reading.public_alert(services, token)
    reader = tips.reader_of(services, token)
    language = base(choose(offered(spoken(services)), lang, request.headers.get("accept-language")))
    return _Visit(services, alert, reader, language, request.app.state.saw_maps)


def _form(
    visit: _Visit,
    entry: Entry,
    faults: Mapping[str, Sequence[str]] | None = None,
    *,
    status: int = 200,
    at_map: bool = False,
) -> Response:
    stamp = visit.read_stamp(entry.stamp) or visit.new_stamp()
    shown = {
        "title": visit.words["saw"],
        "entry": entry,
        "faults": faults or {},
        "stamp": stamp.text,
        "trap": saw_form.TRAP,
        "most": saw_form.MOST,
        "map": _map(visit, entry.spot) if entry.spot else _whole_map(visit),
        "widths": tap_map.WIDTHS,
        "sheet": SHEET,
        "at_map": at_map,
    }
    return _page("saw.html", _values(visit) | shown, status)


def _over(visit: _Visit, status: int) -> Response:
    return _page("saw_over.html", _values(visit) | {"title": visit.words["over"]}, status)


def _values(visit: _Visit) -> dict[str, Any]:
    alert = visit.alert
    number = None if alert.over else alert.contact_telephone
    return {
        "language": visit.language,
        "languages": [(tag, name_of(tag)) for tag in offered(spoken(visit.services))],
        "w": visit.words,
        "exercise": alert.status != "Actual",
        "page_path": f"/a/{alert.token}",
        "agency": visit.reader,
        "telephone": number,
        "telephone_link": dialled(number),
        "style": render.inline(*STYLE),
    }


def _whole_map(visit: _Visit) -> str | None:
    alert = visit.alert
    key = (alert.token, alert.version, alert.sent_at, alert.area.digest if alert.area else "", visit.language)
    return visit.maps.get(key, lambda: _map(visit, None))


def _map(visit: _Visit, spot: Spot | None) -> str | None:
    whole, area, said = visit.whole, visit.alert.area, visit.words
    if whole is None or area is None:
        return None
    captions = Captions(said["saw_map_alt"], said["last_seen"], miles=visit.language == "en")
    return tap_map.picture(
        visit.services.gazetteer,
        area,
        tap_map.frame_of(whole, spot),
        captions,
        last_seen=visit.alert.last_seen,
        mark=(spot, said["saw_here"]) if spot else None,
    )


def _too_many(request: Request) -> bool:
    state = request.app.state
    if not hasattr(state, "saw_taps"):
        state.saw_taps = Throttle(TAPS_A_MINUTE)
    return bool(state.saw_taps.wait_s(request.client.host if request.client else "", time.monotonic()))


def _page(template: str, values: Mapping[str, Any], status: int = 200) -> Response:
    """Kept by nobody. Its form has a key of its own, which says nothing of who sends it (`saw_form.Stamp`)."""
    headers = {
        "cache-control": "no-store",
        "content-security-policy": render.policy(style=Markup(values["style"])),  # noqa: S704 our own file
        "referrer-policy": "same-origin",
    }
    return HTMLResponse(render.text(template, values), status, headers)
