"""Who is inside: ours against peers and against copying the same ids, area by area, every answer compared.

Every repeat asks for another, slightly shifted area. The people lie in memory and not in the caches, as for the first
question after other work; only the code is awake, ours, the peers' and the copy's. The copy is one contiguous
`numpy.copyto` of the ids, out of memory as well, into an array that is there and was written before. What ours and the
copy take with everything in the caches stands beside it. As a module it prints ours alone, for a run without helper.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from benchmarks import areas, population, timing
from benchmarks.areas import Area
from geo import RecipientIndex, Shape

AnyIds = NDArray[np.integer]
Answer = TypeVar("Answer")


class WrongAnswer(Exception):
    """Two who were asked the same did not answer the same: then no figure counts."""


class Peer(Protocol):
    """Answers with the CPU seconds that it took whoever did the work, and the ids in any order."""

    name: str

    def can(self, shape: Shape) -> bool: ...
    def answer(self, shape: Shape) -> tuple[float, AnyIds]: ...


@dataclass
class Figures:
    """Of one area: medians in seconds."""

    area: str
    hits: int
    ours: float
    copy: float
    ours_warm: float
    copy_warm: float

    @property
    def copies(self) -> float:
        return self.ours / self.copy


def ours(index: RecipientIndex, area: Area, repeats: int = timing.REPEATS) -> Figures:
    """The index alone and the copy of what it answered."""
    rng = np.random.default_rng(1)
    shapes = area.repeats(2 * repeats, rng)
    index.within(shapes[0])
    cold = [_cold(index, shape) for shape in shapes[:repeats]]
    warm = [_warm(index, shape) for shape in shapes[repeats:]]
    hits = len(index.within(shapes[0]))
    columns = [timing.median(column) for column in (*zip(*cold, strict=True), *zip(*warm, strict=True))]
    return Figures(area.name, hits, columns[0], columns[1], columns[2], columns[3])


def against(index: RecipientIndex, area: Area, peers: Sequence[Peer], repeats: int) -> dict[str, float]:
    """Median seconds of every peer that can judge the area. WrongAnswer."""
    shapes = area.repeats(repeats, np.random.default_rng(2))
    able = [peer for peer in peers if peer.can(shapes[0])]
    seconds: dict[str, list[float]] = {peer.name: [] for peer in able}
    for shape in shapes:
        expected = np.sort(index.within(shape))
        for peer in able:
            _, (taken, found) = cold(peer.answer, shape)
            agree(f"{area.name}: {peer.name}", found, expected)
            seconds[peer.name].append(taken)
    return {name: timing.median(values) for name, values in seconds.items()}


def agree(what: str, answer: AnyIds, expected: AnyIds) -> None:
    """WrongAnswer unless both are the same people; `expected` is sorted."""
    if not np.array_equal(np.sort(answer), expected):
        more, fewer = np.setdiff1d(answer, expected), np.setdiff1d(expected, answer)
        raise WrongAnswer(f"{what}: {len(more)} too many {more[:5]}, {len(fewer)} missing {fewer[:5]}")


def cold(ask: Callable[[Shape], Answer], shape: Shape) -> tuple[float, Answer]:
    """Seconds and answer, when the caches hold nothing of the people. A question about nowhere has woken the code."""
    timing.forget_caches()
    ask(areas.nowhere_like(shape))
    return timing.timed(ask, shape)


def _cold(index: RecipientIndex, shape: Shape) -> tuple[float, float]:
    seconds, found = cold(index.within, shape)
    to = np.zeros_like(found)
    timing.forget_caches()
    np.copyto(to[:1], found[:1])
    return seconds, timing.timed(np.copyto, to, found)[0]


def _warm(index: RecipientIndex, shape: Shape) -> tuple[float, float]:
    seconds, found = timing.timed(index.within, shape)
    to = np.zeros_like(found)
    np.copyto(to, found)
    return seconds, timing.timed(np.copyto, to, found)[0]


def without_helper(people: int) -> list[Figures]:
    """The same in a process that has no compiled helper."""
    environment = {**os.environ, "LOOKOUT_HELPER": "off"}
    command = [sys.executable, "-m", "benchmarks.within", str(people)]
    found = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return [Figures(**one) for one in json.loads(found.stdout)]


def _main() -> None:
    people = population.draw(int(sys.argv[1]))
    index = RecipientIndex.build(people.ids, people.lon, people.lat)
    print(json.dumps([asdict(ours(index, area)) for area in areas.all_areas()]))


if __name__ == "__main__":
    _main()
