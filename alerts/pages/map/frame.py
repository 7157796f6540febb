"""Which part of the earth a map shows, and where a position lies on its sheet.

A local equirectangular projection: x = lon * cos(middle latitude), y = lat. Over the extent of a search area the
shapes look right and straight edges in (lon, lat), which is what the matching tests, stay straight on the sheet.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import shapely
from pyproj import Geod

from geo.shapes import Circle, Shape

SHEET = (400, 300)  # sheet units; a phone shows about one pixel a unit
_MARGIN = 0.16  # of the area's extent, on each side
_LEAST_DEG = 0.05  # a point still gets a map of about 5 km
_MOST_LAT = 89.0  # nearer to a pole a flat map says nothing
_METRES_A_DEGREE = 111_195.0
_EARTH = Geod(ellps="WGS84")

Position = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """`west` and `north` (degrees) lie at the sheet's corner (0, 0); `scale` is sheet units a degree of latitude."""

    west: float
    north: float
    scale: float
    squeeze: float  # cos(middle latitude): how much narrower a degree of longitude is

    def xy(self, lon: float, lat: float) -> tuple[float, float]:
        """The position on the sheet; longitudes are taken the short way round from the sheet's middle."""
        middle = self.west + SHEET[0] / (2 * self.scale * self.squeeze)
        turned = (lon - middle + 180.0) % 360.0 - 180.0 + middle
        return (turned - self.west) * self.scale * self.squeeze, (self.north - lat) * self.scale

    def position(self, x: float, y: float) -> Position:
        """What lies at (x, y) of the sheet, as (lon, lat); the longitude in [-180, 180)."""
        lon = self.west + x / (self.scale * self.squeeze)
        return (lon + 180.0) % 360.0 - 180.0, max(-90.0, min(90.0, self.north - y / self.scale))

    def around(self, middle: Position, nearer: float) -> Frame:
        """The surroundings of a position, so many times nearer."""
        lon, lat = middle
        scale = self.scale * nearer
        return Frame(
            lon - SHEET[0] / (2 * scale * self.squeeze), lat + SHEET[1] / (2 * scale), scale, self.squeeze
        )  # fmt: skip

    @property
    def box(self) -> Box:
        """West, south, east, north of the sheet; west or east may pass 180 where the sheet does."""
        return (
            self.west,
            self.north - SHEET[1] / self.scale,
            self.west + SHEET[0] / (self.scale * self.squeeze),
            self.north,
        )

    @property
    def metres_a_unit(self) -> float:
        """Ground metres of one sheet unit, north to south."""
        return _METRES_A_DEGREE / self.scale


def circle_ring(circle: Circle, points: int = 72) -> shapely.Geometry:
    """The circle's edge on the ellipsoid, for drawing only; it may pass longitude 180."""
    turns = [360.0 * step / points for step in range(points)]
    lons, lats, _ = _EARTH.fwd([circle.lon] * points, [circle.lat] * points, turns, [circle.radius_m] * points)
    near = [(lon - circle.lon + 180.0) % 360.0 - 180.0 + circle.lon for lon in lons]
    # Around a pole the edge crosses itself in (lon, lat): a rough drawing is better than none.
    return shapely.make_valid(shapely.Polygon(list(zip(near, lats, strict=True))))


def pieces(area: Shape) -> list[shapely.Geometry]:
    """All there is to draw of an area: its polygons, and its circles as rings."""
    return [*area.polygons.geoms, *(circle_ring(circle) for circle in area.circles)]


def fit(area: Shape, also: Iterable[Position] = ()) -> Frame:
    """The frame that shows all of `area` (and the positions `also`) with some room around. An empty one: the world."""
    boxes = [tuple(shapely.bounds(piece).tolist()) for piece in pieces(area)] + [
        (lon, lat, lon, lat) for lon, lat in also
    ]
    if not boxes:
        boxes = [(-180.0, -60.0, 180.0, 75.0)]
    start, width = _longitudes([(box[0], box[2]) for box in boxes])
    south = max(min(box[1] for box in boxes), -_MOST_LAT)
    north = min(max(box[3] for box in boxes), _MOST_LAT)
    return _frame(start, width, south, north)


def _frame(start: float, width: float, south: float, north: float) -> Frame:
    squeeze = math.cos(math.radians((south + north) / 2))
    wide = max(width * squeeze, _LEAST_DEG) * (1 + 2 * _MARGIN)
    high = max(north - south, _LEAST_DEG) * (1 + 2 * _MARGIN)
    scale = min(SHEET[0] / wide, SHEET[1] / high)
    west = start + width / 2 - SHEET[0] / (2 * scale * squeeze)
    return Frame(west, (south + north) / 2 + SHEET[1] / (2 * scale), scale, squeeze)


def _longitudes(spans: list[tuple[float, float]]) -> tuple[float, float]:
    """Start and width of the shortest stretch of longitudes holding all spans: the rest is the widest gap."""
    ordered = sorted(((west % 360.0), east - west) for west, east in spans)
    best_start, best_width, reach = ordered[0][0], 360.0, ordered[0][0]
    widest = -1.0
    for index, (west, width) in enumerate(ordered):
        reach = max(reach, west + width)
        following = ordered[index + 1][0] if index + 1 < len(ordered) else ordered[0][0] + 360.0
        if following - reach > widest:
            widest = following - reach
            best_start, best_width = following % 360.0, 360.0 - widest
    start = best_start - 360.0 if best_start > 180.0 else best_start
    return start, min(max(best_width, 0.0), 360.0)
