"""What an active area is made of, asked exactly: its polygons together, and each of its circles.

A place is inside on the border too; one with a radius is inside when its circle touches. Most circles of uncertainty
need no geodesic: the polygons stand also with their longitudes shortened by the cosine of their middle latitude, and
a distance there, times the longest and the shortest that a degree can be near the place, mostly settles it.

A prepared geometry builds its inner index while it is asked, so each piece has a lock; it is held for some thousand
places at a time.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from functools import cache, cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import distance
from geo.borders import Border
from geo.bounds import FLATTENING_SLACK, Boxes, Floats, Mask, on_sphere_m
from geo.cells import Covering, cover
from geo.circles import Box, Circle
from geo.shapes import Shape

if TYPE_CHECKING:
    from pyproj import Geod

SURE_LAT = 89.0  # degrees: nearer to a pole nothing is reckoned flat
HAIR = 1e-9  # degrees, a tenth of a millimetre: more than all rounding

_LONGEST_DEGREE_M = 111_700.0  # of latitude anywhere, and of longitude times the cosine
_SHORTEST_LATITUDE_M = 110_500.0
_SHORTEST_LONGITUDE_M = 111_300.0  # times the cosine
_AT_ONCE = 4_096  # places that a lock is held for

Boxed = NDArray[np.object_]


class Piece(Protocol):
    """A part of the area watched under `key`."""

    key: int
    covering: Covering

    def touches(self, lon: float, lat: float, radius_m: float) -> bool:
        """Whether it holds the place, or touches its circle."""
        ...

    def touching(self, lon: Floats, lat: Floats, radius_m: Floats) -> Mask:
        """The same of many places (parallel columns)."""
        ...


def pieces_of(key: int, shape: Shape) -> list[Piece]:
    """The pieces whose union is the area."""
    polygons = [] if shape.polygons.is_empty else [Polygons(key, shape.polygons)]
    return [*polygons, *(Disc(key, circle) for circle in shape.circles)]


class Polygons:
    """All polygons of an area, valid and in [-180, 180]; 180 and -180 are one meridian, a pole is one place."""

    def __init__(self, key: int, polygons: shapely.MultiPolygon) -> None:
        self.key = key
        self._lock = threading.Lock()
        self._polygons = shapely.MultiPolygon(list(shapely.get_parts(polygons)))  # a copy that only we prepare
        shapely.prepare(self._polygons)
        self._boxed = _boxed(self._polygons)
        _, self._south, _, self._north = self._polygons.bounds
        boxes: list[Box] = [part.bounds for part in self._polygons.geoms]
        self.covering = cover(boxes, self._sort)

    def touches(self, lon: float, lat: float, radius_m: float) -> bool:
        with self._lock:
            settled = self._settled(lon, lat, radius_m) if radius_m > 0 else None
            if settled is not None:
                return settled
            if shapely.intersects_xy(self._boxed, lon, lat):
                return True
            if not (-180.0 < lon < 180.0 and -90.0 < lat < 90.0) and self._over_the_seam(lon, lat):
                return True
        return radius_m > 0 and bool(self._near(np.array([lon]), np.array([lat]), np.array([radius_m]))[0])

    def touching(self, lon: Floats, lat: Floats, radius_m: Floats) -> Mask:
        touched = np.zeros(len(lon), bool)
        for some in _blocks(len(lon)):
            x, y, r = lon[some], lat[some], radius_m[some]
            with self._lock:
                held, open_ = self._settled_each(x, y, r)
                held[open_] = shapely.intersects_xy(self._polygons, x[open_], y[open_])
                odd = np.flatnonzero(open_ & ~held & ((np.abs(x) == 180) | (np.abs(y) == 90)))
                held[odd] = [self._over_the_seam(x[row], y[row]) for row in odd]
            unsure = np.flatnonzero(open_ & ~held & (r > 0))
            held[unsure] = self._near(x[unsure], y[unsure], r[unsure])
            touched[some] = held
        return touched

    def _over_the_seam(self, lon: float, lat: float) -> bool:
        """A place on the meridian of 180 or at a pole, as it is seen from its other sides."""
        if abs(lon) == 180 and shapely.intersects_xy(self._polygons, -lon, lat):
            return True
        return (lat >= 90 and self._north >= 90) or (lat <= -90 and self._south <= -90)

    def _settled(self, lon: float, lat: float, radius_m: float) -> bool | None:
        """Whether the circle touches, None if that takes more to be sure of."""
        surely, perhaps = _degrees(lat, radius_m, self._scale)
        if not perhaps or abs(lon) + reach(lat, radius_m)[0] >= 180.0:  # it may be near on the other side of 180
            return None
        place = shapely.Point(lon * self._scale, lat)
        if not shapely.dwithin(self._flat_boxed, place, perhaps):
            return False
        return True if shapely.dwithin(self._flat_boxed, place, surely) else None

    def _settled_each(self, lon: Floats, lat: Floats, radius_m: Floats) -> tuple[Mask, Mask]:
        """Whose circles surely touch, and of whose, or of which points, it is not known."""
        touch, open_ = np.zeros(len(lon), bool), np.ones(len(lon), bool)
        rows = np.flatnonzero((radius_m > 0) & (np.abs(lon) + reach_each(lat, radius_m)[0] < 180.0))
        if len(rows):
            surely, perhaps = _degrees_each(lat[rows], radius_m[rows], self._scale)
            places = np.asarray(shapely.points(lon[rows] * self._scale, lat[rows]))
            near = np.asarray(shapely.dwithin(self._flat, places, perhaps.tolist()))
            open_[rows] = near
            sure = rows[near][np.asarray(shapely.dwithin(self._flat, places[near], surely[near].tolist()))]
            touch[sure], open_[sure] = True, False
        return touch, open_

    def _near(self, lon: Floats, lat: Floats, radius_m: Floats) -> Mask:
        if self._border is None or not len(lon):
            return np.zeros(len(lon), bool)
        return np.asarray(distance.between(lon, lat, *self._border.nearest(lon, lat)) <= radius_m)

    @cached_property
    def _border(self) -> Border | None:
        return Border.of(self._polygons)

    @cached_property
    def _scale(self) -> float:
        return max(0.02, math.cos(math.radians((self._south + self._north) / 2)))

    @cached_property
    def _flat(self) -> shapely.MultiPolygon:
        flat = shapely.transform(self._polygons, lambda places: places * [self._scale, 1.0])
        shapely.prepare(flat)
        return flat

    @cached_property
    def _flat_boxed(self) -> Boxed:
        return _boxed(self._flat)

    def _sort(self, boxes: Boxes) -> tuple[Mask, Mask]:
        cells = shapely.box(*boxes)
        perhaps = shapely.intersects(self._polygons, cells)
        inside = np.zeros(len(cells), bool)
        inside[perhaps] = shapely.covers(self._polygons, cells[perhaps])
        return inside, perhaps


class Disc:
    """A circle: all whose geodesic distance from its middle is at most its radius."""

    def __init__(self, key: int, circle: Circle) -> None:
        self.key = key
        self._circle = circle
        self._geodesic = _wgs84()
        self.covering = cover(circle.boxes(), self._sort)

    def touches(self, lon: float, lat: float, radius_m: float) -> bool:
        away = self._geodesic.inv(lon, lat, self._circle.lon, self._circle.lat)[2]
        return bool(away <= self._circle.radius_m + radius_m)

    def touching(self, lon: Floats, lat: Floats, radius_m: Floats) -> Mask:
        limit = self._circle.radius_m + radius_m
        away = on_sphere_m(lon, lat, self._circle.lon, self._circle.lat)
        touched = np.asarray(away * (1 + FLATTENING_SLACK) <= limit)
        unsure = np.flatnonzero(~touched & (away * (1 - FLATTENING_SLACK) <= limit + 1.0))
        exact = distance.between(lon[unsure], lat[unsure], self._circle.lon, self._circle.lat)
        touched[unsure] = exact <= limit[unsure]
        return touched

    def _sort(self, boxes: Boxes) -> tuple[Mask, Mask]:
        away, spread = on_sphere_m(*boxes.middle(), self._circle.lon, self._circle.lat), boxes.spread_m()
        inside = away * (1 + FLATTENING_SLACK) + spread <= self._circle.radius_m
        perhaps = away * (1 - FLATTENING_SLACK) - spread <= self._circle.radius_m + 1.0
        return np.asarray(inside), np.asarray(perhaps)


def _boxed(geometry: shapely.Geometry) -> Boxed:
    """As an array of no dimension: asked for a single place, shapely answers twice as fast as for the bare geometry."""
    boxed: Boxed = np.empty((), object)
    boxed[()] = geometry
    return boxed


@cache
def _wgs84() -> Geod:
    from pyproj import Geod

    return Geod(ellps="WGS84")


def _degrees(lat: float, radius_m: float, scale: float) -> tuple[float, float]:
    """Within how many degrees of the flat polygons a circle surely touches, and beyond how many it surely does not.

    Zeros where nothing is sure. The shortest way to the border stays within the radius, so a degree of longitude on it
    is as long as somewhere within these latitudes; a metric with the shortest degrees is never longer than the way,
    one with the longest is never shorter than the straight line.
    """
    high = radius_m / _SHORTEST_LATITUDE_M
    if abs(lat) + high >= SURE_LAT:
        return 0.0, 0.0
    shortest = math.cos(math.radians(abs(lat) + high)) / scale
    longest = math.cos(math.radians(max(0.0, abs(lat) - high))) / scale
    surely = radius_m / (_LONGEST_DEGREE_M * max(longest, 1.0))
    return surely, radius_m / min(_SHORTEST_LONGITUDE_M * shortest, _SHORTEST_LATITUDE_M)


def _degrees_each(lat: Floats, radius_m: Floats, scale: float) -> tuple[Floats, Floats]:
    high = radius_m / _SHORTEST_LATITUDE_M
    shortest = np.cos(np.radians(np.minimum(np.abs(lat) + high, SURE_LAT))) / scale
    longest = np.cos(np.radians(np.maximum(0.0, np.abs(lat) - high))) / scale
    surely = radius_m / (_LONGEST_DEGREE_M * np.maximum(longest, 1.0))
    return surely, radius_m / np.minimum(_SHORTEST_LONGITUDE_M * shortest, _SHORTEST_LATITUDE_M)


def reach(lat: float, radius_m: float) -> tuple[float, float]:
    """How many degrees of longitude and of latitude a circle reaches at most; all around the globe near a pole."""
    high = radius_m / _SHORTEST_LATITUDE_M
    steepest = abs(lat) + high
    if steepest >= SURE_LAT:
        return (360.0 if radius_m > 0 or abs(lat) >= 90.0 else 0.0), high
    return radius_m / (_SHORTEST_LONGITUDE_M * math.cos(math.radians(steepest))), high


def reach_each(lat: Floats, radius_m: Floats) -> tuple[Floats, Floats]:
    """The same of many."""
    high = radius_m / _SHORTEST_LATITUDE_M
    steepest = np.abs(lat) + high
    wide = radius_m / (_SHORTEST_LONGITUDE_M * np.cos(np.radians(np.minimum(steepest, SURE_LAT))))
    around = (steepest >= SURE_LAT) & ((radius_m > 0) | (np.abs(lat) >= 90.0))
    return np.where(around, 360.0, wide), high


def _blocks(count: int) -> Iterator[slice]:
    for start in range(0, count, _AT_ONCE):
        yield slice(start, start + _AT_ONCE)
