"""The nine areas of the benchmark, and how one is shifted: each repeat asks for a place nobody asked for before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import Circle, Shape, cities, shapes
from geo.places import Gazetteer

MILE_M = 1_609.344
METRE = 1 / 111_320.0  # degrees of latitude; of longitude it is less than a metre, which does not matter here
METRO, COAST = "Los Angeles metro", "5,000-vertex coast"
CAP_POLYGON = (  # nine points and the first again, as a dispatcher would draw them north-east of Sacramento
    *((-121.42, 38.55), (-121.18, 38.52), (-120.92, 38.66), (-120.83, 38.86), (-120.97, 39.05)),
    *((-121.21, 39.11), (-121.47, 38.98), (-121.60, 38.80), (-121.55, 38.64), (-121.42, 38.55)),
)
PACIFIC = (  # New Zealand, Fiji and Hawaii, on both sides of 180 degrees
    *((166.0, -48.0), (180.0, -48.0), (191.0, -26.0), (207.0, 16.0)),
    *((206.0, 24.0), (198.0, 23.0), (166.0, -12.0), (166.0, -48.0)),
)


@dataclass(frozen=True, slots=True)
class Area:
    """A name and the shape, shifted by degrees east and north."""

    name: str
    at: Callable[[float, float], Shape]

    def repeats(self, count: int, rng: np.random.Generator) -> list[Shape]:
        """The area, each time shifted by up to a metre."""
        return [self.at(*shift) for shift in rng.uniform(-METRE, METRE, (count, 2)).tolist()]


def all_areas() -> list[Area]:
    known = Gazetteer.load()
    return [
        _circle("5-mile circle", -121.4944, 38.5816, 5 * MILE_M),
        _fixed("county (Sacramento)", known.get("06067").polygons),
        _fixed("nine-point CAP polygon", shapely.Polygon(CAP_POLYGON)),
        _fixed(METRO, metro()),
        _circle("100-mile circle", -94.5786, 39.0997, 100 * MILE_M),
        _fixed("state (Texas)", known.get("48").polygons),
        _fixed(COAST, coast(5_000)),
        _fixed("donut around Minneapolis", donut()),
        _ring("over the antimeridian", PACIFIC),
    ]


def nowhere_like(shape: Shape) -> Shape:
    """A small area of the same kind, in the South Pacific, where nobody is."""
    if shape.circles:
        return Shape(circles=(Circle(-130.0, -45.0, MILE_M),))
    return Shape(shapely.MultiPolygon([shapely.box(-130.1, -45.1, -130.0, -45.0)]))


def metro() -> shapely.Geometry:
    """Around the middles of the cities of at most 40 km from that of Los Angeles: 42 vertices."""
    known = cities.load()
    east_km = (known.lon + 118.2437) * np.cos(np.radians(34.05)) * 111.32
    north_km = (known.lat - 34.0522) * 111.32
    middles = np.stack([known.lon, known.lat], axis=1)[np.hypot(east_km, north_km) < 40]
    return shapely.concave_hull(shapely.MultiPoint(middles), ratio=0.25).buffer(0.03).simplify(0.002)


def coast(vertices: int) -> shapely.Polygon:
    """An island with a fractal coast (dimension 1.25) over the Great Lakes; one seed, the same coast."""
    rng = np.random.default_rng(5)
    waves = np.arange(1, vertices // 2 + 1)
    spectrum = np.concatenate([[0.0], waves**-1.25]) * np.exp(2j * np.pi * rng.random(len(waves) + 1))
    radius = 4.1 * np.exp(0.2 * vertices / 2 * np.fft.irfft(spectrum, vertices))
    turn = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    lon = -86.0 + radius * np.cos(turn) / np.cos(np.radians(42.0))
    return shapely.Polygon(np.stack([lon, 42.0 + radius * np.sin(turn)], axis=1))


def donut() -> shapely.Geometry:
    """Whoever is 10 to 60 km away from Minneapolis, in 64 corners each."""
    middle = shapely.Point(-93.26, 44.98)
    outer, inner = (middle.buffer(km / 111.32, quad_segs=16) for km in (60, 10))
    ring = shapely.difference(outer, inner)
    return shapely.affinity.scale(ring, xfact=1 / np.cos(np.radians(44.98)), origin=middle)


def _fixed(name: str, area: shapely.Geometry) -> Area:
    def at(east: float, north: float) -> Shape:
        def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.add(points, (east, north))

        shifted = shapely.transform(area, moved)
        return Shape(shapely.MultiPolygon(getattr(shifted, "geoms", [shifted])))

    return Area(name, at)


def _ring(name: str, ring: tuple[tuple[float, float], ...]) -> Area:
    return Area(name, lambda east, north: shapes.from_ring([(x + east, y + north) for x, y in ring]))


def _circle(name: str, lon: float, lat: float, radius_m: float) -> Area:
    circle = Circle(lon, lat, radius_m)
    return Area(name, lambda east, north: Shape(circles=(replace(circle, lon=lon + east, lat=lat + north),)))
