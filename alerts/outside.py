"""What of an area lies outside of where an agency may alert: named, measured and drawn. Pure.

area, jurisdiction --geo.jurisdictions.sticks_out--> part --here--> counties, square kilometres, share, drawing
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import shapely

from alerts.model import Problem, Severity
from geo import cities
from geo.drawing import area_km2, draw
from geo.jurisdictions import sticks_out
from geo.places import Gazetteer
from geo.shapes import Shape

MOST_NAMED = 6
_DRAWN_CORNERS = 3_000  # of a drawing: what has more is drawn coarser, and says so
_COARSE = 2e-3  # degrees, about 200 m
_SPECK = 1e-3  # of the part: what less of it lies in is not named


@dataclass(frozen=True, slots=True)
class SticksOut(Problem):
    """The fault, with the part that sticks out."""

    part: Shape = field(default_factory=Shape, compare=False, repr=False)

    def drawing(self) -> dict[str, Any]:
        """A FeatureCollection for maps."""
        corners = int(shapely.get_num_coordinates(self.part.polygons))
        coarse = corners > _DRAWN_CORNERS
        polygons = shapely.simplify(self.part.polygons, _COARSE) if coarse else self.part.polygons
        drawn = draw(Shape(shapely.MultiPolygon(shapely.get_parts(polygons).tolist()), self.part.circles))
        for feature in drawn["features"]:
            feature["properties"]["approximation"] |= coarse
        return drawn


def find(area: Shape, jurisdiction: Shape, path: str) -> SticksOut | None:
    """The fault of an area that leaves the jurisdiction; None where it does not."""
    part = sticks_out(area, jurisdiction)
    if part is None or part.is_empty:
        return None
    outside_km2, whole_km2 = area_km2(part), area_km2(area)
    share = min(1.0, outside_km2 / whole_km2) if whole_km2 else 1.0
    # Of several circles and polygons only the first that sticks out is measured.
    least = "at least " if area.circles and len(area.circles) + (not area.polygons.is_empty) > 1 else ""
    said = (
        f"the area leaves your jurisdiction: {least}{_km2(outside_km2)} ({least}{_percent(share)} of it) lies in "
        f"{_listed(names(part))}"
    )
    return SticksOut(Severity.ERROR, "area-jurisdiction", path, said, part)


def names(part: Shape) -> list[str]:
    """The counties that it lies in, the most of it first; where there are none, a point and the nearest city."""
    found = sorted(_shares(part), reverse=True)
    if found:
        return [name for _, name in found]
    lon, lat = part.representative_point()
    near = cities.nearest(lon, lat)
    spot = f"latitude {lat:.3f}, longitude {lon:.3f}"
    return [f"no county that is known here ({spot}{f', near {near}' if near else ''})"]


def _shares(part: Shape) -> Iterator[tuple[float, str]]:
    """(degrees squared that it has in common with the part, name) of each county that is more than touched."""
    gazetteer = Gazetteer.load()
    speck = _SPECK * part.polygons.area
    tree, states = _states()
    for row in sorted(tree.query(part.polygons, predicate="intersects")):
        for fips in (one for one in gazetteer.counties if one[:2] == states[row]):
            county = gazetteer.get(fips).polygons
            if shapely.intersects(shapely.box(*county.bounds), part.polygons):
                common = shapely.intersection(county, part.polygons).area
                if common > speck:
                    yield common, gazetteer.name(fips)


@cache
def _states() -> tuple[shapely.STRtree, list[str]]:
    gazetteer = Gazetteer.load()
    states = sorted(gazetteer.states)
    return shapely.STRtree([gazetteer.get(state).polygons for state in states]), states


def _listed(found: list[str]) -> str:
    more = len(found) - MOST_NAMED
    return "; ".join(found[:MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")


def _km2(km2: float) -> str:
    return f"{km2:,.0f} km²" if km2 >= 10 else f"{km2:.2g} km²"


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 else "less than 1%"
