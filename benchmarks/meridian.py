"""A 4,000-vertex ring past 180 degrees, cut at the meridian: ours against the package `antimeridian`."""

from __future__ import annotations

import antimeridian
import numpy as np
import shapely

from benchmarks import timing
from benchmarks.within import WrongAnswer
from geo import shapes

VERTICES = 4_000
_HAIR = 1e-6  # square degrees


def measure() -> tuple[float, float]:
    """Median seconds of ours and of the package. WrongAnswer if they cut two different areas."""
    ours, theirs = [], []
    for shift in np.random.default_rng(6).uniform(0, 1e-5, timing.REPEATS).tolist():
        points = _ring(shift)
        taken, mine = timing.timed(shapes.from_ring, points)
        ours.append(taken)
        taken, other = timing.timed(_fixed, points)
        theirs.append(taken)
        if shapely.symmetric_difference(mine.polygons, other).area > _HAIR:
            raise WrongAnswer("a ring past 180 degrees is cut differently")
    return timing.median(ours), timing.median(theirs)


def _ring(shift: float) -> list[tuple[float, float]]:
    """An island whose rough west coast lies along 180 degrees and crosses it sixty times; longitudes go on past 180."""
    half = np.arange(VERTICES // 2)
    along = half / len(half) * 60 * np.pi
    west = 180.01 + shift + 0.3 * np.sin(along) + 0.05 * np.sin(7 * along)
    east = 190.0 + 0.2 * np.cos(half[1:])
    lon = np.concatenate([west, east, west[:1]])
    lat = np.concatenate([np.linspace(56, 48, len(west)), np.linspace(48, 56, len(east)), [56.0]])
    return list(zip(lon.tolist(), lat.tolist(), strict=True))


def _fixed(points: list[tuple[float, float]]) -> shapely.Geometry:
    """Cut straight in lon/lat, as ours."""
    return antimeridian.fix_polygon(shapely.Polygon(points), great_circle=False)
