"""Circles on the ellipsoid and the boxes around them that nothing inside can escape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]  # west, south, east, north in degrees

POLAR_AXIS_M = 6_356_752.314245  # b of WGS 84
_FLATTENING = 1 / 298.257223563
_SLACK = 1e-9  # degrees, a tenth of a millimetre: more than all rounding here


@dataclass(frozen=True, slots=True)
class Circle:
    """Everything at most `radius_m` of geodesic (WGS 84) from its centre, the edge included."""

    lon: float
    lat: float
    radius_m: float

    def boxes(self) -> list[Box]:
        """One box that holds the circle, or two where it crosses 180 degrees."""
        west, south, east, north = (float(side[0]) for side in reach(self.lon, self.lat, self.radius_m))
        return split(west, south, east, north)


def reach(lon: ArrayLike, lat: ArrayLike, radius_m: ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
    """West, south, east, north (n,) of boxes that hold the circles; west < -180 or east > 180 where one crosses it.

    Safe, and at most 0.4 % too wide: on the auxiliary sphere of reduced latitudes (Karney 2013, section 2) an arc is
    at most `radius_m` / b long, and the longitude on the ellipsoid never changes by more than on that sphere.
    """
    lon, lat, radius_m = (np.atleast_1d(np.asarray(column, np.float64)) for column in (lon, lat, radius_m))
    reduced = np.arctan((1 - _FLATTENING) * np.tan(np.radians(lat)))
    arc = radius_m / POLAR_AXIS_M
    south, north = _geodetic(reduced - arc) - _SLACK, _geodetic(reduced + arc) + _SLACK
    over_pole = np.abs(reduced) + arc >= np.pi / 2 - 1e-9
    sine = np.sin(np.minimum(arc, np.pi / 2)) / np.maximum(np.cos(reduced), 1e-300)
    width = np.degrees(np.arcsin(np.minimum(sine, 1.0))) + _SLACK
    west = np.where(over_pole, -180.0, lon - width)
    east = np.where(over_pole, 180.0, lon + width)
    return west, np.maximum(south, -90.0), east, np.minimum(north, 90.0)


def split(west: float, south: float, east: float, north: float) -> list[Box]:
    """A box that may pass 180 degrees as one or two that do not."""
    if west < -180:
        return [(-180.0, south, east, north), (west + 360, south, 180.0, north)]
    if east > 180:
        return [(west, south, 180.0, north), (-180.0, south, east - 360, north)]
    return [(west, south, east, north)]


def _geodetic(reduced: Floats) -> Floats:
    """Reduced to geodetic latitude in degrees; beyond a pole it is the pole."""
    inner = np.clip(reduced, -np.pi / 2, np.pi / 2)
    beyond = np.abs(inner) >= np.pi / 2
    return np.where(beyond, np.copysign(90.0, inner), np.degrees(np.arctan(np.tan(inner) / (1 - _FLATTENING))))
