"""The last second's pages: a crowd that comes at once is answered from one page, drawn once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable

KEPT_S = 1.0  # well under the five seconds in which every copy must say that it is over
MOST = 64


class Memo:
    """Text by key, made at most once in KEPT_S, whoever asks meanwhile. Safe for threads; makers run one at a time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._made: dict[Hashable, tuple[float, str]] = {}

    def get(self, key: Hashable, make: Callable[[], str]) -> str:
        """What was made for this key within the last second, else what `make` makes now. Its errors are not kept."""
        with self._lock:
            self._forget_old()
            if key not in self._made:
                made = make()
                self._made[key] = (self._clock(), made)
            return self._made[key][1]

    def _forget_old(self) -> None:
        now = self._clock()
        fresh = [(key, kept) for key, kept in self._made.items() if now - kept[0] < KEPT_S]
        self._made = dict(fresh[-MOST:])
