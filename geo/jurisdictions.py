"""What of an area sticks out of a jurisdiction. Pure.

Maps of one border differ: our boundaries are drawn for 1:500,000 and rounded to a grid, an agency's own may come from
a survey. A strip along the border that reaches no farther than SLIVER_M beyond it is such noise; anything that reaches
farther sticks out, whole. Circles are judged by geodesics, not by a polygon drawn around them.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import distance, rings
from geo.circles import Circle
from geo.faults import Faults
from geo.shapes import Shape

SLIVER_M = 200.0  # the accuracy of a line on a map of 1:500,000, and our rounding
_ROUNDING_M = 0.01
_CLEAR_OF_POLE_M = 50.0  # a rim nearer to a pole than this has no shape in lon/lat
_EDGE_STEP = 0.001  # degrees: half of SLIVER_M
_MOST_PLACES = 5_000  # along the edges of one part
_CORNERS = 720  # of the ring that stands for a circle where a part of it must be shown


def sticks_out(area: Shape, jurisdiction: Shape, sliver_m: float = SLIVER_M) -> Shape | None:
    """The parts of `area` that reach more than `sliver_m` metres out of `jurisdiction`; None if there are none.

    A part of a circle is shown as a polygon. An empty jurisdiction holds nothing; an empty area sticks out of nothing.
    """
    outside = [part for circle in area.circles for part in _of_circle(circle, jurisdiction, sliver_m)]
    outside += _of_polygons(area.polygons, jurisdiction, sliver_m)
    return Shape().union(*(Shape(shapely.MultiPolygon([part])) for part in outside)) if outside else None


def _of_circle(circle: Circle, jurisdiction: Shape, sliver_m: float) -> list[shapely.Polygon]:
    if _holds(jurisdiction, circle, sliver_m):
        return []
    # Drawn around the circle, so that no part of it is left out of the judgement.
    around_m = circle.radius_m / np.cos(np.pi / _CORNERS)
    return _of_polygons(_drawn(circle, around_m, _CLEAR_OF_POLE_M), jurisdiction, sliver_m)


def _holds(jurisdiction: Shape, circle: Circle, sliver_m: float) -> bool:
    """Whether one circle, or the polygons, of the jurisdiction hold the whole circle."""
    for other in jurisdiction.circles:
        away_m = distance.between(circle.lon, circle.lat, other.lon, other.lat)[0]
        if away_m + circle.radius_m <= other.radius_m + sliver_m:
            return True
    lon, lat = np.array([circle.lon]), np.array([circle.lat])
    if jurisdiction.polygons.is_empty or not distance.covered(lon, lat, jurisdiction.polygons)[0]:
        return False
    return bool(distance.to_border(lon, lat, jurisdiction.polygons)[0] >= circle.radius_m)


def _of_polygons(polygons: shapely.MultiPolygon, jurisdiction: Shape, sliver_m: float) -> list[shapely.Polygon]:
    beyond = shapely.difference(polygons, jurisdiction.polygons)
    for circle in jurisdiction.circles:
        # Drawn inside the circle: what is left over at its rim reaches no way out of it, and is dropped below.
        beyond = shapely.difference(beyond, _drawn(circle, circle.radius_m, -_CLEAR_OF_POLE_M))
    return _reaching_out(rings.parts(beyond), jurisdiction, sliver_m + _ROUNDING_M)


def _drawn(circle: Circle, radius_m: float, clear_m: float) -> shapely.MultiPolygon:
    """The circle as a polygon; where its rim would run through a pole, that much larger, or smaller if negative."""
    pole_m = distance.between(circle.lon, circle.lat, circle.lon, np.copysign(90.0, circle.lat))[0]
    if abs(pole_m - radius_m) < abs(clear_m):
        radius_m = pole_m + clear_m
    if radius_m <= 0:  # so small and so near a pole: too little to hold anything
        return shapely.MultiPolygon()
    faults = Faults()
    drawn = rings.polygons([distance.rim(circle.lon, circle.lat, radius_m, _CORNERS)], [""], faults)
    faults.raise_if_any()
    return shapely.MultiPolygon(rings.parts(shapely.union_all(drawn)))


def _reaching_out(parts: list[shapely.Polygon], jurisdiction: Shape, sliver_m: float) -> list[shapely.Polygon]:
    """Those that reach farther at a corner (a few of them are asked first), at the middle of their widest place or
    along an edge. Of the last two one is at least about half as far away as the farthest place of the part.
    """
    out = np.zeros(len(parts), np.bool_)
    for places_of in (_some_corners, shapely.get_coordinates, _middle, _along_edges):
        open_ = np.flatnonzero(~out)
        if len(open_):
            places = [places_of(parts[row]) for row in open_]
            whose = np.repeat(open_, [len(one) for one in places])
            lon, lat = np.concatenate(places).T
            out[whose[distance.to_shape(lon, lat, jurisdiction) > sliver_m]] = True
    return [part for part, reaches in zip(parts, out, strict=True) if reaches]


def _some_corners(part: shapely.Polygon) -> NDArray[np.float64]:
    corners = shapely.get_coordinates(part)
    return corners[:: max(1, len(corners) // 8)]


def _middle(part: shapely.Polygon) -> NDArray[np.float64]:
    """(1, 2) the centre of the largest circle in it, to a hundredth of its smaller side."""
    west, south, east, north = part.bounds
    fine = max(min(east - west, north - south) / 100, 1e-9)
    return np.asarray(shapely.get_coordinates(shapely.maximum_inscribed_circle(part, tolerance=fine))[:1])


def _along_edges(part: shapely.Polygon) -> NDArray[np.float64]:
    """Places _EDGE_STEP degrees apart, or of a very long edge some thousands: a strip over a gap has its corners at the sides."""
    step = max(_EDGE_STEP, part.length / _MOST_PLACES)
    return np.asarray(shapely.get_coordinates(shapely.segmentize(part, step)))
