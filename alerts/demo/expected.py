"""Who must be told, counted by brute force: shapely for rings, geographiclib for circles, person by person.

The oracle of the demo shares no code with what it judges: not the index, not `geo.distance`, not planner or ledger.
"""

from __future__ import annotations

import numpy as np
import shapely
from geographiclib.geodesic import Geodesic
from numpy.typing import NDArray

from geo.shapes import Circle, Shape

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_LEAST_DEGREE_M = 110_500.0  # no degree of latitude is shorter (110,574 m at the equator)
_EQUATOR_M = 6_378_137.0
_ECCENTRICITY2 = 0.006_694_379_990_14


def inside(lon: Floats, lat: Floats, radius_m: Floats, area: Shape) -> Flags:
    """Which points, or circles of uncertainty where `radius_m` > 0, touch the area. The edge counts as inside."""
    found = _in_rings(lon, lat, area)
    for circle in area.circles:
        _add_circle(found, lon, lat, radius_m, circle)
    _add_uncertain(found, lon, lat, radius_m, area)
    return found


def _in_rings(lon: Floats, lat: Floats, area: Shape) -> Flags:
    found = np.zeros(len(lon), np.bool_)
    points = shapely.points(lon, lat)
    for polygon in area.polygons.geoms:
        shapely.prepare(polygon)
        found |= shapely.covers(polygon, points)
    return found


def _add_circle(found: Flags, lon: Floats, lat: Floats, radius_m: Floats, circle: Circle) -> None:
    """One geodesic a person; only those whose latitude alone is too far are spared theirs."""
    reach_m = circle.radius_m + radius_m
    for row in np.flatnonzero(~found & (np.abs(lat - circle.lat) * _LEAST_DEGREE_M <= reach_m)):
        found[row] = metres(lat[row], lon[row], circle.lat, circle.lon) <= reach_m[row]


def _add_uncertain(found: Flags, lon: Floats, lat: Floats, radius_m: Floats, area: Shape) -> None:
    """People with a circle of uncertainty: the geodesic to the nearest point of every edge that could be near."""
    edges = _edges(area)
    if not len(edges):
        return
    for row in np.flatnonzero(~found & (radius_m > 0)):
        found[row] = _edge_within(float(lon[row]), float(lat[row]), float(radius_m[row]), edges)


def _edges(area: Shape) -> Floats:
    """(n, 4): lon, lat, lon, lat of every edge of every ring, holes included."""
    rings = [ring for polygon in area.polygons.geoms for ring in (polygon.exterior, *polygon.interiors)]
    pieces = [np.asarray(ring.coords)[:, :2] for ring in rings]
    return np.concatenate([np.zeros((0, 4)), *(np.hstack([piece[:-1], piece[1:]]) for piece in pieces)])


def _edge_within(lon: float, lat: float, radius_m: float, edges: Floats) -> bool:
    """On a plane of metres around the person: true to a centimetre over the few kilometres that matter here."""
    sine = np.sin(np.radians(lat))
    curve = 1 - _ECCENTRICITY2 * sine * sine
    east_m = np.radians(1) * _EQUATOR_M / np.sqrt(curve) * np.cos(np.radians(lat))
    north_m = np.radians(1) * _EQUATOR_M * (1 - _ECCENTRICITY2) / curve**1.5
    start = np.stack([((edges[:, 0] - lon + 540) % 360 - 180) * east_m, (edges[:, 1] - lat) * north_m])
    step = np.stack([(edges[:, 2] - edges[:, 0]) * east_m, (edges[:, 3] - edges[:, 1]) * north_m])
    along = np.clip(-(start * step).sum(0) / np.maximum((step * step).sum(0), 1e-12), 0, 1)
    nearest = start + along * step
    best = int(np.argmin((nearest * nearest).sum(0)))
    end_lon, end_lat = lon + nearest[0, best] / east_m, lat + nearest[1, best] / north_m
    return metres(lat, lon, end_lat, end_lon) <= radius_m


def metres(lat: float, lon: float, lat2: float, lon2: float) -> float:
    """The geodesic on WGS 84 (Karney 2013), by geographiclib."""
    return float(Geodesic.WGS84.Inverse(lat, lon, lat2, lon2, Geodesic.DISTANCE)["s12"])
