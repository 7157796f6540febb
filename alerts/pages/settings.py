"""/inbox/settings: all that somebody chose on one page: places, hours, which alerts, languages, ways, and the way out.

Whole without script. Reached from the inbox, from a push's own button, and from the link in every message.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from alerts.api import access
from alerts.api.access import PUBLIC, Given, rule
from alerts.errors import Refused
from alerts.pages import frame, reader, render
from alerts.pages.leaving import way_names
from alerts.pages.reader import who
from alerts.pages.words import words
from alerts.programme import AlertClass
from alerts.service import places, quieting, refusing, tongues, whys
from alerts.service.languages import spoken
from alerts.services import Services
from geo import cities
from notifiers.catalogues import NAMES

router = APIRouter(include_in_schema=False)

AT = "/inbox/settings"
Choice = Annotated[str, Field(max_length=35)]


class Classes(BaseModel):
    """Which alerts are ticked."""

    of: str = Field("", max_length=64)
    what: list[AlertClass] = Field(default_factory=list, max_length=len(AlertClass))


class Tongues(BaseModel):
    """The languages chosen; an empty one is none."""

    of: str = Field("", max_length=64)
    first: Choice = "en"
    second: Choice = ""
    third: Choice = ""


@router.get(AT)
@rule(PUBLIC)
def show(request: Request, services: Given, done: Annotated[str, Query(max_length=10)] = "") -> Response:
    """As it is set."""
    recipient_id = who(request, services)
    if recipient_id is None:
        return RedirectResponse("/subscribe", 303)
    return _page(services, request, recipient_id, done=done == "kept")


@router.post(AT + "/what")
@rule(PUBLIC)
def choose(request: Request, services: Given, asked: Annotated[Classes, Form()]) -> Response:
    """These classes of alerts alone, or the page again where none was ticked."""
    access.refuse_foreign_origin(request, services)
    recipient_id = reader.meant(request, services, asked.of)
    if recipient_id is None:
        return RedirectResponse(AT, 303)
    try:
        refusing.want(services, recipient_id, asked.what)
    except Refused:
        return _page(services, request, recipient_id, wanted=(), fault=("what", "what_none"))
    return RedirectResponse(f"{AT}?done=kept", 303)


@router.post(AT + "/languages")
@rule(PUBLIC)
def speak(request: Request, services: Given, asked: Annotated[Tongues, Form()]) -> Response:
    """These languages, in this order; one chosen twice counts once."""
    access.refuse_foreign_origin(request, services)
    recipient_id = reader.meant(request, services, asked.of)
    if recipient_id is None:
        return RedirectResponse(AT, 303)
    tongues.write(services, recipient_id, [one for one in (asked.first, asked.second, asked.third) if one])
    return RedirectResponse(f"{AT}?done=kept", 303)


def _page(services: Services, request: Request, recipient_id: int, **more: Any) -> Response:
    language = frame.language_of(request, services)
    said = words(language, spoken(services))
    hours, why = quieting.read(services, recipient_id), whys.of_recipient(services, recipient_id)
    name, word = more.get("fault", ("", ""))
    chosen = tongues.read(services, recipient_id)
    shown = {
        "w": said,
        "of": reader.public_id_of(services, recipient_id),
        "around": [cities.nearest(one.lon, one.lat) for one in places.list_own(services, recipient_id)],
        "hours": hours and (quieting.on_the_wall(hours.starts), quieting.on_the_wall(hours.ends)),
        "classes": [one.value for one in AlertClass],
        "wanted": {one.value for one in more.get("wanted", refusing.wanted(services, recipient_id))},
        "chosen": (*chosen, "", "", "")[: tongues.MOST],
        "languages": _offered(chosen),
        "ways": way_names(said, why, language),
        "done": more.get("done", False),
        "fault": {name: said[word]} if word else {},
    }
    page = frame.values(services, None, "", said["settings"], **shown) | {"language": language}
    return render.page("settings.html", status=422 if word else 200, **page)


def _offered(chosen: tuple[str, ...]) -> list[tuple[str, str]]:
    """Ours, and whatever else they read: what a program chose is not taken away by a look at this page."""
    return [*NAMES.items(), *((one, one) for one in chosen if one not in NAMES)]
