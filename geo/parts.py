"""An area taken apart into what can be asked of pages and people: rings (planar in lon/lat) and circles (geodesic).

Each part sorts boxes of people into surely inside, perhaps, and surely not, and then decides person by person. A
boundary counts as inside. Longitude wraps: people are looked at where they are and a whole turn east and west of
there, so a ring that reaches past 180 degrees needs no cut; a pole is one place whatever its longitude says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import distance
from geo.borders import Border
from geo.bounds import FLATTENING_SLACK, Bounds, Boxes, Floats, Mask, around, on_sphere_m, places
from geo.shapes import Circle, Shape

_HAIR = 1e-9  # degrees: makes a box of a single place a box; a wider box is only ever more careful


class Part(Protocol):
    def sort(self, boxes: Boxes, reach: Boxes) -> tuple[Mask, Mask]:
        """Which boxes of people are surely inside, and which hold anybody whose `reach` may touch the part."""

    def touched_by(self, lon: Floats, lat: Floats, radius_m: Floats | None) -> Mask:
        """Who is inside, on the boundary, or within `radius_m` of it. Exact."""

    def metres(self, lon: Floats, lat: Floats) -> Floats:
        """How far each place is from the part: 0 inside."""


@dataclass(frozen=True)
class Ring:
    """One valid polygon with its holes, of this query's own: preparing one that threads share would be a race."""

    polygon: shapely.Polygon

    @cached_property
    def bounds(self) -> Bounds:
        west, south, east, north = self.polygon.bounds
        return west, south, east, north

    @cached_property
    def _border(self) -> Border | None:
        return Border.of(shapely.MultiPolygon([self.polygon]))

    def sort(self, boxes: Boxes, reach: Boxes) -> tuple[Mask, Mask]:
        perhaps, inside = self._met_by(reach), np.zeros(len(boxes.west), bool)
        for turn in boxes.turns(self.bounds):
            rows = np.flatnonzero(perhaps & boxes.meets(self.bounds, turn))
            inside[rows] |= shapely.covers(self.polygon, _outlines(boxes.take(rows), turn))
        return inside, perhaps

    def touched_by(self, lon: Floats, lat: Floats, radius_m: Floats | None) -> Mask:
        touched = self._covers(lon, lat)
        if radius_m is not None:
            rows = np.flatnonzero(~touched & (radius_m > 0))
            rows = rows[self._met_by(places(lon[rows], lat[rows]).grown(radius_m[rows]))]
            touched[rows] = self._to_border(lon[rows], lat[rows]) <= radius_m[rows]
        return touched

    def metres(self, lon: Floats, lat: Floats) -> Floats:
        outside = np.flatnonzero(~self._covers(lon, lat))
        metres = np.zeros(len(lon))
        metres[outside] = self._to_border(lon[outside], lat[outside])
        return metres

    def _covers(self, lon: Floats, lat: Floats) -> Mask:
        here = places(lon, lat)
        inside = self._at_its_pole(here)
        for turn in here.turns(self.bounds):
            rows = np.flatnonzero(here.meets(self.bounds, turn))
            inside[rows] |= shapely.intersects_xy(self.polygon, lon[rows] + turn, lat[rows])
        return inside

    def _met_by(self, boxes: Boxes) -> Mask:
        met = self._at_its_pole(boxes)
        for turn in boxes.turns(self.bounds):
            rows = np.flatnonzero(boxes.meets(self.bounds, turn))
            met[rows] |= shapely.intersects(self.polygon, _outlines(boxes.take(rows), turn))
        return met

    def _at_its_pole(self, boxes: Boxes) -> Mask:
        north = (boxes.north >= 90.0) & (self.bounds[3] >= 90.0)
        return np.asarray(north | ((boxes.south <= -90.0) & (self.bounds[1] <= -90.0)))

    def _to_border(self, lon: Floats, lat: Floats) -> Floats:
        if self._border is None or not len(lon):
            return np.full(len(lon), np.inf)
        return distance.between(lon, lat, *self._border.nearest(lon, lat))


@dataclass(frozen=True)
class Round:
    """A circle: everybody whose geodesic distance from its middle is at most its radius."""

    circle: Circle

    def sort(self, boxes: Boxes, reach: Boxes) -> tuple[Mask, Mask]:
        away = on_sphere_m(*boxes.middle(), self.circle.lon, self.circle.lat)
        inside = away * (1 + FLATTENING_SLACK) + boxes.spread_m() <= self.circle.radius_m
        bounds = around(self.circle.lon, self.circle.lat, self.circle.radius_m)
        perhaps = inside.copy()
        for turn in reach.turns(bounds):
            perhaps |= reach.meets(bounds, turn)
        return inside, perhaps

    def touched_by(self, lon: Floats, lat: Floats, radius_m: Floats | None) -> Mask:
        limit = np.full(len(lon), self.circle.radius_m) if radius_m is None else self.circle.radius_m + radius_m
        away = on_sphere_m(lon, lat, self.circle.lon, self.circle.lat)
        touched = np.asarray(away * (1 + FLATTENING_SLACK) <= limit)
        rows = np.flatnonzero(~touched & (away * (1 - FLATTENING_SLACK) <= limit + 1.0))
        touched[rows] = self._from_middle(lon[rows], lat[rows]) <= limit[rows]
        return touched

    def metres(self, lon: Floats, lat: Floats) -> Floats:
        return np.maximum(0.0, self._from_middle(lon, lat) - self.circle.radius_m)

    def _from_middle(self, lon: Floats, lat: Floats) -> Floats:
        return distance.between(lon, lat, self.circle.lon, self.circle.lat)


def parts_of(area: Shape | shapely.Geometry) -> list[Part]:
    """The parts whose union is the area; none if it is empty.

    A Shape is valid by its making. Any other geometry must be made of polygons, valid, within [-540, 540] degrees
    east and no wider than the globe: ValueError otherwise, for an area that is not understood must reach nobody.
    """
    if isinstance(area, Shape):
        return [*map(_ring, _polygons(area.polygons)), *map(Round, area.circles)]
    polygons = list(_polygons(area))
    for polygon in polygons:
        _check(polygon)
    return [*map(_ring, polygons)]


def _polygons(geometry: shapely.Geometry) -> Iterator[shapely.Polygon]:
    """Copies, one a part (`get_parts` clones), that nobody else prepares or asks."""
    for part in shapely.get_parts(geometry):
        if hasattr(part, "geoms"):
            yield from _polygons(part)
        elif not part.is_empty:
            yield part


def _ring(polygon: shapely.Polygon) -> Ring:
    shapely.prepare(polygon)
    return Ring(polygon)


def _check(part: shapely.Geometry) -> None:
    if not isinstance(part, shapely.Polygon):
        raise ValueError(f"an area is made of polygons and circles, not of a {type(part).__name__}")  # noqa: TRY004
    if not shapely.is_valid(part):
        raise ValueError(f"not a valid area: {shapely.is_valid_reason(part)}")
    west, south, east, north = part.bounds
    if west < -540.0 or east > 540.0 or east - west > 360.0 or south < -90.0 or north > 90.0:
        raise ValueError(f"an area outside the globe: {part.bounds}")


def _outlines(boxes: Boxes, turn: float) -> NDArray[np.object_]:
    west, south, east, north = boxes
    return np.asarray(shapely.box(west + turn - _HAIR, south - _HAIR, east + turn + _HAIR, north + _HAIR))
