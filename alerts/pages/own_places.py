"""/inbox/places: the places that this browser's owner is told about: shown by their towns, added, removed."""

from __future__ import annotations

import contextlib
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from alerts.api import access
from alerts.api.access import PUBLIC, Given, rule
from alerts.errors import NotFound
from alerts.pages import frame, place_map, reader, render, towns
from alerts.pages.place_map import Tapped
from alerts.pages.reader import who
from alerts.pages.words import words
from alerts.service import places
from alerts.service.languages import spoken
from alerts.services import Services
from geo import cities
from geo.keeping import Kept

router = APIRouter(include_in_schema=False)

AT = "/inbox/places"
MOST = 5  # enough for home, work, school and two more; programs may keep more (`geo.kinds`)


class Asked(BaseModel):
    """The form as it was sent: a town, or what the device says, coarse."""

    place: str = Field("", max_length=200)
    of: str = Field("", max_length=64)
    here: str = Field("", max_length=40)
    near: str = Field("", max_length=1)
    choice: str = Field("", max_length=40)
    asked_for: str = Field("", max_length=200)  # the name that the choice was offered for


@router.get(AT)
@rule(PUBLIC)
def show(request: Request, services: Given) -> Response:
    """All of them."""
    recipient_id = who(request, services)
    return RedirectResponse("/subscribe", 303) if recipient_id is None else _page(services, request, recipient_id)


@router.post(AT)
@rule(PUBLIC)
def add(request: Request, services: Given, asked: Annotated[Asked, Form()]) -> Response:
    """One more, or the form again with what is missing."""
    access.refuse_foreign_origin(request, services)
    recipient_id = reader.meant(request, services, asked.of)
    if recipient_id is None:
        return RedirectResponse(AT, 303)
    said = words(frame.language_of(request, services), spoken(services))
    own = places.list_own(services, recipient_id)
    choice = asked.choice if asked.asked_for == asked.place else ""
    found = towns.find(services.gazetteer, asked.place, choice, asked.here)
    shown: dict[str, Any] = {"place": asked.place, "here": asked.here, "near": asked.near}
    if len(own) >= MOST:
        return _page(services, request, recipient_id, shown, faults={"place": [said["places_full"]]})
    if not found:
        wrong = said["sub_place_unknown" if asked.place.strip() else "sub_place_missing"]
        return _page(services, request, recipient_id, shown, faults={"place": [wrong]})
    if len(found) > 1:
        return _page(services, request, recipient_id, shown, choices=found)
    places.move(services, recipient_id, found[0].lon, found[0].lat, *_free(own))
    return RedirectResponse(AT, 303)


@router.post(AT + "/map")
@rule(PUBLIC)
def tap(request: Request, services: Given, posted: Tapped) -> Response:
    """The form with the map on which the place is tapped, nearer with each tap. Nothing is kept."""
    access.refuse_foreign_origin(request, services)
    recipient_id, language = who(request, services), frame.language_of(request, services)
    if recipient_id is None:
        return RedirectResponse("/subscribe", 303)
    said = words(language, spoken(services))
    if place_map.too_many(request):
        return _page(services, request, recipient_id, faults={"place": [said["place_map_wait"]]})
    found = place_map.look(services, posted, said, miles=language == "en")
    shown = {"here": found["here"], "near": str(found["near"] or "")}
    return _page(services, request, recipient_id, shown, map=found)


@router.post(AT + "/{kind}/{number}/remove")
@rule(PUBLIC)
def remove(
    kind: Annotated[str, Path(max_length=16)],
    number: Annotated[int, Path(ge=0, le=99)],
    request: Request,
    services: Given,
    of: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Nobody is told of alerts there any more; the only one stays. Again is harmless."""
    access.refuse_foreign_origin(request, services)
    recipient_id = reader.meant(request, services, of)
    if recipient_id is None:
        return RedirectResponse(AT, 303)
    with contextlib.suppress(NotFound):
        places.remove(services, recipient_id, kind, number, but_the_last=True)
    return RedirectResponse(AT, 303)


def _free(own: list[Kept]) -> tuple[str, int]:
    """Which kind and number the next place has: a home first, then those one follows."""
    taken = {(one.kind, one.number) for one in own}
    if ("home", 0) not in taken:
        return "home", 0
    return "followed", next(number for number in range(1, MOST + 1) if ("followed", number) not in taken)


def _page(
    services: Services, request: Request, recipient_id: int, values: dict[str, str] | None = None, **more: Any
) -> Response:
    language = frame.language_of(request, services)
    said, faults = words(language, spoken(services)), more.get("faults", {})
    own = places.list_own(services, recipient_id)
    shown = {
        "w": said,
        "of": reader.public_id_of(services, recipient_id),
        "own": [(f"{one.kind}/{one.number}", cities.nearest(one.lon, one.lat)) for one in own],
        "full": len(own) >= MOST,
        "most": MOST,
        "values": {"place": "", "here": "", "near": ""} | (values or {}),
        "choices": more.get("choices", ()),
        "tap": more.get("map") or place_map.chosen(values or {}),
        "faults": faults,
        "summary": [(name, message) for name, messages in faults.items() for message in messages],
    }
    page = frame.values(services, None, "", said["places_title"], **shown) | {"language": language}
    status = 422 if faults or shown["choices"] else 200
    return render.page("own_places.html", status=status, **page)
