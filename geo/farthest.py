"""Which parts have a place that is farther from a shape than so many metres: exact, by halving what is undecided. Pure.

The distance to a shape changes by no more than one goes. So a cell of the map whose middle is d away, and whose
corners are r from its middle, holds no place farther away than d + r: it is done with when that is near enough, proves
the part when its middle lies in the part and is far enough, and is cut in four otherwise (branch and bound).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import rings
from geo.bounds import Boxes
from geo.distance import Surveyed
from geo.shapes import Shape

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]
FINEST_M = 0.5  # a cell this small is judged by its middle
_MOST_CELLS = 20_000  # undecided at once: an edge that runs for long at just that distance
_FEW = 8  # corners asked first: most of what reaches far is told by them
_WORTH_CUTTING = 1_000  # corners of a border
_DEGREE_M = 111_700.0  # no degree is longer


@dataclass(frozen=True, slots=True)
class _Cells:
    """Cells as columns: the part each belongs to, its middle and half its sides in degrees."""

    part: Rows
    lon: Floats
    lat: Floats
    wide: Floats
    high: Floats

    def take(self, which: Mask) -> _Cells:
        return _Cells(self.part[which], self.lon[which], self.lat[which], self.wide[which], self.high[which])

    def radius_m(self) -> Floats:
        """Metres from the middle within which every place of the cell lies."""
        flattest = np.maximum(np.abs(self.lat) - self.high, 0.0)
        return np.asarray(np.hypot(self.wide * np.cos(np.radians(flattest)), self.high) * _DEGREE_M)

    def boxes(self) -> NDArray[np.object_]:
        sides = self.lon - self.wide, self.lat - self.high, self.lon + self.wide, self.lat + self.high
        return np.asarray(shapely.box(*sides))

    def halved(self) -> _Cells:
        """Each cut across its longer side, that as long as the other or longer on the ground."""
        across = self.wide * np.cos(np.radians(self.lat)) >= self.high
        wide, high = np.where(across, self.wide / 2, self.wide), np.where(across, self.high, self.high / 2)
        east, north = np.where(across, wide, 0.0), np.where(across, 0.0, high)
        lon = np.concatenate([self.lon - east, self.lon + east])
        lat = np.concatenate([self.lat - north, self.lat + north])
        return _Cells(np.tile(self.part, 2), lon, lat, np.tile(wide, 2), np.tile(high, 2))


def reach_farther(parts: list[shapely.Polygon], shape: Shape, metres: float) -> list[shapely.Polygon]:
    """Those of the parts that have a place more than `metres` from `shape`; what stays undecided counts as far.

    Undecided is only what reaches to within FINEST_M of that, or of a few metres where it does so for kilometres.
    """
    if not parts:
        return []
    whole = np.array(parts, object)
    survey = Surveyed(Shape(near(shape.polygons, shapely.bounds(whole), metres), shape.circles))
    far = _by_corners(whole, survey, metres)
    cells = _around(whole, np.flatnonzero(~far))
    while len(cells.part):
        cells, found = _judged(cells, whole, survey, metres)
        far[found] = True
        if len(cells.part) > _MOST_CELLS:
            far[cells.part] = True
        cells = cells.take(~far[cells.part]).halved()
    return [part for part, out in zip(parts, far, strict=True) if out]


def near(polygons: shapely.MultiPolygon, bounds: Floats, metres: float) -> shapely.MultiPolygon:
    """The polygons, without what is farther than `metres` from all boxes (n, 4): west, south, east, north."""
    if shapely.get_num_coordinates(polygons) < _WORTH_CUTTING:
        return polygons
    west, south, east, north = Boxes(*bounds.T).grown(metres)
    boxes = np.concatenate([shapely.box(west + turn, south, east + turn, north) for turn in (-360.0, 0.0, 360.0)])
    return shapely.MultiPolygon(rings.parts(shapely.intersection(polygons, shapely.union_all(boxes))))


def _by_corners(parts: NDArray[np.object_], survey: Surveyed, metres: float) -> Mask:
    """What a few corners of each part prove."""
    some = [corners[:: max(1, len(corners) // _FEW)] for corners in map(shapely.get_coordinates, parts)]
    lon, lat = np.concatenate(some).T
    far = np.zeros(len(parts), np.bool_)
    whose = np.repeat(np.arange(len(parts)), [len(one) for one in some])
    far[whose[survey.away_m(lon, lat) > metres]] = True
    return far


def _around(parts: NDArray[np.object_], rows: Rows) -> _Cells:
    west, south, east, north = shapely.bounds(parts[rows]).T
    return _Cells(rows, (west + east) / 2, (south + north) / 2, (east - west) / 2, (north - south) / 2)


def _judged(cells: _Cells, parts: NDArray[np.object_], survey: Surveyed, metres: float) -> tuple[_Cells, Rows]:
    """The cells that may still hold a place far enough, and the parts that are proven to."""
    away_m, radius_m = survey.away_m(cells.lon, cells.lat), cells.radius_m()
    cells, away_m, radius_m = _still(cells, away_m, radius_m, away_m + radius_m > metres)
    cells, away_m, radius_m = _still(cells, away_m, radius_m, shapely.intersects(parts[cells.part], cells.boxes()))
    proven = away_m > metres
    proven[proven] = shapely.intersects_xy(parts[cells.part[proven]], cells.lon[proven], cells.lat[proven])
    proven |= (away_m > metres) & (radius_m <= FINEST_M)
    return cells.take(radius_m > FINEST_M), cells.part[proven]


def _still(cells: _Cells, away_m: Floats, radius_m: Floats, which: Mask) -> tuple[_Cells, Floats, Floats]:
    return cells.take(which), away_m[which], radius_m[which]
