"""From arrays to an index: CPU seconds, and bytes a person, counted twice: array by array and by the growth of the process.

Run as a module in a process of its own, so that nothing but the index grows there; it prints one JSON object.
"""

from __future__ import annotations

import ctypes
import gc
import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FunctionType, ModuleType

import numpy as np

from benchmarks import population, timing
from geo import RecipientIndex

_NOT_OURS = (type, ModuleType, FunctionType)


@dataclass(frozen=True, slots=True)
class Built:
    seconds: float
    array_bytes: int  # all arrays that the index holds
    grown_bytes: int  # of the process's private memory


def measure(people: int) -> Built:
    """In a fresh process."""
    command = [sys.executable, "-m", "benchmarks.building", str(people)]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return Built(**json.loads(found.stdout))


def bytes_of_arrays(root: object) -> int:
    """Every array that can be reached from it, each buffer once."""
    seen: set[int] = set()
    todo: list[object] = [root]
    total = 0
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, _NOT_OURS):
            continue
        seen.add(id(one))
        if isinstance(one, np.ndarray):
            total += one.nbytes if one.base is None else 0
            todo.append(one.base)
        elif one is not None:
            todo += gc.get_referents(one)
    return total


def resident_bytes() -> int:
    """Private memory of this process, after what was freed has been given back."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))


def _measure_here(people: int) -> Built:
    given = population.draw(people)
    _build(given.first(10_000))  # what a first build imports and allocates for good is no one's share
    before = resident_bytes()
    first, index = timing.timed(_build, given)
    grown = resident_bytes() - before
    arrays = bytes_of_arrays(index)
    del index
    seconds = [first, *(timing.timed(_build, given)[0] for _ in range(timing.REPEATS - 1))]
    return Built(timing.median(seconds), arrays, grown)


def _build(people: population.People) -> RecipientIndex:
    return RecipientIndex.build(people.ids, people.lon, people.lat)


if __name__ == "__main__":
    print(json.dumps(asdict(_measure_here(int(sys.argv[1])))))
