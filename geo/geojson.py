"""Reading GeoJSON (RFC 7946) into polygons and circles, every fault told, nothing repaired wider.

Taken: Polygon, MultiPolygon, GeometryCollection, Feature, FeatureCollection; and circles, which GeoJSON lacks: a Point
with `radius_m`, in itself or in its Feature's properties, and the `circles` of a Feature as `Shape.to_geojson` writes it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import positions as position_lists
from geo import rings
from geo.circles import Circle
from geo.faults import MAX_AREA_KM2, MAX_PARTS, MAX_VERTICES, TOO_LARGE, Faults
from geo.positions import is_number

_DEEPEST = 8  # collections inside collections
_LARGEST_M = math.sqrt(MAX_AREA_KM2 / math.pi) * 1000


@dataclass(slots=True)
class Reader:
    """What has been read so far of one area; `faults` says what was wrong with the rest."""

    polygons: list[shapely.Polygon] = field(default_factory=list)
    circles: list[Circle] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    vertices: int = 0
    parts: int = 0
    members: int = 0  # of collections

    def geometry(self, obj: Any, path: str = "", radius_m: Any = None, depth: int = 0) -> None:
        """Any GeoJSON object that can be an area."""
        kind = obj.get("type") if isinstance(obj, Mapping) else None
        if not isinstance(obj, Mapping) or not isinstance(kind, str):
            self.faults.add("malformed", path, "This is no GeoJSON object with a type.")
        elif not _in_wgs84(obj.get("crs")):
            said = "These are positions of another reference system: give longitude and latitude in WGS 84."
            self.faults.add("other_crs", f"{path}/crs", said)
        elif depth > _DEEPEST:
            self.faults.add("malformed", path, f"Collections may lie at most {_DEEPEST} deep in each other.")
        elif kind == "Feature":
            self._feature(obj, path, depth)
        elif kind in _COLLECTIONS:
            self._collection(obj.get(_COLLECTIONS[kind]), f"{path}/{_COLLECTIONS[kind]}", depth)
        elif kind == "Point":
            self._point(obj, path, obj.get("radius_m", radius_m))
        else:
            self._polygons(kind, obj.get("coordinates"), path)

    def ring(self, positions: Any, path: str) -> NDArray[np.float64] | None:
        """Closed positions (n, 2), or None with a fault for each thing wrong."""
        listed = self._list(positions, path)
        self.vertices += len(listed)
        if self.vertices > MAX_VERTICES:
            said = f"An area may have at most {MAX_VERTICES} positions: simplify it."
            self.faults.add("too_many_vertices", path, said)
            return None
        found = position_lists.read(listed, path, self.faults)
        if found is None or (len(found) and not position_lists.in_range(found, path, self.faults)):
            return None
        ring = position_lists.closed(found, path, self.faults)
        if len(ring) < 4:
            said = "A ring needs at least three different positions, and the first once more at its end."
            self.faults.add("too_few_positions", path, said)
            return None
        return ring

    def circle(self, lon: Any, lat: Any, radius_m: Any, path: str) -> None:
        """One circle; nothing is added to the area where a fault is found."""
        self.parts += 1
        center = position_lists.position((lon, lat), path, self.faults)
        if not is_number(radius_m):
            self.faults.add("not_a_number", f"{path}/radius_m", "The radius is not a number of metres.")
        elif radius_m <= 0:
            self.faults.add("zero_area", f"{path}/radius_m", "The radius must be more than nothing.")
        elif radius_m > _LARGEST_M:
            self.faults.add("too_large", f"{path}/radius_m", f"The radius may be at most {_LARGEST_M / 1000:.0f} km.")
        elif center is not None and position_lists.in_range(np.array([center]), path, self.faults, 180.0):
            self.circles.append(Circle(center[0] + 0.0, center[1] + 0.0, float(radius_m)))

    def polygon(self, shell_and_holes: Sequence[Any], path: str) -> None:
        """One polygon: its outer ring, then its holes."""
        self.parts += len(shell_and_holes)
        if self.parts > MAX_PARTS:
            self.faults.add("too_many_parts", path, f"An area may have at most {MAX_PARTS} parts.")
            return
        paths = [f"{path}/{place}" for place in range(len(shell_and_holes))]
        self.rings(shell_and_holes, paths)

    def rings(self, shell_and_holes: Sequence[Any], paths: Sequence[str]) -> None:
        """The rings of one polygon, each with its path."""
        found = [self.ring(ring, path) for ring, path in zip(shell_and_holes, paths, strict=True)]
        usable = [ring for ring in found if ring is not None]
        if usable and len(usable) == len(found):
            self.polygons += rings.polygons(usable, paths, self.faults)

    def finish(self) -> None:
        """The limits on the whole. Raises ShapeFault with all faults."""
        if self.parts > MAX_PARTS:
            self.faults.add("too_many_parts", "", f"An area may have at most {MAX_PARTS} parts.")
        round_km2 = sum(math.pi * (circle.radius_m / 1000) ** 2 for circle in self.circles)
        if sum(map(rings.area_km2, self.polygons)) + round_km2 > MAX_AREA_KM2:
            self.faults.add("too_large", "", TOO_LARGE)
        if not self.polygons and not self.circles and not self.faults.found:
            self.faults.add("empty", "", "There is no area in this.")
        self.faults.raise_if_any()

    def _collection(self, listed: Any, path: str, depth: int) -> None:
        members = self._list(listed, path)
        self.members += len(members)
        if self.members > MAX_PARTS:
            self.faults.add("too_many_parts", path, f"An area may have at most {MAX_PARTS} parts.")
            return
        for place, member in enumerate(members):
            self.geometry(member, f"{path}/{place}", depth=depth + 1)

    def _feature(self, obj: Mapping[str, Any], path: str, depth: int) -> None:
        found = obj.get("properties")
        properties: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
        circles = self._list(properties.get("circles", ()), f"{path}/properties/circles")
        for place, one in enumerate(circles):
            lon, lat, radius = one if isinstance(one, (list, tuple)) and len(one) == 3 else (None, None, None)
            self.circle(lon, lat, radius, f"{path}/properties/circles/{place}")
        if circles and properties.get("approximation") is True:
            return  # a drawing of them (`geo.drawing`): the circles themselves are the area
        if obj.get("geometry") is not None or not circles:
            self.geometry(obj.get("geometry"), f"{path}/geometry", properties.get("radius_m"), depth + 1)

    def _point(self, obj: Mapping[str, Any], path: str, radius_m: Any) -> None:
        center = self._list(obj.get("coordinates"), f"{path}/coordinates")
        if radius_m is None:
            self.faults.add("no_radius", path, "A point is no area: give it a radius_m, or draw a polygon.")
        elif len(center) >= 2:
            self.circle(center[0], center[1], radius_m, path)
        else:
            self.faults.add("malformed", f"{path}/coordinates", "A position is [longitude, latitude].")

    def _polygons(self, kind: str, coordinates: Any, path: str) -> None:
        path = f"{path}/coordinates"
        if kind == "Polygon":
            listed = [(self._list(coordinates, path), path)]
        elif kind == "MultiPolygon":
            outer = enumerate(self._list(coordinates, path))
            listed = [(self._list(one, f"{path}/{place}"), f"{path}/{place}") for place, one in outer]
        else:
            self.faults.add("no_area", path.removesuffix("/coordinates"), f"{kind[:40]} is no area: draw a polygon.")
            return
        for rings_of_one, where in listed:
            self.polygon(rings_of_one, where)

    def _list(self, value: Any, path: str) -> Sequence[Any]:
        if isinstance(value, (list, tuple)):
            return value
        self.faults.add("malformed", path, "Here must be a list.")
        return ()


_COLLECTIONS = {"FeatureCollection": "features", "GeometryCollection": "geometries"}


def _in_wgs84(crs: Any) -> bool:
    """Whether a `crs` member (of GeoJSON before RFC 7946) says nothing else than what holds without it."""
    if crs is None:
        return True
    properties = crs.get("properties") if isinstance(crs, Mapping) else None
    name = properties.get("name") if isinstance(properties, Mapping) else None
    return isinstance(name, str) and name.upper().rstrip("/").endswith(("CRS84", "EPSG:4326", "EPSG::4326"))


def size_of(obj: Any, depth: int = 0) -> tuple[int, int]:
    """(parts, positions) of a GeoJSON object, counted without looking at a number; nothing of what is none."""
    kind = obj.get("type") if isinstance(obj, Mapping) else None
    if not isinstance(obj, Mapping) or not isinstance(kind, str) or depth > _DEEPEST:
        return 0, 0
    if kind == "Feature":
        return size_of(obj.get("geometry"), depth + 1)
    if kind in _COLLECTIONS:
        sizes = [size_of(one, depth + 1) for one in _listed(obj.get(_COLLECTIONS[kind]))]
    else:
        polygons = _listed(obj.get("coordinates")) if kind == "MultiPolygon" else [obj.get("coordinates")]
        sizes = [(1, len(_listed(ring))) for polygon in polygons for ring in _listed(polygon)]
    return sum(parts for parts, _ in sizes), sum(positions for _, positions in sizes)


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else ()
