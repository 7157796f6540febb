"""Cuts who is to be told into batches: pure. One batch is one channel and one origin, the nearest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from notifiers.model import BATCH_SIZE

Ids = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Planned:
    """A batch to be written: at most BATCH_SIZE subscriptions, the nearest first; `rank` is that of the first."""

    channel: str
    origin: str
    rank: float
    ids: Ids


def plan(
    subscription_ids: Ids,
    lane: NDArray[np.intp],
    lanes: Sequence[tuple[str, str]],
    rank: NDArray[np.float64],
    size: int = BATCH_SIZE,
) -> list[Planned]:
    """Every subscription in exactly one batch. `lane` indexes `lanes` (channel, origin); `rank` says what leaves first.

    The three arrays are parallel; equal ranks keep the order they came in. Batches come in the order of leaving.
    """
    if not len(subscription_ids) == len(lane) == len(rank):
        raise ValueError("subscription_ids, lane and rank must be parallel")
    batches = [
        batch
        for number, where in enumerate(lanes)
        for batch in _cut(subscription_ids, lane == number, rank, size, where)
    ]
    return sorted(batches, key=lambda batch: batch.rank)


def _cut(
    ids: Ids, mine: NDArray[np.bool_], rank: NDArray[np.float64], size: int, lane: tuple[str, str]
) -> list[Planned]:
    chosen = np.flatnonzero(mine)
    order = chosen[np.argsort(rank[chosen], kind="stable")]
    parts = [order[start : start + size] for start in range(0, len(order), size)]
    return [Planned(*lane, float(rank[part[0]]), ids[part].astype(np.uint32)) for part in parts]
