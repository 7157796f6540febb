"""The search area in the console: its fields, its map, and the people in it while it is being entered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import HTMLResponse, JSONResponse
from markupsafe import Markup
from pydantic import BaseModel, Field

from alerts.agencies import Officer
from alerts.api.access import OFFICER, Given, SignedIn, rule
from alerts.errors import Refused
from alerts.model import Problem, Severity
from alerts.pages import alert_view, area_form, render
from alerts.pages.map import around, draw
from alerts.pages.map.svg import Captions
from alerts.reports import ReachView
from alerts.service import reach
from alerts.services import Services
from geo.shapes import Shape

router = APIRouter(include_in_schema=False)

EMPTY = dict.fromkeys(area_form.FIELDS, "") | {"radius_unit": "mi"}
_MOST = 400_000


class Entered(BaseModel):
    """The area's fields and the kind of alert, as the form sends them."""

    places: str = Field("", max_length=_MOST)
    latitude: str = Field("", max_length=40)
    longitude: str = Field("", max_length=40)
    radius: str = Field("", max_length=40)
    radius_unit: str = Field("mi", max_length=4)
    coordinates: str = Field("", max_length=_MOST)
    status: str = Field("Exercise", max_length=10)


@router.post("/console/area")
@rule(OFFICER)
def preview(services: Given, officer: SignedIn, entered: Annotated[Entered, Form()]) -> Response:
    """The map and the number of people for what is entered so far, as a piece of the page."""
    piece = shown(services, officer, entered.model_dump(), entered.status)
    return HTMLResponse(piece, headers={"cache-control": "no-store"})


@router.get("/console/places")
@rule(OFFICER)
def find(services: Given, q: Annotated[str, Query(min_length=2, max_length=80)]) -> Response:
    """Counties and states whose name or code fits, for the search beside the field."""
    return JSONResponse([{"code": code, "name": name} for code, name in services.gazetteer.search(q, 8)])


def shown(
    services: Services, officer: Officer, values: Mapping[str, str], status: str, *, quiet: bool = False
) -> Markup:
    """The preview of what is entered: map, people, what is to be said about it; an invitation where nothing is.

    `quiet` leaves the faults out, where they stand beside the fields already.
    """
    entry = area_form.read(values, services.gazetteer)
    problems = [Problem(Severity.ERROR, name, name, text) for name, texts in entry.faults.items() for text in texts]
    found: ReachView | None = None
    if entry.area:
        try:
            found = reach.preview(services, entry.area, status=status, officer=officer)
            problems += found.problems
        except Refused as fault:
            problems += fault.problems
    return _preview(services, found, () if quiet else problems, status)


def fields(values: Mapping[str, str], faults: Mapping[str, Sequence[str]]) -> Markup:
    """The three ways to give an area."""
    shown_values = EMPTY | {name: value for name, value in values.items() if name in EMPTY}
    return Markup(render.text("area_fields.html", {"values": shown_values, "faults": faults}))  # noqa: S704 a template


def map_of(services: Services, area: Shape, last_seen: tuple[float, float] | None = None) -> Markup:
    """The area in its surroundings."""
    captions = Captions("Map of the search area")
    drawn = draw(area, around(services.gazetteer), captions=captions, last_seen=last_seen)
    return Markup(drawn)  # noqa: S704 drawn by us, names in it escaped there


def _preview(services: Services, found: ReachView | None, problems: Sequence[Problem], status: str) -> Markup:
    usable = found is not None and found.area is not None
    values = {
        "map": map_of(services, found.area) if found and found.area else None,
        "reach": found.recipients if found and usable else None,
        "tests": status != "Actual",
        "parts": alert_view.by_channel(found),
        "problems": [
            {"error": problem.severity is Severity.ERROR, "message": problem.message}
            for problem in problems
            if problem.severity is not Severity.ADVICE
        ],
    }
    return Markup(render.text("area_preview.html", values))  # noqa: S704 a template
