"""The last second's pages: a crowd that comes at once is answered from one page, drawn once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

KEPT_S = 1.0  # well under the five seconds in which every copy must say that it is over
MOST = 64


T = TypeVar("T")


class Memo(Generic[T]):
    """What was made by key, at most once in `kept_s`, whoever asks meanwhile. Safe for threads; makers run one at a time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, kept_s: float = KEPT_S) -> None:
        self._clock, self._kept_s = clock, kept_s
        self._lock = threading.Lock()
        self._made: dict[Hashable, tuple[float, T]] = {}

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made for this key within the last second, else what `make` makes now. Its errors are not kept."""
        with self._lock:
            self._forget_old()
            if key not in self._made:
                made = make()
                self._made[key] = (self._clock(), made)
            return self._made[key][1]

    def _forget_old(self) -> None:
        now = self._clock()
        fresh = [(key, kept) for key, kept in self._made.items() if now - kept[0] < self._kept_s]
        self._made = dict(fresh[-MOST:])
