"""The search area in the console: its fields, its map, and the people in it while it is being entered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import HTMLResponse, JSONResponse
from markupsafe import Markup
from pydantic import BaseModel, Field
from shapely.geometry import mapping

from alerts import reading
from alerts.agencies import Officer
from alerts.api.access import OFFICER, GatedRoute, Given, SignedIn, rule
from alerts.errors import Conflict, NotFound, Refused
from alerts.model import Problem, Severity
from alerts.outside import SticksOut
from alerts.pages import alert_view, area_form, drawing, render
from alerts.pages.delivery import expected_words
from alerts.pages.map import around, draw
from alerts.pages.map.svg import Captions
from alerts.reports import AlertView, ReachView
from alerts.service import reach, reducing
from alerts.service.reducing import Less
from alerts.services import Services
from geo.drawing import area_km2
from geo.shapes import Shape

router = APIRouter(include_in_schema=False, route_class=GatedRoute)

EMPTY = dict.fromkeys(area_form.FIELDS, "") | {"radius_unit": "mi"}
_MOST = 400_000


class Entered(BaseModel):
    """The area's fields and the kind of alert, as the form sends them."""

    places: str = Field("", max_length=_MOST)
    around: str = Field("", max_length=200)
    latitude: str = Field("", max_length=60)
    longitude: str = Field("", max_length=40)
    radius: str = Field("", max_length=40)
    radius_unit: str = Field("mi", max_length=4)
    coordinates: str = Field("", max_length=_MOST)
    status: str = Field("Exercise", max_length=10)
    programme: str = Field("", max_length=40)
    add_to: str = Field("", max_length=40, description="The alert whose area is enlarged by what is entered.")
    within: str = Field("", max_length=40, description="The alert whose area is shrunk to what is entered.")
    shape: str = Field("", max_length=1, description="1: the map is open, and shows the area as it will be matched.")
    changes: str = Field("", max_length=40, description="The alert that is updated, or changed before its approval.")


@dataclass(frozen=True, slots=True)
class _Asked:
    """The fields as they are, the kind of alert, and the area that they are added to, if any."""

    values: Mapping[str, str]
    status: str
    adds_to: Mapping[str, Any] | None = None
    alert_id: str = ""  # the alert whose people are told or not by this change
    shrinks: bool = False
    programme: str = ""


Seen = tuple[ReachView | None, list[Problem]]


@router.post("/console/area")
@rule(OFFICER)
def preview(services: Given, officer: SignedIn, entered: Annotated[Entered, Form()]) -> Response:
    """The map and the number of people for what is entered so far, as a piece of the page."""
    asked = _asked(services, officer, entered)
    piece = _piece(services, officer, asked, _look(services, officer, asked))
    return HTMLResponse(piece, headers={"cache-control": "no-store"})


@router.post("/console/area/reach")
@rule(OFFICER)
def count(services: Given, officer: SignedIn, entered: Annotated[Entered, Form()]) -> Response:
    """The numbers alone, which take a few milliseconds, while somebody types: the map follows when they pause."""
    asked = _asked(services, officer, entered)
    return HTMLResponse(
        _numbers(services, asked, *_look(services, officer, asked)), headers={"cache-control": "no-store"}
    )


@router.get("/console/places")
@rule(OFFICER)
def find(services: Given, q: Annotated[str, Query(min_length=2, max_length=80)]) -> Response:
    """Counties and states whose name or code fits, for the search beside the field."""
    return JSONResponse([{"code": code, "name": name} for code, name in services.gazetteer.search(q, 8)])


def shown(
    services: Services,
    officer: Officer,
    values: Mapping[str, str],
    status: str,
    *,
    changes: str = "",
    quiet: bool = False,
) -> Markup:
    """The preview of what is entered: map, people, what is to be said about it; an invitation where nothing is.

    `changes`: the alert that is updated or edited. `quiet` leaves the faults out, where they stand beside the fields.
    """
    asked = _Asked(values, status, alert_id=changes, programme=values.get("programme", ""))
    found, problems = _look(services, officer, asked)
    return _piece(services, officer, asked, (found, [] if quiet else problems))


def present(view: AlertView) -> dict[str, Any]:
    """The area as it is: as the record gave it, else as it is matched. NotFound once it is gone."""
    if view.record is not None:
        return dict(view.record.get("area") or {})
    if view.area is None:
        raise NotFound("the area of this alert is no longer kept")
    circles = [{"lon": one.lon, "lat": one.lat, "radius_m": one.radius_m} for one in view.area.circles]
    drawn = {} if view.area.polygons.is_empty else {"geojson": mapping(view.area.polygons)}
    return drawn | ({"circles": circles} if circles else {})


