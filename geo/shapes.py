"""The shape of an area: polygons whose edges are straight in lon/lat, and circles that stay circles; their union.

All that is taken from outside passes here: `from_geojson`, `from_ring`, `from_circle`, and CAP's text (`parse_cap_polygon`,
`parse_cap_circle`). Rings are cut at 180 degrees and lie in [-180, 180]. What is wrong with an area is a ShapeFault
that says everything at once; nothing is ever repaired wider.
"""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import shapely
from shapely.geometry import mapping, shape

from geo import rings
from geo.cap_text import parse_cap_circle, parse_cap_polygon
from geo.circles import Box, Circle
from geo.faults import (
    MAX_AREA_KM2,
    MAX_PARTS,
    MAX_UNION_PARTS,
    MAX_UNION_VERTICES,
    MAX_VERTICES,
    TANGLED,
    TOO_LARGE,
    Fault,
    Faults,
    ShapeFault,
)
from geo.geojson import Reader
from geo.tangles import tangled

__all__ = [
    "MAX_AREA_KM2",
    "MAX_PARTS",
    "MAX_VERTICES",
    "Circle",
    "Drawn",
    "Fault",
    "Shape",
    "ShapeFault",
    "from_circle",
    "from_geojson",
    "from_ring",
    "outer_pieces",
    "parse_cap_circle",
    "parse_cap_polygon",
    "read_geojson",
    "read_ring",
    "whole",
]

Position = tuple[float, float]
_WIDEST_PIECE = 180.0  # degrees
_HAIR = 1e-9  # degrees: a tenth of a millimetre
_ROUNDING = 1e-9  # of an area: what dissolving leaves


@dataclass(frozen=True, slots=True, repr=False)
class Shape:
    """A union of polygons (valid, inside [-180, 180]) and circles (WGS 84 geodesic); the edge belongs to it."""

    polygons: shapely.MultiPolygon = field(default_factory=shapely.MultiPolygon)
    circles: tuple[Circle, ...] = ()

    def __repr__(self) -> str:
        vertices = int(shapely.get_num_coordinates(self.polygons))
        return f"Shape({len(self.polygons.geoms)} polygons with {vertices} positions, {len(self.circles)} circles)"

    @property
    def is_empty(self) -> bool:
        return self.polygons.is_empty and not self.circles

    @property
    def bounds(self) -> list[Box]:
        """The fewest boxes (west, south, east, north) that hold it: one, or two where it crosses 180 degrees."""
        parts = [part.bounds for part in self.polygons.geoms]
        return _joined([*parts, *(box for circle in self.circles for box in circle.boxes())])

    def digest(self) -> str:
        """64 hexadecimal digits: equal for equal areas, whatever the order of their parts, in every process."""
        whole = hashlib.sha256(b"lookout shape 1")
        whole.update(shapely.to_wkb(shapely.normalize(self.polygons), byte_order=1, output_dimension=2))
        for circle in sorted({(c.lon, c.lat, c.radius_m) for c in self.circles}):
            whole.update(struct.pack("<3d", *circle))
        return whole.hexdigest()

    def union(self, *others: Shape) -> Shape:
        """All of them as one. Parts that keep apart keep every coordinate. ShapeFault for a tangle (`geo.tangles`)."""
        everyone = (self, *others)
        polygons = [part for one in everyone for part in one.polygons.geoms]
        return Shape(_merged(polygons), tuple(dict.fromkeys(circle for one in everyone for circle in one.circles)))

    def representative_point(self) -> Position:
        """(lon, lat) of a place inside the largest part. ValueError if it is empty."""
        if not self.polygons.is_empty:
            inside = max(self.polygons.geoms, key=rings.area_km2).representative_point()
            return inside.x, inside.y
        if not self.circles:
            raise ValueError("an empty shape has no point inside")
        largest = max(self.circles, key=lambda circle: circle.radius_m)
        return largest.lon, largest.lat

    def to_geojson(self) -> dict[str, Any]:
        """A Feature: the polygons as a MultiPolygon, the circles as [lon, lat, radius_m] in `properties.circles`."""
        circles = [[circle.lon, circle.lat, circle.radius_m] for circle in self.circles]
        return {"type": "Feature", "geometry": mapping(self.polygons), "properties": {"circles": circles}}

    @classmethod
    def from_json(cls, obj: Mapping[str, Any]) -> Shape:
        """What `to_geojson` wrote, exactly. For our own store: `from_geojson` is what checks the world's."""
        polygons = shapely.MultiPolygon(rings.parts(shape(obj["geometry"])))
        return cls(polygons, tuple(Circle(*circle) for circle in obj["properties"]["circles"]))


class Drawn(NamedTuple):
    """An area as it was taken, and all that was put right to take it: where something could mean only one thing."""

    shape: Shape
    repairs: tuple[Fault, ...]


def read_geojson(obj: Mapping[str, Any]) -> Drawn:
    """An area drawn by somebody; which GeoJSON is taken stands in `geo.geojson`. ShapeFault with all faults."""
    reader = Reader()
    reader.geometry(obj)
    return _drawn(reader)


