"""Cuts who is to be told into batches: pure. One batch is one channel and one origin, the nearest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

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
    order = _lane_by_lane(lane.astype(np.min_scalar_type(len(lanes))), rank)
    ids = subscription_ids[order].astype(np.uint32, copy=False)
    ends = np.cumsum(np.bincount(lane, minlength=len(lanes))).tolist()
    batches = [
        Planned(*where, float(rank[order[at]]), ids[at : min(at + size, end)])
        for where, start, end in zip(lanes, [0, *ends], ends, strict=False)
        for at in range(start, end, size)
    ]
    return _in_turns(batches)


def _lane_by_lane(lane: NDArray[np.unsignedinteger[Any]], rank: NDArray[np.float64]) -> NDArray[np.intp]:
    """The order by lane, within it by rank, equals as they came. As a rule they come by rank: then one sort is enough."""
    if (rank[1:] >= rank[:-1]).all():
        return np.argsort(lane, kind="stable")
    order = np.argsort(rank, kind="stable")
    return order[np.argsort(lane[order], kind="stable")]


def _in_turns(batches: Sequence[Planned]) -> list[Planned]:
    """By rank, and of the same rank one of each lane after the other: who claims a few has several origins to send to."""
    before = Counter[tuple[float, str, str]]()
    keyed: list[tuple[tuple[float, int], Planned]] = []
    for one in batches:
        lane = one.rank, one.channel, one.origin
        keyed.append(((one.rank, before[lane]), one))
        before[lane] += 1
    return [one for _, one in sorted(keyed, key=itemgetter(0))]
