"""An area to look at: GeoJSON for maps, which cannot show a circle, and its size.

A circle is drawn as a ring of CORNERS positions on its edge, marked as an approximation: its feature carries the circle
itself, and who sends the drawing back as an area gets the circles again and not the rings (`geo.geojson`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping

from geo import distance, rings
from geo.circles import Circle
from geo.faults import Faults
from geo.shapes import Shape

CORNERS = 96  # a chord of the ring lies within 0.06 % of the radius inside the edge
_STRAIGHT_DEG = 0.25  # edges are cut to this before their area is taken
_SMALLEST_M = 0.1  # the corners of a smaller ring are one place to a double
_CLEAR_OF_POLE_M = 50.0  # a rim nearer to a pole than this has no shape in lon/lat


def draw(area: Shape) -> dict[str, Any]:
    """A FeatureCollection (RFC 7946): the polygons as they are, and one feature for each circle."""
    exact = [] if area.polygons.is_empty else [_feature(area.polygons, {"approximation": False})]
    return {"type": "FeatureCollection", "features": [*exact, *map(_drawn, area.circles)]}


def outline(circle: Circle, radius_m: float, clear_m: float, corners: int) -> shapely.MultiPolygon:
    """A ring on the edge, cut at 180 degrees; where it would run through a pole, that much larger, or smaller if negative."""
    pole_m = distance.between(circle.lon, circle.lat, circle.lon, np.copysign(90.0, circle.lat))[0]
    if abs(pole_m - radius_m) < abs(clear_m):
        radius_m = pole_m + clear_m
    if radius_m > 0:
        radius_m = max(radius_m, _SMALLEST_M)
    else:  # so small and so near a pole: too little to hold anything
        return shapely.MultiPolygon()
    faults = Faults()
    drawn = rings.polygons([distance.rim(circle.lon, circle.lat, radius_m, corners)], [""], faults)
    faults.raise_if_any()
    return shapely.MultiPolygon(rings.parts(shapely.union_all(drawn)))


def area_km2(area: Shape) -> float:
    """How large it is, what lies in several parts counted once; exact to about 0.1 %, which is the circles' drawing."""
    drawn = [outline(circle, circle.radius_m, -_CLEAR_OF_POLE_M, CORNERS) for circle in area.circles]
    whole = shapely.union_all([area.polygons, *drawn]) if drawn else area.polygons
    return rings.area_km2(shapely.segmentize(whole, _STRAIGHT_DEG))


def _drawn(circle: Circle) -> dict[str, Any]:
    told = {"approximation": True, "circles": [[circle.lon, circle.lat, circle.radius_m]]}
    return _feature(outline(circle, circle.radius_m, -_CLEAR_OF_POLE_M, CORNERS), told)


def _feature(geometry: shapely.MultiPolygon, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": mapping(geometry), "properties": properties}
