"""One look at the database for all who watch operations: made once a second while anybody does, given to everybody.

A watcher costs a write to a socket, and no query. Who cannot have a stream asks for the same look over and over.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress

import structlog
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import SQLAlchemyError

log = structlog.get_logger()

EVERY_S = 1.0
STREAM_S = 60.0  # then the browser comes again, and is asked again who it is
KEEP_ALIVE_S = 15.0


class Feed:
    """`look` makes the texts of the events, by their names (it may block); `made` counts how often it did."""

    def __init__(self, look: Callable[[], Mapping[str, str]]) -> None:
        self._look = look
        self._lock = threading.Lock()
        self._texts: Mapping[str, str] = {}
        self._at_s = float("-inf")
        self.made = 0
        self.watchers = 0
        self._news = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None

    def now(self) -> Mapping[str, str]:
        """The last look, or a new one where that is a second old. Others wait for it instead of looking themselves."""
        with self._lock:
            if time.monotonic() - self._at_s >= EVERY_S:
                self._texts, self._at_s = self._look(), time.monotonic()
                self.made += 1
            return self._texts

    async def events(self, stream_s: float = STREAM_S) -> AsyncIterator[str]:
        """Server-sent events (HTML, section 9.2): each text as soon as it differs from the last one of its name."""
        self.watchers += 1
        try:
            yield "retry: 1000\n\n"
            end_s, told = time.monotonic() + stream_s, dict[str, str]()
            while time.monotonic() < end_s:
                self._look_on()
                for name, text in self._texts.items():
                    if told.get(name) != text:
                        told[name] = text
                        yield f"event: {name}\ndata: {text}\n\n"
                async with self._news:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._news.wait(), KEEP_ALIVE_S)
                yield ": still here\n\n"
        finally:
            self.watchers -= 1

    def _look_on(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while self.watchers:
            try:
                await run_in_threadpool(self.now)
            except SQLAlchemyError as error:  # a busy or absent database ends no stream
                log.warning("operations_unreadable", error=type(error).__name__)
            async with self._news:
                self._news.notify_all()
            await asyncio.sleep(EVERY_S)


def encoded(found: dict[str, object]) -> str:
    """JSON in one line, as the data of an event has to be."""
    return json.dumps(found, separators=(",", ":"), allow_nan=False)