def read_ring(positions: Sequence[Position]) -> Drawn:
    """A polygon without holes from positions (lon, lat). ShapeFault with all faults."""
    reader = Reader()
    found = reader.ring(positions, "")
    reader.polygons += rings.polygons([found], [""], reader.faults) if found is not None else []
    return _drawn(reader)


def from_geojson(obj: Mapping[str, Any]) -> Shape:
    """The shape of `read_geojson`."""
    return read_geojson(obj).shape


def from_ring(positions: Sequence[Position]) -> Shape:
    """The shape of `read_ring`."""
    return read_ring(positions).shape


def from_circle(lon: float, lat: float, radius_m: float) -> Shape:
    """A circle. ShapeFault with all faults."""
    reader = Reader()
    reader.circle(lon, lat, radius_m, "")
    return _drawn(reader).shape


def whole(shapes: Sequence[Shape]) -> Shape:
    """The union of what was drawn and named, within the limits on all of it together. ShapeFault says which is passed."""
    found = Shape().union(*shapes)
    faults = Faults()
    parts = shapely.get_num_geometries(found.polygons) + len(found.circles)
    if parts > MAX_UNION_PARTS or shapely.get_num_coordinates(found.polygons) > MAX_UNION_VERTICES:
        faults.add("too_large", "", "All parts of this area together have too many corners: simplify it.")
    round_km2 = sum(math.pi * (circle.radius_m / 1000) ** 2 for circle in found.circles)
    if rings.area_km2(found.polygons) + round_km2 > MAX_AREA_KM2:
        faults.add("too_large", "", TOO_LARGE)
    faults.raise_if_any()
    return found


def outer_pieces(area: Shape) -> tuple[tuple[Position, ...], ...]:
    """Rings without holes that together cover exactly the polygons, for CAP, which cannot say a hole.

    A polygon with holes is cut through the middle of a hole until none is left, and one half the earth wide in two:
    an edge that long would be read the other way round. The circles are not among them.
    """
    pieces = [piece for polygon in area.polygons.geoms for piece in _without_holes(polygon)]
    return tuple(tuple((x, y) for x, y in piece.exterior.coords) for piece in pieces)


def _without_holes(polygon: shapely.Polygon) -> list[shapely.Polygon]:
    """Halves at every cut: the number of cuts in a row is the logarithm of the number of holes, mostly."""
    done: list[shapely.Polygon] = []
    todo = [polygon]
    while todo:
        part = todo.pop()
        west, _, east, _ = part.bounds
        if part.interiors:
            todo += _through_a_hole(part)
        elif east - west >= _WIDEST_PIECE:
            todo += _cut(part, (west + east) / 2)
        else:
            done.append(part)
    return done


def _through_a_hole(part: shapely.Polygon) -> list[shapely.Polygon]:
    """Fewer holes in each piece. One too thin for a line between its sides is first made a hair wider, never filled."""
    west, south, east, north = part.interiors[len(part.interiors) // 2].bounds
    pieces = _cut(part, (west + east) / 2)
    if all(len(piece.interiors) < len(part.interiors) for piece in pieces):
        return pieces
    gap = shapely.box(west - _HAIR, south - _HAIR, east + _HAIR, north + _HAIR)
    return rings.parts(shapely.difference(part, gap))


def _cut(part: shapely.Polygon, lon: float) -> list[shapely.Polygon]:
    west, south, east, north = part.bounds
    halves = shapely.box(west, south, lon, north), shapely.box(lon, south, east, north)
    return [piece for half in halves for piece in rings.parts(shapely.intersection(part, half))]


def _drawn(reader: Reader) -> Drawn:
    reader.finish()
    polygons = _merged(reader.polygons)
    if shapely.get_num_coordinates(polygons) > MAX_VERTICES:  # lines that cross add positions
        raise ShapeFault([Fault("tangled", "", TANGLED)])
    if polygons.area < sum(polygon.area for polygon in reader.polygons) * (1 - _ROUNDING):
        said = "Parts of this area overlap: they count as one, also where one lies inside another."
        reader.faults.repair("overlap", "", said)
    shape = Shape(polygons, tuple(dict.fromkeys(reader.circles)))
    return Drawn(shape, tuple(reader.faults.repairs))


def _merged(polygons: Sequence[shapely.Polygon]) -> shapely.MultiPolygon:
    """Parts that keep apart are left as they are; only those that overlap or share an edge are dissolved."""
    together = shapely.MultiPolygon(list(polygons))
    if together.is_valid:
        return together
    if tangled(polygons):
        raise ShapeFault([Fault("tangled", "", TANGLED)])
    return shapely.MultiPolygon(rings.parts(shapely.union_all(polygons)))


def _joined(boxes: Sequence[Box]) -> list[Box]:
    """One box around all, the short way round the earth: cut at 180 where the widest empty stretch is elsewhere."""
    if not boxes:
        return []
    south, north = min(box[1] for box in boxes), max(box[3] for box in boxes)
    taken = sorted((box[0], box[2]) for box in boxes)
    east = taken[0][1]
    widest, gap = taken[0][0] + 360 - max(end for _, end in taken), None
    for start, end in taken[1:]:
        if start - east > widest:
            widest, gap = start - east, (east, start)
        east = max(east, end)
    if gap is None:
        return [(taken[0][0], south, east, north)]
    return [(-180.0, south, gap[0], north), (gap[1], south, 180.0, north)]
