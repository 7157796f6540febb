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

from geo import rings
from geo.circles import Circle
from geo.faults import MAX_AREA_KM2, MAX_PARTS, MAX_VERTICES, Faults

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

    def geometry(self, obj: Any, path: str = "", radius_m: Any = None, depth: int = 0) -> None:
        """Any GeoJSON object that can be an area."""
        kind = obj.get("type") if isinstance(obj, Mapping) else None
        if not isinstance(obj, Mapping) or not isinstance(kind, str):
            self.faults.add("malformed", path, "This is no GeoJSON object with a type.")
        elif depth > _DEEPEST:
            self.faults.add("malformed", path, f"Collections may lie at most {_DEEPEST} deep in each other.")
        elif kind == "Feature":
            self._feature(obj, path, depth)
        elif kind in _COLLECTIONS:
            members = self._list(obj.get(_COLLECTIONS[kind]), f"{path}/{_COLLECTIONS[kind]}")
            for place, member in enumerate(members):
                self.geometry(member, f"{path}/{_COLLECTIONS[kind]}/{place}", depth=depth + 1)
        elif kind == "Point":
            self._point(obj, path, obj.get("radius_m", radius_m))
        else:
            self._polygons(kind, obj.get("coordinates"), path)

    def ring(self, positions: Any, path: str) -> NDArray[np.float64] | None:
        """Closed positions (n, 2), or None with a fault for each thing wrong."""
        listed = self._list(positions, path)
        self.vertices += len(listed)
        if self.vertices > MAX_VERTICES:
            self.faults.add(
                "too_many_vertices", path, f"An area may have at most {MAX_VERTICES} positions: simplify it."
            )
            return None
        numbers = [self._position(one, f"{path}/{place}") for place, one in enumerate(listed)]
        found = [one for one in numbers if one is not None]
        if len(listed) < 4:
            self.faults.add(
                "too_few_positions", path, "A ring needs at least four positions, the last equal to the first."
            )
        elif len(found) == len(listed) and found[0] != found[-1]:
            self.faults.add("not_closed", path, "The last position of a ring must equal its first.")
        elif len(found) == len(listed) and self._in_range(found, path):
            return np.array(found) + 0.0  # no negative zero
        return None

    def circle(self, lon: Any, lat: Any, radius_m: Any, path: str) -> None:
        """One circle; nothing is added to the area where a fault is found."""
        self.parts += 1
        center = self._position((lon, lat), path)
        if not is_number(radius_m):
            self.faults.add("not_a_number", f"{path}/radius_m", "The radius is not a number of metres.")
        elif radius_m <= 0:
            self.faults.add("zero_area", f"{path}/radius_m", "The radius must be more than nothing.")
        elif radius_m > _LARGEST_M:
            self.faults.add("too_large", f"{path}/radius_m", f"The radius may be at most {_LARGEST_M / 1000:.0f} km.")
        elif center is not None and self._in_range([center], path, most=180.0):
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
            self.faults.add("too_large", "", f"An area may be at most {MAX_AREA_KM2 / 1e6:.0f} million square km.")
        if not self.polygons and not self.circles and not self.faults.found:
            self.faults.add("empty", "", "There is no area in this.")
        self.faults.raise_if_any()

    def _feature(self, obj: Mapping[str, Any], path: str, depth: int) -> None:
        found = obj.get("properties")
        properties: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
        circles = self._list(properties.get("circles", ()), f"{path}/properties/circles")
        for place, one in enumerate(circles):
            lon, lat, radius = one if isinstance(one, (list, tuple)) and len(one) == 3 else (None, None, None)
            self.circle(lon, lat, radius, f"{path}/properties/circles/{place}")
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

    def _position(self, value: Any, path: str) -> tuple[float, float] | None:
        if not isinstance(value, (list, tuple)) or len(value) < 2:
            self.faults.add("malformed", path, "A position is [longitude, latitude].")
        elif not all(is_number(number) for number in value[:2]):
            self.faults.add("not_a_number", path, "Longitude and latitude must be numbers.")
        else:
            return float(value[0]), float(value[1])
        return None

    def _in_range(self, found: list[tuple[float, float]], path: str, most: float = 360.0) -> bool:
        """Whether all are on the earth; rings may run on past 180 (to 360) where `rings` finds the meaning certain."""
        wrong = [place for place, (lon, lat) in enumerate(found) if abs(lat) > 90 or abs(lon) > most]
        if any(abs(lat) > 90 for _, lat in found) and all(abs(lon) <= 90 and abs(lat) <= 180 for lon, lat in found):
            self.faults.add("swapped", path, "Latitude and longitude look swapped: longitude comes first.")
            return False
        for place in wrong:
            said = f"{found[place][0]:g}, {found[place][1]:g}"
            where = path if len(found) == 1 else f"{path}/{place}"  # a circle's centre has the circle's path
            self.faults.add(
                "out_of_range", where, f"{said} is not on the earth: longitude ends at 180, latitude at 90."
            )
        return not wrong


_COLLECTIONS = {"FeatureCollection": "features", "GeometryCollection": "geometries"}


def is_number(value: Any) -> bool:
    """A finite JSON number: neither NaN, nor a boolean, nor a number in quotes, nor an integer past all floats."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.floating)):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False
