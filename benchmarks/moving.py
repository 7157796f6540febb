"""People on the move: rates of `move` and `move_one`, and what so many moves leave behind for the questions.

Beside the index a plain table keeps where everybody is. An index built afresh from it is what a moved one is measured
against, and both must answer the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks import population, timing
from benchmarks.areas import Area
from benchmarks.population import Floats, Ids, People
from benchmarks.within import agree, cold
from geo import RecipientIndex

STEP_M = 1_000.0
BATCHES = 9  # of a tenth of the people each: nine tenths of them in all, nine million of ten
SINGLE_MOVES = 20_000


@dataclass(frozen=True, slots=True)
class Moved:
    """Moves a CPU second; how many times slower questions are than on a fresh index, the slowest area and the median."""

    bulk: float
    far: float
    singly: float
    slowest: float
    usual: float
    slowest_after_far: float


class Crowd:
    """Where everybody is, in an index and in a plain table."""

    def __init__(self, people: People) -> None:
        self._rng = np.random.default_rng(3)
        self._ids, self._lon, self._lat = people.ids, people.lon.copy(), people.lat.copy()
        self.index = RecipientIndex.build(people.ids, people.lon, people.lat)

    def stroll(self, count: int) -> float:
        """So many people, each some hundred metres, in one call. Moves a second."""
        ids, lon, lat = self._strollers(count)
        seconds, _ = timing.timed(self.index.move, ids, lon, lat)
        return count / seconds

    def stroll_singly(self, count: int) -> float:
        """The same, one call a person."""
        ids, lon, lat = self._strollers(count)
        rows = list(zip(ids.tolist(), lon.tolist(), lat.tolist(), strict=True))
        seconds, _ = timing.timed(self._each, rows)
        return count / seconds

    def jump(self) -> float:
        """Everybody to where somebody else was, in one call. Moves a second."""
        other = self._rng.permutation(len(self._ids))
        self._lon, self._lat = self._lon[other], self._lat[other]
        seconds, _ = timing.timed(self.index.move, self._ids, self._lon, self._lat)
        return len(self._ids) / seconds

    def slower(self, areas: list[Area]) -> list[float]:
        """By area: the time of a question here over that on a fresh index of the same people."""
        fresh = RecipientIndex.build(self._ids, self._lon, self._lat)
        return [_slower(self.index, fresh, area) for area in areas]

    def _strollers(self, count: int) -> tuple[Ids, Floats, Floats]:
        rows = self._rng.choice(len(self._ids), count, replace=False)
        lon, lat = population.stepped(self._lon[rows], self._lat[rows], STEP_M, self._rng)
        self._lon[rows], self._lat[rows] = lon, lat
        return self._ids[rows], lon, lat

    def _each(self, rows: list[tuple[int, float, float]]) -> None:
        move = self.index.move_one
        for one, lon, lat in rows:
            move(one, lon, lat)


def measure(people: People, areas: list[Area], far_repeats: int) -> Moved:
    crowd = Crowd(people)
    bulk = _median(lambda: crowd.stroll(len(people) // 10), BATCHES)
    after_strolls = crowd.slower(areas)
    singly = _median(lambda: crowd.stroll_singly(SINGLE_MOVES), timing.REPEATS)
    far = _median(crowd.jump, far_repeats)
    return Moved(bulk, far, singly, max(after_strolls), timing.median(after_strolls), max(crowd.slower(areas)))


def _median(call: Callable[[], float], repeats: int) -> float:
    return timing.median(call() for _ in range(repeats))


def _slower(moved: RecipientIndex, fresh: RecipientIndex, area: Area) -> float:
    """Both asked in turn, for areas that nobody asked for before."""
    seconds: dict[RecipientIndex, list[float]] = {moved: [], fresh: []}
    for shape in area.repeats(timing.REPEATS, np.random.default_rng(4)):
        answers = []
        for index in (moved, fresh):
            taken, found = cold(index.within, shape)
            seconds[index].append(taken)
            answers.append(np.sort(found))
        agree(f"{area.name} after moves", *answers)
    return timing.median(seconds[moved]) / timing.median(seconds[fresh])
