"""What the drawing map shows under the officer's hand: borders, names of places, the jurisdiction. No tiles: our own data.

The map is a second way to fill the area's fields; they stay the way for the keyboard, and what is sent.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

import shapely
from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from alerts.agencies import Officer
from alerts.api.access import OFFICER, GatedRoute, Given, SignedIn, rule
from alerts.pages.map import around
from alerts.service import ground
from alerts.services import Services
from geo.shapes import Shape

router = APIRouter(include_in_schema=False, route_class=GatedRoute)

_DETAIL = 800  # points across the frame that can be told apart
Lon = Annotated[float, Query(ge=-540, le=540)]
Lat = Annotated[float, Query(ge=-90, le=90)]


@router.get("/console/outlines")
@rule(OFFICER)
def outlines(services: Given, officer: SignedIn, west: Lon, south: Lat, east: Lon, north: Lat) -> JSONResponse:
    """Borders, places and the jurisdiction in a frame, as coarse as its width allows; the frame is at least a speck."""
    frame = (west, south, max(east, west + 1e-6), max(north, south + 1e-6))
    scene = around(services.gazetteer).within(frame)
    step = (frame[2] - frame[0]) / _DETAIL
    found = {
        "states": _lines(scene.states, step),
        "counties": _lines(scene.counties, step),
        "places": [[place.name, place.lon, place.lat] for place in scene.places[:25]],
        "ground": _ground(services, officer, frame, step),
    }
    return JSONResponse(found, headers={"cache-control": "private, max-age=300"})


def shape_json(area: Shape, outside: Shape | None) -> str:
    """The area as it will be matched, and its part outside of the jurisdiction, for the map under the drawing."""
    return json.dumps({"area": _drawn(area), "outside": _drawn(outside) if outside else None}, separators=(",", ":"))


def bounds_of(officer: Officer) -> str:
    """Where the map opens when nothing is drawn yet: west, south, east, north of the jurisdiction."""
    if officer.agency is None:
        return ""
    boxes = officer.agency.jurisdiction.bounds
    return ",".join(f"{value:.3f}" for value in boxes[0]) if boxes else ""


def _drawn(shape: Shape) -> dict[str, Any]:
    """Its polygons as GeoJSON, circles apart with their radius: neither is made of the other."""
    rough = shapely.simplify(shape.polygons, 1e-4)
    circles = [[circle.lon, circle.lat, circle.radius_m] for circle in shape.circles]
    return {"polygons": shapely.geometry.mapping(rough), "circles": circles}


def _lines(lines: Sequence[shapely.Geometry], step: float) -> Any:
    return shapely.geometry.mapping(shapely.simplify(shapely.GeometryCollection(list(lines)), step))


def _ground(services: Services, officer: Officer, frame: tuple[float, ...], step: float) -> Any:
    if officer.agency is None:
        return None
    shape = ground.of(services, officer.agency.id).shape
    border = shapely.clip_by_rect(
        shapely.boundary(shape.polygons), frame[0] - 1, frame[1] - 1, frame[2] + 1, frame[3] + 1
    )
    return shapely.geometry.mapping(shapely.simplify(border, step))
