"""What leaves first: pure but for the map that is asked. A rank is at least how many metres from where the child was
last seen, told apart by rings.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from geo.shapes import Circle, Shape

Ids = NDArray[np.uint32]

RINGS_M = (1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5)  # how near is told apart
CANCEL_RANK = -1.0  # "it is over" leaves before everything else
_RANKS = (CANCEL_RANK, 0.0, *RINGS_M)


class Index(Protocol):
    """What is asked of the map (`geo.RecipientIndex`)."""

    @property
    def seq(self) -> int:
        """It holds all changes of the store up to this one."""
        ...

    def within(self, area: Shape) -> Ids:
        """The recipients whose stored region touches the area, each once."""
        ...


def nearest_first(index: Index, recipient_ids: Ids, center: tuple[float, float]) -> NDArray[np.float64]:
    """For each recipient at least how many metres from the centre (lon, lat), told apart by rings."""
    rank = np.full(len(recipient_ids), RINGS_M[-1])
    for inner, outer in reversed(list(zip((0.0, *RINGS_M), RINGS_M, strict=False))):
        near = index.within(Shape(circles=(Circle(*center, outer),)))
        rank[np.isin(recipient_ids, near)] = inner
    return rank


def order(rank: NDArray[np.float64]) -> NDArray[np.intp]:
    """What leaves first first, equals as they came. There are few ranks, and to pick each takes less than to sort."""
    found = np.concatenate([np.flatnonzero(rank == one) for one in _RANKS])
    return found if len(found) == len(rank) else np.argsort(rank, kind="stable")


def near(index: Index, recipient_ids: Ids, center: tuple[float, float], within_m: float) -> NDArray[Any]:
    """Which of the recipients may be within so many metres of the centre: their stored region touches that circle."""
    return np.isin(recipient_ids, index.within(Shape(circles=(Circle(*center, within_m),))))
