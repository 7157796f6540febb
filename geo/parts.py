"""An area taken apart into what can be asked of pages and people: polygons (planar in lon/lat) and circles (geodesic).

Each part sorts boxes of people into surely inside, perhaps, and surely not, and then decides person by person. A
boundary counts as inside. Longitude wraps: people are looked at where they are and a whole turn east and west of
there, so a ring that reaches past 180 degrees needs no cut; a pole is one place whatever its longitude says.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import distance
from geo.borders import Border
from geo.bounds import Bounds, Boxes, Floats, Mask, around, places
from geo.chords import chords, spread_m, surely_beyond, surely_within
from geo.circles import Circle
from geo.edges import Edges
from geo.outline import Area, Outline

_HAIR = 1e-9  # degrees: makes a box of a single place a box; a wider box is only ever more careful
_FEW = 256  # corners: asking all edges beats shapely's indexes,
_PAIRS = 400_000  # while there are no more pairs of a box and an edge


class Part(Protocol):
    def sort(self, boxes: Boxes, reach: Boxes, radius_m: Floats | None) -> tuple[Mask, Mask]:
        """Which boxes of people are surely inside, and which hold anybody who may touch the part: with circles of
        uncertainty up to `radius_m` around them, which `reach` holds.
        """

    def touched_by(self, lon: Floats, lat: Floats, radius_m: Floats | None) -> Mask:
        """Who is inside, on the boundary, or within `radius_m` of it. Exact."""

    def metres(self, lon: Floats, lat: Floats) -> Floats:
        """How far each place is from the part: 0 inside."""


@dataclass(frozen=True)
class Polygons:
    """Prepared polygons that keep apart, of this question's own: asking one that threads share would be a race."""

    geometry: shapely.Geometry

    @cached_property
    def bounds(self) -> Bounds:
        west, south, east, north = shapely.bounds(self.geometry).tolist()
        return west, south, east, north

    @cached_property
    def _border(self) -> Border | None:
        return Border.of(shapely.MultiPolygon(getattr(self.geometry, "geoms", [self.geometry])))

    @cached_property
    def _corners(self) -> int:
        return int(shapely.get_num_coordinates(self.geometry))

    @cached_property
    def _edges(self) -> Edges:
        return Edges.of(self.geometry)

    def sort(self, boxes: Boxes, reach: Boxes, radius_m: Floats | None) -> tuple[Mask, Mask]:
        perhaps, inside = self._at_its_pole(reach), np.zeros(len(boxes.west), bool)
        for turn in reach.turns(self.bounds):
            rows = np.flatnonzero(reach.meets(self.bounds, turn))
            held, met = self._sorted(reach.take(rows).turned(turn))
            inside[rows[held]] = perhaps[rows[met]] = True
            if reach is not boxes:
                inside[rows] |= self._sorted(boxes.take(rows).turned(turn))[0]
        return inside, perhaps

    def _sorted(self, boxes: Boxes) -> tuple[Mask, Mask]:
        """Boxes that are surely inside, and those that are it or may meet an edge."""
        if self._corners <= min(_FEW, _PAIRS / max(1, len(boxes.west))):
            met = self._edges.meet(boxes).any(axis=1)
            inside = np.asarray(~met)
            inside[inside] = shapely.intersects_xy(self.geometry, *boxes.take(inside).middle())
            return inside, met | inside
        outlines = _outlines(boxes)
        met, inside = shapely.intersects(self.geometry, outlines), np.zeros(len(boxes.west), bool)
        inside[met] = shapely.covers(self.geometry, outlines[met])
        return inside, met

    @property
    def is_simple(self) -> bool:
        """Few corners, and neither 180 degrees nor a pole near."""
        west, south, east, north = self.bounds
        return self._corners <= _FEW and west > -180.0 and east < 180.0 and south > -90.0 and north < 90.0

    def wound(self, boxes: Boxes, lon: Floats, lat: Floats) -> tuple[Mask, Mask]:
        """(pages, rows): who is inside, and who must be asked, of a simple part; `boxes` (pages,) hold the rows."""
        x = boxes.west + (boxes.east - boxes.west) * 0.5137  # no round part of the box: edges like to be there
        y = boxes.south + (boxes.north - boxes.south) * 0.4719
        crossed, doubt = self._edges.parted(self._edges.meet(boxes), lon, lat, x, y)
        held = np.asarray(shapely.intersects_xy(self.geometry, x, y))[:, None]
        return (crossed != held) & ~doubt, doubt

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
            inside[rows] |= shapely.intersects_xy(self.geometry, lon[rows] + turn, lat[rows])
        return inside

    def _met_by(self, boxes: Boxes) -> Mask:
        met = self._at_its_pole(boxes)
        for turn in boxes.turns(self.bounds):
            rows = np.flatnonzero(boxes.meets(self.bounds, turn))
            met[rows] |= self._sorted(boxes.take(rows).turned(turn))[1]
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

    def sort(self, boxes: Boxes, reach: Boxes, radius_m: Floats | None) -> tuple[Mask, Mask]:
        away, spread = self._chords(*boxes.middle()), spread_m(boxes)
        inside = away + spread <= surely_within(self.circle.radius_m)
        farthest = self.circle.radius_m if radius_m is None else self.circle.radius_m + radius_m
        perhaps = away - spread <= surely_beyond(farthest)
        if self.circle.radius_m < _SMALL_M:  # its box may say no where the spread of a large page cannot
            bounds = around(self.circle.lon, self.circle.lat, self.circle.radius_m)
            perhaps &= np.logical_or.reduce([reach.meets(bounds, turn) for turn in (0.0, 360.0, -360.0)])
        return inside, np.asarray(perhaps)

    def touched_by(self, lon: Floats, lat: Floats, radius_m: Floats | None) -> Mask:
        limit = np.full(len(lon), self.circle.radius_m) if radius_m is None else self.circle.radius_m + radius_m
        away = self._chords(lon, lat)
        touched = np.asarray(away <= surely_within(limit))
        rows = np.flatnonzero(~touched & (away <= surely_beyond(limit)))
        touched[rows] = self._from_middle(lon[rows], lat[rows]) <= limit[rows]
        return touched

    def metres(self, lon: Floats, lat: Floats) -> Floats:
        return np.maximum(0.0, self._from_middle(lon, lat) - self.circle.radius_m)

    def _chords(self, lon: Floats, lat: Floats) -> Floats:
        return chords(lon, lat, self.circle.lon, self.circle.lat)

    def _from_middle(self, lon: Floats, lat: Floats) -> Floats:
        return distance.between(lon, lat, self.circle.lon, self.circle.lat)


_SMALL_M = 1_000_000.0


def parts_of(area: Area) -> list[Part]:
    """The parts whose union is the area; none if it is empty. ValueError as `Outline.of`."""
    return parts_of_outline(Outline.of(area))


def parts_of_outline(outline: Outline) -> list[Part]:
    """The same of what was checked before."""
    geometries = outline.apart()
    shapely.prepare(geometries)
    return [*map(Polygons, geometries), *map(Round, outline.circles)]


def _outlines(boxes: Boxes) -> NDArray[np.object_]:
    west, south, east, north = boxes
    return np.asarray(shapely.box(west - _HAIR, south - _HAIR, east + _HAIR, north + _HAIR))
