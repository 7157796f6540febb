"""What of an area sticks out of a jurisdiction. Pure.

Maps of one border differ: our boundaries are drawn for 1:500,000 and rounded to a grid, an agency's own may come from
a survey. A strip along the border that reaches no farther than SLIVER_M beyond it is such noise; anything that reaches
farther sticks out, whole. Circles are judged by geodesics, not by a polygon drawn around them.

Two borders of 20,000 corners each leave thousands of slivers between them. Those that surely are noise are told by the
jurisdiction drawn wider on a flat map on which nothing is shorter than on the earth; the rest by `geo.farthest`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import distance, rings
from geo.circles import Circle
from geo.drawing import outline
from geo.farthest import near, reach_farther
from geo.shapes import Shape

SLIVER_M = 200.0  # the accuracy of a line on a map of 1:500,000, and our rounding
_ROUNDING_M = 0.01
_CLEAR_OF_POLE_M = 50.0  # a rim nearer to a pole than this has no shape in lon/lat
_CORNERS = 720  # of the ring that stands for a circle where a part of it must be shown
_DEGREE_M = 111_700.0  # no degree of a meridian, and none of a parallel divided by its cosine, is longer
_SMOOTHED = 0.1  # of the sliver: what the wider drawing gives away to be drawn quickly


def sticks_out(area: Shape, jurisdiction: Shape, sliver_m: float = SLIVER_M) -> Shape | None:
    """Parts of `area` that reach more than `sliver_m` metres out of `jurisdiction`; None if there are none.

    All such parts of its polygons; where there are none, of some of its circles, shown as polygons. An empty
    jurisdiction holds nothing; an empty area sticks out of nothing.
    """
    if area.is_empty:
        return None
    own = _without_known(area.polygons, jurisdiction.polygons)
    around = near(jurisdiction.polygons, np.array(area.bounds), 2 * sliver_m)
    jurisdiction = Shape(around, jurisdiction.circles)  # what is farther away changes nothing
    if outside := _judged(own, jurisdiction, sliver_m):
        return Shape(shapely.MultiPolygon(outside))
    for circle in _not_held(area.circles, jurisdiction, sliver_m):
        if outside := _judged(_drawn_around(circle), jurisdiction, sliver_m):
            return Shape(shapely.MultiPolygon(outside))
    return None


def _judged(polygons: shapely.MultiPolygon, jurisdiction: Shape, sliver_m: float) -> list[shapely.Polygon]:
    loose = _not_noise(_beyond(polygons, jurisdiction), jurisdiction, sliver_m)
    return reach_farther(loose, jurisdiction, sliver_m + _ROUNDING_M)


def _without_known(polygons: shapely.MultiPolygon, known: shapely.MultiPolygon) -> shapely.MultiPolygon:
    """Without the parts that are parts of `known`, corner for corner: a whole state is judged at once by its own border."""
    mine, theirs = list(polygons.geoms), list(known.geoms)
    by_bounds = dict(zip(map(tuple, shapely.bounds(theirs)), theirs, strict=True))
    pairs = zip(mine, (by_bounds.get(tuple(bounds)) for bounds in shapely.bounds(mine)), strict=True)
    return shapely.MultiPolygon([one for one, twin in pairs if twin is None or not shapely.equals_exact(one, twin)])


def _not_held(circles: Sequence[Circle], jurisdiction: Shape, sliver_m: float) -> list[Circle]:
    """Circles that neither one circle nor the polygons of the jurisdiction hold whole."""
    left = [circle for circle in circles if not _in_a_circle(circle, jurisdiction, sliver_m)]
    if not left or jurisdiction.polygons.is_empty:
        return left
    lon, lat, radius_m = np.array([(one.lon, one.lat, one.radius_m) for one in left]).T
    held = distance.covered(lon, lat, jurisdiction.polygons)
    held &= distance.to_border(lon, lat, jurisdiction.polygons) >= radius_m
    return [circle for circle, inside in zip(left, held, strict=True) if not inside]


def _in_a_circle(circle: Circle, jurisdiction: Shape, sliver_m: float) -> bool:
    for other in jurisdiction.circles:
        away_m = distance.between(circle.lon, circle.lat, other.lon, other.lat)[0]
        if away_m + circle.radius_m <= other.radius_m + sliver_m:
            return True
    return False


def _beyond(polygons: shapely.MultiPolygon, jurisdiction: Shape) -> list[shapely.Polygon]:
    """What of the polygons is not in the jurisdiction."""
    beyond = shapely.difference(polygons, jurisdiction.polygons)
    for circle in jurisdiction.circles:
        # Drawn inside the circle: what is left over at its rim reaches no way out of it, and is dropped later.
        beyond = shapely.difference(beyond, outline(circle, circle.radius_m, -_CLEAR_OF_POLE_M, _CORNERS))
    return rings.parts(beyond)


def _not_noise(parts: list[shapely.Polygon], jurisdiction: Shape, sliver_m: float) -> list[shapely.Polygon]:
    """Without the parts that surely reach no farther than `sliver_m`; the others have yet to be judged."""
    if not parts or jurisdiction.polygons.is_empty:
        return parts
    flat = _Flat(parts)
    smooth_m = _SMOOTHED * sliver_m
    # Smoothing moves a border by `smooth_m` at most, so the ground within the rest of the sliver is within the sliver.
    near = shapely.simplify(flat.near(jurisdiction.polygons, sliver_m), smooth_m)
    wide = shapely.buffer(near, sliver_m - smooth_m, quad_segs=4)  # its arcs are cut short, never drawn beyond
    shapely.prepare(wide)
    noise = shapely.covers(wide, flat.parts)
    return [part for part, within in zip(parts, noise, strict=True) if not within]


class _Flat:
    """A flat map of some parts in metres: lengths on it are those on the earth or longer."""

    def __init__(self, parts: list[shapely.Polygon]) -> None:
        self._bounds = shapely.total_bounds(parts)
        south, north = float(self._bounds[1]), float(self._bounds[3])
        flattest = 0.0 if south * north <= 0 else min(abs(south), abs(north))
        self._scale = np.array([_DEGREE_M * np.cos(np.radians(flattest)), _DEGREE_M])
        self.parts = shapely.transform(np.array(parts, object), self._flattened)

    def near(self, polygons: shapely.MultiPolygon, around_m: float) -> shapely.Geometry:
        """What of the polygons lies in the box of the parts, and some way around it."""
        room = 2 * around_m / self._scale
        west, south, east, north = self._bounds + np.concatenate([-room, room])
        window = shapely.box(west, south, east, north)
        near: shapely.Geometry = shapely.transform(shapely.intersection(polygons, window), self._flattened)
        return near

    def _flattened(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(positions * self._scale)


def _drawn_around(circle: Circle) -> shapely.MultiPolygon:
    """Drawn around the circle, so that no part of it is left out of the judgement."""
    return outline(circle, circle.radius_m / np.cos(np.pi / _CORNERS), _CLEAR_OF_POLE_M, _CORNERS)
