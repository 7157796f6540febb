"""Geodesic metres on the WGS 84 ellipsoid (Karney 2013, through pyproj): between places, and from places to a shape.

Polygon edges are straight in lon/lat, so the nearest place of one is looked for along that line and not along a great
circle; the search runs over chords in space (`geo.borders`), where neither 180 degrees nor a pole is special, and
the last word has the geodesic.
"""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.borders import Border
from geo.circles import Circle
from geo.shapes import Shape

if TYPE_CHECKING:
    from pyproj import Geod

Floats = NDArray[np.float64]
_BLOCK = 65_536  # places at a time, so that memory stays bounded


@cache
def _wgs84() -> Geod:
    from pyproj import Geod

    return Geod(ellps="WGS84")


def between(lon: ArrayLike, lat: ArrayLike, lon2: ArrayLike, lat2: ArrayLike) -> Floats:
    """Metres from each place to each other (columns of one length, or single numbers), exact to 15 nm."""
    x, y, x2, y2 = np.broadcast_arrays(*(np.atleast_1d(np.asarray(one, np.float64)) for one in (lon, lat, lon2, lat2)))
    metres: Floats = _wgs84().inv(x, y, x2, y2)[2] if x.size else np.zeros(0)
    return metres


def to_shape(lon: ArrayLike, lat: ArrayLike, shape: Shape) -> Floats:
    """Metres (n,) from each place to the nearest place of the shape: 0 inside and on the edge, inf if it is empty.

    Exact to a decimetre up to some kilometres and to 0.01 % farther away.
    """
    return Surveyed(shape).away_m(lon, lat)


class Surveyed:
    """A shape made ready once, to be asked again and again how far places are from it."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape

    @cached_property
    def _border(self) -> Border | None:
        return Border.of(self._shape.polygons)

    @cached_property
    def _prepared(self) -> shapely.MultiPolygon:
        return _prepared(self._shape.polygons)

    def away_m(self, lon: ArrayLike, lat: ArrayLike) -> Floats:
        """Metres as `to_shape`."""
        lon, lat = np.broadcast_arrays(*(np.atleast_1d(np.asarray(one, np.float64)) for one in (lon, lat)))
        found = np.full(len(lon), np.inf)
        for circle in self._shape.circles:
            np.minimum(found, _to_circle(lon, lat, circle), out=found)
        if self._shape.polygons.is_empty:
            return found
        found[_covered(lon, lat, self._prepared)] = 0.0
        outside = np.flatnonzero(found > 0)
        for start in range(0, len(outside), _BLOCK):
            rows = outside[start : start + _BLOCK]
            found[rows] = np.minimum(found[rows], _to_border(lon[rows], lat[rows], self._border))
        return found


def to_border(lon: ArrayLike, lat: ArrayLike, polygons: shapely.MultiPolygon) -> Floats:
    """Metres (n,) from each place, inside or outside, to the nearest edge; the cut at 180 degrees is no edge."""
    lon, lat = np.broadcast_arrays(*(np.atleast_1d(np.asarray(one, np.float64)) for one in (lon, lat)))
    return _to_border(lon, lat, Border.of(polygons))


def rim(lon: float, lat: float, radius_m: float, corners: int) -> Floats:
    """(corners + 1, 2) closed positions around a circle, each exactly on its edge; longitudes in [-180, 180]."""
    bearing = np.linspace(0.0, 360.0, corners + 1)
    x, y, away = (np.full(corners + 1, value) for value in (lon, lat, radius_m))
    rim_lon, rim_lat, _ = _wgs84().fwd(x, y, bearing, away)
    ring = np.column_stack([rim_lon, rim_lat])
    ring[-1] = ring[0]
    return ring


def covered(lon: Floats, lat: Floats, polygons: shapely.MultiPolygon) -> NDArray[np.bool_]:
    """Which places are inside the polygons or on an edge, 180 and -180 being one meridian and a pole one place."""
    return _covered(lon, lat, _prepared(polygons))


def _prepared(polygons: shapely.MultiPolygon) -> shapely.MultiPolygon:
    """The same polygons, our own: threads may not share a prepared one."""
    own = shapely.MultiPolygon(list(shapely.get_parts(polygons)))
    shapely.prepare(own)
    return own


def _covered(lon: Floats, lat: Floats, prepared: shapely.MultiPolygon) -> NDArray[np.bool_]:
    found = np.asarray(shapely.intersects_xy(prepared, lon, lat))
    seam = np.flatnonzero(~found & (np.abs(lon) == 180))
    found[seam] = shapely.intersects_xy(prepared, -lon[seam], lat[seam])
    _, south, _, north = shapely.bounds(prepared)
    return np.asarray(found | ((lat >= 90) & (north >= 90)) | ((lat <= -90) & (south <= -90)))


def _to_circle(lon: Floats, lat: Floats, circle: Circle) -> Floats:
    return np.maximum(0.0, between(lon, lat, circle.lon, circle.lat) - circle.radius_m)


def _to_border(lon: Floats, lat: Floats, border: Border | None) -> Floats:
    if border is None:
        return np.full(len(lon), np.inf)
    return between(lon, lat, *border.nearest(lon, lat))
