"""Whether lines cross so often that to overlay them would cost minutes and gigabytes: asked before, in milliseconds.

The cost of an overlay grows with the crossings, and these with the square of the positions: 1,000 thin bars laid over
1,000 others make a million holes. Borders that people draw, and neighbours that share them, stay far below the limit.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely
from numpy.typing import NDArray

PAIRS_AN_EDGE = 8  # boxes of edges that meet each edge's: itself, two neighbours, the three of a shared border
PAIRS_IN_ALL = 50_000  # besides, so that a small drawing may cross as it likes
_AT_ONCE = 32  # of a tangle each meets nearly all


def tangled(polygons: Iterable[shapely.Geometry]) -> bool:
    """Whether the edges of all the polygons together meet one another too often to be overlaid."""
    boxes = _boxes(polygons)
    tree = shapely.STRtree(boxes)
    most = PAIRS_AN_EDGE * len(boxes) + PAIRS_IN_ALL
    met = 0
    for start in range(0, len(boxes), _AT_ONCE):
        met += tree.query(boxes[start : start + _AT_ONCE]).shape[1]
        if met > most:
            return True
    return False


def _boxes(polygons: Iterable[shapely.Geometry]) -> NDArray[np.object_]:
    rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(list(polygons))]
    starts = np.concatenate([np.zeros((0, 2)), *(ring[:-1] for ring in rings)])
    ends = np.concatenate([np.zeros((0, 2)), *(ring[1:] for ring in rings)])
    low, high = np.minimum(starts, ends), np.maximum(starts, ends)
    return np.asarray(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))
