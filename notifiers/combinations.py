"""Combinations of what recipients may be told by, each with a code, and the reach of so many recipients of each."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from notifiers.eligibility import Audience, Reach, Way

# Takes part in tests; the classes that are refused; the usable subscriptions, sorted.
Combination = tuple[bool, frozenset[str], tuple[Way, ...]]
Counts = NDArray[np.int64]


class Combinations:
    """Codes from 1 on, given once and never taken back. Safe for threads."""

    def __init__(self, beyond: int) -> None:
        """`beyond`: the code of all combinations that come when the smaller ones are given."""
        self._beyond = beyond
        self._most = beyond - 1
        self._lock = threading.Lock()
        self._codes: dict[Combination, int] = {}
        self._known = _Known((), {})

    def code(self, combination: Combination) -> int:
        """The code of a combination."""
        with self._lock:
            if combination in self._codes or len(self._codes) >= self._most:
                return self._codes.get(combination, self._beyond)
            return self._codes.setdefault(combination, len(self._codes) + 1)

    def reach(self, counts: Counts, audience: Audience) -> Reach:
        """The reach of `counts[code]` recipients of each code; there may be more codes than counts, or fewer."""
        with self._lock:
            if len(self._known.told) <= len(self._codes):
                ways = dict.fromkeys(way for *_, some in self._codes for way in some)
                self._known = _Known(tuple(self._codes), {way: number for number, way in enumerate(ways)})
            known = self._known
        return known.reach(counts, audience)


@dataclass(frozen=True, slots=True, init=False)
class _Known:
    """The combinations of the codes 0 (none), 1, 2, ... as columns."""

    ways: tuple[Way, ...]
    takes_part: NDArray[np.bool_]  # by code
    told: NDArray[np.bool_]  # by code: has a subscription at all
    refused: tuple[frozenset[str], ...]  # by code
    code: NDArray[np.intp]  # by subscription of a combination
    way: NDArray[np.intp]

    def __init__(self, combinations: Sequence[Combination], ways: dict[Way, int]) -> None:
        pairs = [(code, ways[way]) for code, (*_, some) in enumerate(combinations, 1) for way in some]
        columns = np.array(pairs, np.intp).reshape(-1, 2)
        found = {
            "ways": tuple(ways),
            "takes_part": np.array([False, *(test for test, *_ in combinations)]),
            "told": np.array([False, *(bool(some) for *_, some in combinations)]),
            "refused": (frozenset(), *(refused for _, refused, _ in combinations)),
            "code": columns[:, 0],
            "way": columns[:, 1],
        }
        for name, value in found.items():
            object.__setattr__(self, name, value)

    def reach(self, counts: Counts, audience: Audience) -> Reach:
        """The recipients with a subscription (of tests: those taking part) who do not refuse it, and their subscriptions
        by way.
        """
        asked = np.zeros(len(self.told), np.int64)
        asked[: len(counts)] = counts[: len(asked)]
        asked *= self.told & (self.takes_part if audience.tests_only else True)
        if audience.alert_class:
            asked *= np.array([audience.alert_class not in refused for refused in self.refused])
        by_way = np.bincount(self.way, weights=asked[self.code], minlength=len(self.ways)).astype(np.int64)
        found = {way: count for way, count in zip(self.ways, by_way.tolist(), strict=True) if count}
        return Reach(int(asked.sum()), found)
