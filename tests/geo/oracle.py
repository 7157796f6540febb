"""What is right, by code that is not ours: shapely for planar rings, geographiclib point by point for metres."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely
from geographiclib.geodesic import Geodesic
from shapely.affinity import translate

EARTH_M = 6_371_000.0
TURNS = (0.0, 360.0, -360.0)


def metres(lon, lat, lon2, lat2):
    return Geodesic.WGS84.Inverse(lat, lon, lat2, lon2, Geodesic.DISTANCE)["s12"]


def covered(area, lon, lat):
    """Who is in a polygon or on its edge, as a person with a globe would see it: any turn of it, and a pole is one place."""
    points = shapely.points(lon, lat)
    found = np.logical_or.reduce([shapely.covers(translate(area, turn), points) for turn in TURNS])
    _, south, _, north = area.bounds
    return found | ((lat == 90) & (north >= 90)) | ((lat == -90) & (south <= -90))


def from_middle(circle, lon, lat):
    return np.array([metres(x, y, circle.lon, circle.lat) for x, y in zip(lon, lat, strict=True)])


def on_rim(circle, azimuth, radius_m):
    """Where one comes to from its middle."""
    end = Geodesic.WGS84.Direct(circle.lat, circle.lon, azimuth, radius_m)
    return end["lon2"], end["lat2"]


def to_border(area, lon, lat):
    """Metres to the nearest place of an edge, inside or outside; the edges are densified to 10 m."""
    border = densified(area)
    return np.array([to_line_m(x, y, border) for x, y in zip(lon, lat, strict=True)])


def densified(area, step_m=10.0):
    """Lines of (n, 2) places along each ring, at most so far apart, straight in lon/lat."""
    return [_walk(np.asarray(ring.coords)[:, :2], step_m) for ring in shapely.get_rings(shapely.get_parts(area))]


def _walk(ring, step_m):
    places = []
    for (x, y), (x2, y2) in pairwise(ring):
        wide = (x2 - x) * np.cos(np.radians(min(abs(y), abs(y2))))
        pieces = int(np.ceil(np.radians(np.hypot(wide, y2 - y)) * EARTH_M / step_m)) + 1
        along = np.arange(pieces)[:, None] / pieces
        places.append(np.array([[x, y]]) + along * np.array([[x2 - x, y2 - y]]))
    return np.vstack([*places, ring[-1:]])


def to_line_m(lon, lat, lines):
    """The geodesic to the nearest place and its neighbours, and the height of the flat triangles between them."""
    return min(_to_line_m(lon, lat, line) for line in lines)


def _to_line_m(lon, lat, line):
    near = int(np.argmin(np.square(in_space(*line.T) - in_space(lon, lat)).sum(axis=-1)))
    places = line[max(near - 1, 0) : near + 2]
    away = [metres(lon, lat, *place) for place in places]
    heights = [
        _height(a, b, metres(*one, *other))
        for a, b, one, other in zip(away[:-1], away[1:], places[:-1], places[1:], strict=True)
    ]
    return min([*away, *heights])


def in_space(lon, lat):
    """On WGS 84, in units of its equator: which place is nearest is a matter of half a percent."""
    east, north, eccentricity2 = np.radians(lon), np.radians(lat), 0.00669437999014
    normal = 1 / np.sqrt(1 - eccentricity2 * np.sin(north) ** 2)
    flat = normal * np.cos(north)
    return np.stack([flat * np.cos(east), flat * np.sin(east), normal * (1 - eccentricity2) * np.sin(north)], axis=-1)


def _height(a, b, side):
    """Over a side, of a triangle of three lengths; if its foot is not on the side, the nearer end."""
    if side == 0:
        return min(a, b)
    foot = (a * a - b * b + side * side) / (2 * side)
    return np.sqrt(max(a * a - foot * foot, 0.0)) if 0 < foot < side else min(a, b)
