"""Sources that are due are asked, each by one of several servers, and none waits for another.

due -> lease (`alerts.leases`, one for each source) -> index -> entries not looked at before -> `service.importing`
    -> `service.by_rule` -> health and validators, which are stored last
"""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial

import httpx
import structlog
from sqlalchemy.exc import SQLAlchemyError

from alerts import feed_sources, leases
from alerts.asking import Asking, ask
from alerts.feed_sources import Source
from alerts.feeds_in.health import Polled, after
from alerts.service.brought import Lost, NotReady
from alerts.service.end import May
from alerts.services import Services
from alerts.settings import Settings
from notifiers.fetching import make_client
from notifiers.guard import Guard, Mode
from notifiers.transactions import reading, writing

log = structlog.get_logger()

LEASE_S = 60.0  # how late a source is asked at most when the server that asked it died
MOST_AT_ONCE = 64  # sources that this server asks at the same time: one that hangs takes one place
THREADS = 4  # for what reads and stores


def make_guard(settings: Settings) -> Guard:
    """Live: https to public addresses. A sandbox asks only what runs on this machine, at the ports that are set."""
    if not settings.sandbox:
        return Guard(Mode.LIVE)
    ports = [int(port) for port in settings.sandbox_feed_ports.replace(",", " ").split()]
    return Guard(Mode.SANDBOX, frozenset(("127.0.0.1", port) for port in ports))


async def poll(
    services: Services, client: httpx.AsyncClient, pool: ThreadPoolExecutor, source_id: int, holder: str
) -> str | None:
    """Ask this source if it is due and this server's to ask: the word of it, or None."""
    turn = partial(_turn, services, source_id, holder)
    loop = asyncio.get_running_loop()
    may = await loop.run_in_executor(pool, turn)
    source = await loop.run_in_executor(pool, _due, services, source_id) if may else None
    if source is None:
        return None
    began_at, began = services.clock(), time.monotonic()
    try:
        polled = await _asked(Asking(services, client, source, turn, pool))
    except Lost:
        return None
    note = partial(_note, services, source, polled, turn, began_at, time.monotonic() - began)
    await loop.run_in_executor(pool, note)
    return polled.word


async def _asked(asking: Asking) -> Polled:
    try:
        return await ask(asking)
    except NotReady as why:
        return Polled(f"not_ready_{why}")
    except (SQLAlchemyError, ArithmeticError, LookupError, OSError, RuntimeError, TypeError, ValueError) as fault:
        log.error("feed_poll_failed", source=asking.source.id, kind=type(fault).__name__)  # noqa: TRY400  # its text may tell of a child
        return Polled("fault")


def _turn(services: Services, source_id: int, holder: str) -> May | None:
    fence = leases.take(services.engine, f"feed-{source_id}", holder, LEASE_S)
    return None if fence is None else partial(leases.stands, name=f"feed-{source_id}", fence=fence)


def _due(services: Services, source_id: int) -> Source | None:
    """The source as it is now that it is ours: another server may have asked it a moment ago."""
    with reading(services.engine) as connection:
        found = feed_sources.find(connection, source_id)
    return found if found and found.enabled and found.health.is_due(services.clock()) else None


def _note(  # what is known of a poll
    services: Services, source: Source, polled: Polled, turn: Callable[[], May | None], at: datetime, took_s: float
) -> None:
    may = turn()
    health = after(
        source.health,
        polled,
        services.clock(),
        source.interval_s,
        secrets.SystemRandom().random(),
        longest_silence_s=source.longest_silence_s,
    )
    with writing(services.engine) as connection:
        now = feed_sources.find(connection, source.id)
        if may is None or not may(connection) or now is None or now.change_id != source.change_id:
            return
        if now.health.next_poll_at != source.health.next_poll_at:  # somebody wants it asked again meanwhile
            health = replace(health, next_poll_at=now.health.next_poll_at)
        feed_sources.note_health(connection, source.id, health, at, took_s)
    if health.state != source.health.state:
        log.info("feed_health", source=source.id, state=health.state, why=health.last_error)


class Poller:
    """The polls of one server, in a thread with a loop of its own: a source that hangs holds up nothing else."""

    def __init__(self, services: Services, guard: Guard, holder: str) -> None:
        self._services, self._guard, self._holder = services, guard, holder
        self._tasks: dict[int, asyncio.Task[str | None]] = {}
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: httpx.AsyncClient | None = None
        self._end: asyncio.Event | None = None
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="feeds")
        self._thread = threading.Thread(target=self._run, name="feeds", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._ready.wait()

    def tick(self) -> None:
        """Begin with what is due and not under way here; returns at once."""
        with reading(self._services.engine) as connection:
            due = feed_sources.list_due(connection, self._services.clock())
        if due and self._loop is not None:
            self._loop.call_soon_threadsafe(self._begin, due)

    def stop(self) -> None:
        """Polls under way are given up: nothing of them is lost (see above)."""
        if self._loop is not None and self._end is not None:
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join()
        self._pool.shutdown(wait=True)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._end = asyncio.Event()
        async with make_client(self._guard) as self._client:
            self._loop = asyncio.get_running_loop()
            self._ready.set()
            await self._end.wait()
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _begin(self, due: Sequence[int]) -> None:
        for source_id in due:
            if source_id in self._tasks or len(self._tasks) >= MOST_AT_ONCE or self._client is None:
                continue
            asked = poll(self._services, self._client, self._pool, source_id, self._holder)
            task = asyncio.create_task(asked)
            self._tasks[source_id] = task
            task.add_done_callback(partial(self._done, source_id))

    def _done(self, source_id: int, task: asyncio.Task[str | None]) -> None:
        self._tasks.pop(source_id, None)
        with suppress(asyncio.CancelledError):
            if (fault := task.exception()) is not None:
                log.error("feed_poll_failed", source=source_id, kind=type(fault).__name__)
