"""A value of the house that is asked for at every page and changes almost never: read once a second at most."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

READ_EVERY_S = 1.0
T = TypeVar("T")


class Lately(Generic[T]):
    """What was read last. While it cannot be read it stays as it was; `first` before it ever could. Safe for threads."""

    def __init__(self, first: T, clock: Callable[[], float] = time.monotonic) -> None:
        self._value, self._clock = first, clock
        self._read_at = float("-inf")
        self._lock = threading.Lock()

    def get(self, read: Callable[[], T]) -> T:
        """The value of now, give or take READ_EVERY_S. Errors of `read` are not the asker's."""
        now = self._clock()
        if now - self._read_at < READ_EVERY_S:
            return self._value
        with self._lock:
            if now - self._read_at >= READ_EVERY_S:
                self._read_at = now
                try:
                    self._value = read()
                except Exception:  # noqa: BLE001 whatever it is: the last word stands, and the next second asks again
                    return self._value
        return self._value

    def forget(self) -> None:
        """It changed: whoever asks next reads it."""
        self._read_at = float("-inf")
