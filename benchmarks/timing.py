"""One core, CPU seconds, medians of nine, and what is asked for the first time finds cold caches."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import numpy as np

Answer = TypeVar("Answer")
Clock = Callable[[], float]

REPEATS = 9
_LARGER_THAN_CACHES = np.ones(8_000_000)  # 64 MB: reading more changed nothing where the last cache has 32


def pin() -> int:
    """This process, and all that it starts, on the last core it may use."""
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return core


def timed(call: Callable[..., Answer], *given: object, clock: Clock = time.process_time) -> tuple[float, Answer]:
    """Seconds by `clock`, and what was answered."""
    begin = clock()
    answer = call(*given)
    return clock() - begin, answer


def forget_caches() -> None:
    """What is read next comes out of memory, as for the first question after other work."""
    _LARGER_THAN_CACHES.sum()


def median(values: Iterable[float]) -> float:
    return float(statistics.median(values))


@contextmanager
def on_one_core() -> Iterator[None]:
    """Pinned to one core while the block lasts."""
    cores: Iterable[int] = os.sched_getaffinity(0)
    pin()
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)
