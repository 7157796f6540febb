"""A place tapped on a map, for who signs up or adds one: the same form again, with all that was chosen in it.

What is kept of the tap is what a device would tell: a position to two decimals, about a kilometre.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

import shapely
from fastapi import Depends, Request

from alerts import agencies
from alerts.api.limits import Throttle
from alerts.pages import tap_map
from alerts.pages.map.frame import SHEET, Box, Frame, fit
from alerts.pages.map.svg import Captions
from alerts.pages.tap_map import Spot
from alerts.services import Services
from geo import cities
from geo.shapes import Shape
from notifiers.transactions import reading

TAPS_A_MINUTE = 120  # of one address: each draws a map
_NOTHING = Shape(shapely.MultiPolygon())
_UNITED_STATES = (-125.0, 24.0, -66.0, 50.0)  # where no agency is known yet, and for one of the whole union
_WIDEST = 60.0  # degrees of longitude: a wider map shows no town to tap at
_LEAST_M = 20_000.0  # of the map's width
_MOST_FIELDS = 30


async def _posted(request: Request) -> Mapping[str, str]:
    form = await request.form(max_files=0, max_fields=_MOST_FIELDS)
    return {name: value for name, value in form.items() if isinstance(value, str)}


Tapped = Annotated[Mapping[str, str], Depends(_posted)]


def look(services: Services, posted: Mapping[str, str], said: Mapping[str, str], *, miles: bool) -> dict[str, Any]:
    """What a form with a map shows: where was tapped by now (`here`, as a device would tell it, and `near`), the town
    there, and the map that comes nearer with each tap.
    """
    whole, before = _whole(services), _spot(posted)
    tapped = tap_map.tapped(posted, tap_map.frame_of(whole, before))
    spot = None if "unmark" in posted else _nearer(whole, before, tapped) if tapped else before
    captions = Captions(said["place_map_alt"], miles=miles)
    mark = (spot, said["saw_here"]) if spot else None
    return {
        "map": tap_map.picture(services.gazetteer, _NOTHING, tap_map.frame_of(whole, spot), captions, mark=mark),
        "widths": tap_map.WIDTHS,
        "sheet": SHEET,
        "here": f"{spot.lon:.2f},{spot.lat:.2f}" if spot else "",
        "near": spot.zoom if spot else 0,
        "town": cities.nearest(spot.lon, spot.lat) if spot else "",
    }


def chosen(values: Mapping[str, str]) -> dict[str, Any]:
    """A form without a map: the town of what was tapped or told by the device before, if any was."""
    lon, _, lat = values.get("here", "").partition(",")
    spot = tap_map.spot_of(lon, lat, "1")
    return {"map": None, "town": cities.nearest(spot.lon, spot.lat) if spot else ""}


def too_many(request: Request) -> bool:
    """Whether so many maps were drawn for this address within a minute that it waits."""
    state = request.app.state
    if not hasattr(state, "place_taps"):
        state.place_taps = Throttle(TAPS_A_MINUTE)
    return bool(state.place_taps.wait_s(request.client.host if request.client else "", time.monotonic()))


def _nearer(whole: Frame, before: Spot | None, tapped: Spot) -> Spot:
    """What was tapped, with a map that comes nearer as long as it still shows more than what is kept."""
    found = tap_map.nearer(before, tapped)
    wide_m = tap_map.frame_of(whole, found).metres_a_unit * SHEET[0]
    return found if before is None or wide_m >= _LEAST_M else replace(tapped, zoom=before.zoom)


def _spot(posted: Mapping[str, str]) -> Spot | None:
    """Where the map was tapped before; None for a map that was not, and for what our page did not write."""
    lon, _, lat = posted.get("here", "").partition(",")
    return tap_map.spot_of(lon, lat, posted.get("near", ""))


def _whole(services: Services) -> Frame:
    """What the agencies of this house answer for, the oldest first, as far as it goes on one map."""
    with reading(services.engine) as connection:
        shapes = agencies.list_jurisdictions(connection)
    chosen: list[Box] = []
    for shape in shapes:
        chosen = both if _width(both := [*chosen, *shape.bounds]) <= _WIDEST else chosen
    return fit(Shape(shapely.MultiPolygon([shapely.box(*box) for box in chosen or [_UNITED_STATES]])))


def _width(boxes: Sequence[Box]) -> float:
    """Degrees from the westernmost to the easternmost; more than there is where they lie on both sides of 180."""
    return max((box[2] for box in boxes), default=0.0) - min((box[0] for box in boxes), default=0.0)
