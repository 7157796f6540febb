"""The fan-out's own thread in a server: approved notices and arrivals, one after the other, never lost.

The rows are the queue: what is to be fanned out stands in `notice.state`, which newcomers were looked for stands in
`seen`; this thread only shortens the wait. A failure is logged and the notice is taken up again by the next sweep, here
or in another server; so are newcomers, who are not even queued while very many wait already.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

import structlog

log = structlog.get_logger()

SWEEP_EVERY_S = 0.5
MOST_WAITING = 1_000  # messages

FanOut = Callable[[int], None]
Arrivals = Callable[[int, Sequence[int]], None]
Due = Callable[[], Sequence[int]]
Answer = TypeVar("Answer")


class Dispatcher:
    """Runs `fan_out(notice id)` for what is told or found due, and `arrivals(notice id, recipient ids)`."""

    def __init__(self, fan_out: FanOut, arrivals: Arrivals, due: Due) -> None:
        self._fan_out = fan_out
        self._arrivals = arrivals
        self._due = due
        self._told: queue.SimpleQueue[tuple[int, Sequence[int]] | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fan-out", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends after the notice in hand; what is left stays queued in its row."""
        self._stopping.set()
        self._told.put(None)
        self._thread.join(10.0)

    def tell(self, _notice_id: int) -> None:
        """A notice was queued and committed: look now, not at the next sweep."""
        self._told.put(None)

    def tell_arrivals(self, notice_id: int, recipient_ids: Sequence[int]) -> None:
        """These recipients came into the area of an open notice."""
        if self._told.qsize() < MOST_WAITING:
            self._told.put((notice_id, recipient_ids))

    def _run(self) -> None:
        while not self._stopping.is_set():
            told = self._wait()
            if told:
                _guarded("arrivals", told[0], partial(self._arrivals, *told))
            for notice_id in _guarded("sweep", 0, self._due) or ():
                if not self._stopping.is_set():
                    _guarded("fan_out", notice_id, partial(self._fan_out, notice_id))

    def _wait(self) -> tuple[int, Sequence[int]] | None:
        try:
            return self._told.get(timeout=SWEEP_EVERY_S)
        except queue.Empty:
            return None


def _guarded(what: str, notice_id: int, act: Callable[[], Answer]) -> Answer | None:
    """One failure must not stop what comes after it."""
    try:
        return act()
    except Exception as error:
        log.exception("fan_out_failed", what=what, notice_id=notice_id, error=type(error).__name__)
        return None