def _asked(services: Services, officer: Officer, entered: Entered) -> _Asked:
    """What is entered, and the alert it is to be added to, if any. NotFound."""
    if entered.within:
        status = reading.get_alert(services, officer, entered.within).row.status
        return _Asked(entered.model_dump(), status, alert_id=entered.within, shrinks=True)
    if not entered.add_to:
        return _Asked(entered.model_dump(), entered.status, alert_id=entered.changes, programme=entered.programme)
    view = reading.get_alert(services, officer, entered.add_to)
    programme = str((view.record or {}).get("programme") or "")
    return _Asked(entered.model_dump(), view.row.status, present(view), entered.add_to, programme=programme)


def _look(services: Services, officer: Officer, asked: _Asked) -> Seen:
    """Whom it would reach, and all that is to be said about it."""
    entry = area_form.read(asked.values, services.gazetteer)
    problems = [Problem(Severity.ERROR, name, name, text) for name, texts in entry.faults.items() for text in texts]
    if not entry.area:
        return None, problems
    area = entry.area if asked.adds_to is None else area_form.joined(asked.adds_to, entry.area)
    try:
        if asked.shrinks:
            return reducing.look(services, officer, asked.alert_id, Less((), area)), problems
        found = reach.preview(services, area, status=asked.status, programme=asked.programme, officer=officer)
    except Refused as fault:
        return None, [*problems, *fault.problems]
    except Conflict as fault:  # nothing is in force any more
        return None, [*problems, Problem.error("state", "", str(fault))]
    return found, [*problems, *found.problems]


def _piece(services: Services, officer: Officer, asked: _Asked, seen: Seen) -> Markup:
    area = seen[0].area if seen[0] else None
    outside = next((one.part for one in seen[1] if isinstance(one, SticksOut)), None)
    values = {
        "map": map_of(services, area, outside=outside) if area else None,
        "shape": drawing.shape_json(area, outside) if area and asked.values.get("shape") else "",
        "numbers": _numbers(services, asked, *seen),
        "change": _change(services, officer, asked, area) if area else [],
    }
    return Markup(render.text("area_preview.html", values))  # noqa: S704 a template


def _change(services: Services, officer: Officer, asked: _Asked, area: Shape) -> list[str]:
    """What it does to those told before, in the words of the page where it is approved."""
    if not asked.alert_id:
        return []
    enlarges = asked.adds_to is not None
    return alert_view.change_lines(reading.preview_change(services, officer, asked.alert_id, area, enlarges=enlarges))


def fields(
    values: Mapping[str, str],
    faults: Mapping[str, Sequence[str]],
    prefix: str = "",
    bounds: str | None = None,
    preview: Markup | None = None,
) -> Markup:
    """The ways to give an area; `prefix` tells the ids of two such forms on one page apart; `bounds`
    is where the map to draw on opens (`drawing.bounds_of`); None: there is neither map nor file. `preview` stands
    below that map: what changes while somebody draws must not move what they draw on.
    """
    shown_values = EMPTY | {name: value for name, value in values.items() if name in EMPTY}
    filled = {"values": shown_values, "faults": faults, "prefix": prefix, "bounds": bounds, "preview": preview}
    return Markup(render.text("area_fields.html", filled))  # noqa: S704 a template


def map_of(
    services: Services, area: Shape, last_seen: tuple[float, float] | None = None, outside: Shape | None = None
) -> Markup:
    """The area in its surroundings; what lies outside of the jurisdiction stands out."""
    captions = Captions("Map of the search area" + (", with the part outside of your jurisdiction" if outside else ""))
    drawn = draw(area, around(services.gazetteer), captions=captions, last_seen=last_seen, outside=outside)
    return Markup(drawn)  # noqa: S704 drawn by us, names in it escaped there


def _numbers(services: Services, asked: _Asked, found: ReachView | None, problems: Sequence[Problem]) -> Markup:
    """Counted, by channel and by language, and what is to be said: the part of the preview that is quick."""
    counted = found.reach if found and found.area else None
    values = {
        "reach": counted,
        "tests": asked.status != "Actual",
        "enlarges": asked.adds_to is not None,
        "lines": [("By channel", alert_view.by_channel(counted)), ("By language", alert_view.by_language(counted))],
        "expected": expected_words(reach.expect(services, counted)) if counted else "",
        "km2": _size(area_km2(found.area)) if found and found.area else None,
        "problems": [
            {"error": problem.severity is Severity.ERROR, "message": _sentence(problem.message)}
            for problem in problems
            if problem.severity is not Severity.ADVICE
        ],
    }
    return Markup(render.text("area_reach.html", values))  # noqa: S704 a template


def _size(km2: float) -> str:
    """In words, to three digits."""
    miles2 = km2 / 2.589988110336
    return f"{render.number(round(miles2))} square miles" if miles2 >= 10 else f"{miles2:.2g} square miles"


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:] + ("" if message.endswith((".", "?", "!")) else ".")
