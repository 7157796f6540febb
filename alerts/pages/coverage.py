"""The operator's map of coverage: where people can be told, by cell, drawn by the server. Small numbers are left out."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from html import escape

import shapely
from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from alerts import coverage
from alerts.api.access import OPERATOR, GatedRoute, Given, SignedIn, rule
from alerts.coverage import CELLS_A_DEGREE, Cell, Coverage
from alerts.pages import frame, render
from alerts.pages.map import Surroundings, around
from alerts.pages.map.frame import SHEET, Frame, fit
from alerts.pages.render import number
from alerts.services import Services
from geo import cities
from geo.shapes import Shape
from notifiers.transactions import reading

router = APIRouter(include_in_schema=False, route_class=GatedRoute)

KEPT_S = 300.0  # reading a million places takes seconds, and where people live changes slowly
STEPS = (10, 100, 1_000, 10_000)  # the shades of the map, from so many people on
SHOWN = 20
_SIDE = 1 / CELLS_A_DEGREE


@router.get("/operations/coverage")
@rule(OPERATOR)
def show(request: Request, services: Given, operator: SignedIn) -> Response:
    """The map, its key, and the fullest cells by the nearest town."""
    found = _kept(request, services)
    values = {
        "map": Markup(draw(found.cells, around(services.gazetteer))) if found.cells else None,  # noqa: S704 numbers of ours
        "steps": [(n, f"{number(step)} or more") for n, step in enumerate(STEPS)],
        "cells": [(named(cell), number(cell.people)) for cell in found.cells[:SHOWN]],
        "people": number(found.people),
        "hidden": number(found.hidden),
    }
    return render.page("coverage.html", **frame.values(services, operator, "/operations", "Coverage", **values))


def shade(people: int) -> int:
    """The number of the step that so many people reach."""
    return max(n for n, step in enumerate(STEPS) if people >= step)


def named(cell: Cell) -> str:
    """A cell as people know it."""
    lon, lat = cell.west + _SIDE / 2, cell.south + _SIDE / 2
    near = cities.nearest(lon, lat)
    return (
        f"near {near}"
        if near
        else f"{abs(lat):.2f}° {'N' if lat >= 0 else 'S'}, {abs(lon):.2f}° {'E' if lon >= 0 else 'W'}"
    )


def draw(cells: Sequence[Cell], beside: Surroundings | None) -> str:
    """One `<svg>`: a square a cell, darker for more people, in the borders of states."""
    boxes = [shapely.box(cell.west, cell.south, cell.west + _SIDE, cell.south + _SIDE) for cell in cells]
    sheet = fit(Shape(shapely.MultiPolygon(boxes)))
    states = beside.within(sheet.box).states if beside else ()
    title = escape(f"Where people can be told: {number(len(cells))} cells with ten people or more")
    parts = [
        f'<svg class="map coverage" viewBox="0 0 {SHEET[0]} {SHEET[1]}" role="img" aria-label="{title}">',
        f'<rect class="m-sheet" width="{SHEET[0]}" height="{SHEET[1]}"/>',
        *(_square(sheet, cell) for cell in cells),
        *(_line(sheet, line) for state in states for line in shapely.get_parts(state)),
        "</svg>",
    ]
    return "".join(parts)


def _square(sheet: Frame, cell: Cell) -> str:
    x, y = sheet.xy(cell.west, cell.south + _SIDE)
    side = _SIDE * sheet.scale
    size = f'x="{x:.1f}" y="{y:.1f}" width="{side * sheet.squeeze:.1f}" height="{side:.1f}"'
    return f'<rect class="c-{shade(cell.people)}" {size}><title>{escape(named(cell))}: {number(cell.people)}+</title></rect>'


def _line(sheet: Frame, line: shapely.Geometry) -> str:
    thin = shapely.simplify(line, 0.5 / sheet.scale)
    points = [sheet.xy(lon, lat) for lon, lat in shapely.get_coordinates(thin)]
    drawn = "L".join(f"{x:.0f} {y:.0f}" for x, y in points)
    return f'<path class="m-state" d="M{drawn}"/>' if len(points) > 1 else ""


class _Kept:
    """The last reading, and when it was made."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.found: Coverage | None = None
        self.at_s = 0.0


def _kept(request: Request, services: Services) -> Coverage:
    """Read again every few minutes at most, by one for all."""
    state = request.app.state
    if not hasattr(state, "coverage"):
        state.coverage = _Kept()
    kept: _Kept = state.coverage
    with kept.lock:
        if kept.found is None or time.monotonic() - kept.at_s > KEPT_S:
            with reading(services.engine) as connection:
                kept.found, kept.at_s = coverage.read(connection), time.monotonic()
        return kept.found
