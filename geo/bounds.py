"""Boxes in degrees that surely hold what reaches some metres far, and distances that are surely not too short. Pure.

Nothing here decides a match; it only spares the geodesic (`geo.distance`) where the answer is already certain. On
WGS 84 a degree of latitude is 110,574 to 111,694 m and a degree of longitude at latitude p 111,319 to 111,695 times
cos(p) m; a geodesic differs from the great circle of the mean sphere by less than 0.57 %.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Bounds = tuple[float, float, float, float]  # west, south, east, north in degrees
MEAN_RADIUS_M = 6_371_008.8
FLATTENING_SLACK = 0.006
_SHORTEST_LATITUDE_M = 110_500.0
_SHORTEST_LONGITUDE_M = 111_300.0  # at the equator; times the cosine elsewhere
_LONGEST_DEGREE_M = 111_700.0
_TURNS = (0.0, 360.0, -360.0)


class Boxes(NamedTuple):
    """Boxes in degrees as parallel columns; west <= east, so one that crosses 180 reaches past it."""

    west: Floats
    south: Floats
    east: Floats
    north: Floats

    def take(self, which: Any) -> Boxes:
        return Boxes(*(column[which] for column in self))

    def turned(self, turn: float) -> Boxes:
        """Moved east by so many degrees."""
        return Boxes(self.west + turn, self.south, self.east + turn, self.north) if turn else self

    def grown(self, radius_m: Any) -> Boxes:
        """Boxes that hold every circle of `radius_m` (one, or one a box) around every point of these."""
        high = np.asarray(radius_m) / _SHORTEST_LATITUDE_M
        steepest = np.maximum(np.abs(self.south), np.abs(self.north)) + high
        degree_m = _SHORTEST_LONGITUDE_M * np.cos(np.radians(np.minimum(steepest, 89.9)))
        wide = np.where((steepest > 89.9) & (high > 0), 360.0, np.minimum(360.0, np.asarray(radius_m) / degree_m))
        return Boxes(self.west - wide, self.south - high, self.east + wide, self.north + high)

    def middle(self) -> tuple[Floats, Floats]:
        return (self.west + self.east) / 2, (self.south + self.north) / 2

    def spread_m(self) -> Floats:
        """Metres that no point of the box is farther from its middle: along the meridian, then along the parallel."""
        nearest_equator = np.minimum(np.abs(self.south), np.abs(self.north))
        widest = np.where(self.south * self.north <= 0, 1.0, np.cos(np.radians(nearest_equator)))
        return np.asarray((self.north - self.south + (self.east - self.west) * widest) * (_LONGEST_DEGREE_M / 2))

    def meets(self, bounds: Bounds, turn: float = 0.0) -> Mask:
        """Which of the boxes, moved east by `turn` degrees, meet the box `bounds`."""
        west, south, east, north = bounds
        across = (self.west <= east - turn) & (self.east >= west - turn)
        return np.asarray(across & (self.south <= north) & (self.north >= south))

    def turns(self, bounds: Bounds) -> list[float]:
        """By which whole turns the boxes must be moved for any to meet `bounds`."""
        if not len(self.west):
            return []
        west, east = float(self.west.min()), float(self.east.max())
        return [turn for turn in _TURNS if west <= bounds[2] - turn and east >= bounds[0] - turn]


def places(lon: Floats, lat: Floats) -> Boxes:
    """Boxes of single places."""
    return Boxes(lon, lat, lon, lat)


def around(lon: float, lat: float, radius_m: float) -> Bounds:
    """A box that holds the circle."""
    west, south, east, north = places(np.array([lon]), np.array([lat])).grown(radius_m)
    return float(west[0]), float(south[0]), float(east[0]), float(north[0])


def on_sphere_m(lon: Floats, lat: Floats, to_lon: float, to_lat: float) -> Floats:
    """Metres on the mean sphere (haversine): within FLATTENING_SLACK of the geodesic."""
    north, to_north = np.radians(lat), np.radians(to_lat)
    half = np.sin((north - to_north) / 2) ** 2
    half += np.cos(north) * np.cos(to_north) * np.sin(np.radians(lon - to_lon) / 2) ** 2
    return np.asarray(2 * MEAN_RADIUS_M * np.arcsin(np.sqrt(np.minimum(half, 1.0))))
