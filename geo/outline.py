"""An area as a question takes it: polygons that are known to be valid, and circles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import shapely

from geo.circles import Circle
from geo.shapes import Shape

Area = Shape | shapely.Geometry


class Outline(NamedTuple):
    """Polygons, in whatever collections, and circles; all are one area together."""

    geometry: shapely.Geometry
    circles: tuple[Circle, ...] = ()
    keeps_apart: bool = False  # the polygons overlap nowhere

    @classmethod
    def of(cls, area: Area) -> Outline:
        """A Shape is valid by its making. Any other geometry must be made of polygons, valid, within [-540, 540] degrees
        east and no wider than the globe: ValueError otherwise, for an area that is not understood must reach nobody.
        """
        if isinstance(area, Shape):
            return cls(area.polygons, area.circles, keeps_apart=True)
        for polygon in _polygons(area):
            _check(polygon)
        return cls(area)

    def apart(self) -> list[shapely.Geometry]:
        """Polygons, or a MultiPolygon, that do not overlap in themselves: copies that nobody else prepares or asks."""
        polygons = list(_polygons(self.geometry))
        return [shapely.MultiPolygon(polygons)] if self.keeps_apart and polygons else [*polygons]


def _polygons(geometry: shapely.Geometry) -> Iterator[shapely.Polygon]:
    for part in shapely.get_parts(geometry):
        if hasattr(part, "geoms"):
            yield from _polygons(part)
        elif not part.is_empty:
            yield part


def _check(part: shapely.Geometry) -> None:
    if not isinstance(part, shapely.Polygon):
        raise ValueError(f"an area is made of polygons and circles, not of a {type(part).__name__}")  # noqa: TRY004
    if not shapely.is_valid(part):
        raise ValueError(f"not a valid area: {shapely.is_valid_reason(part)}")
    west, south, east, north = part.bounds
    if west < -540.0 or east > 540.0 or east - west > 360.0 or south < -90.0 or north > 90.0:
        raise ValueError(f"an area outside the globe: {part.bounds}")
