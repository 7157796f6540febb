"""What goes wrong on purpose, each in a thread of its own until it is told to stop; how often it did is counted."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from benchmarks.postgres import Server
from benchmarks.processes import tree
from benchmarks.receiving import Receiver
from notifiers import ledger
from notifiers.transactions import reading


class Havoc:
    """Does `act` every so many seconds while the block lasts."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.times = 0

    def act(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(60)

    def _run(self) -> None:
        while not self._over.wait(self._every_s):
            self.act()


class Killer(Havoc):
    """A random worker is killed (-9), any but those in `spared`; `most` times at most, so that somebody is left to work."""

    def __init__(self, crew: int, every_s: float = 2.0, most: int | None = None) -> None:
        super().__init__(every_s)
        self._crew, self._most = crew, most
        self.spared: set[int] = set()

    def act(self) -> None:
        if self._most is not None and self.times >= self._most:
            return
        if living := [pid for pid in workers_of(self._crew) if pid not in self.spared]:
            with suppress(ProcessLookupError):
                os.kill(random.choice(living), signal.SIGKILL)
                self.times += 1


class Sleeper(Havoc):
    """A worker is stopped longer than its lease, then goes on as if nothing had been."""

    def __init__(self, crew: int, killer: Killer, lease_s: float) -> None:
        super().__init__(lease_s)
        self._crew, self._killer, self._lease_s = crew, killer, lease_s

    def act(self) -> None:
        living = workers_of(self._crew)
        if not living:
            return
        pid = random.choice(living)
        self._killer.spared.add(pid)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            time.sleep(self._lease_s * 1.5)
            os.kill(pid, signal.SIGCONT)
            self.times += 1
        self._killer.spared.discard(pid)


class Blackout(Havoc):
    """The database is killed with all its processes and started again; `back_s`: until the next push arrived then."""

    def __init__(self, server: Server, receiver: Receiver, asking: threading.Lock, every_s: float = 10.0) -> None:
        super().__init__(every_s)
        self._server, self._receiver, self._asking = server, receiver, asking
        self.back_s: list[float] = []

    def act(self) -> None:
        self._server.kill()
        time.sleep(1.0)
        self._server.start()
        self.times += 1
        began_s, before = time.monotonic(), received(self._receiver, self._asking)
        while received(self._receiver, self._asking) == before:
            if self._over.is_set() or time.monotonic() > began_s + 30:
                return
            time.sleep(0.05)
        self.back_s.append(time.monotonic() - began_s)


class Scraper(Havoc):
    """Reads the tally again and again: the states must add up each time, and never more than planned may be settled."""

    def __init__(self, engine: Engine, notice_id: int, every_s: float = 0.1) -> None:
        super().__init__(every_s)
        self._engine, self._notice_id = engine, notice_id
        self.wrong = 0
        self.silent = 0  # the database was away

    def act(self) -> None:
        try:
            with reading(self._engine) as connection:
                found = ledger.tally(connection, self._notice_id)
        except SQLAlchemyError:
            self.silent += 1
            return
        self.times += 1
        for one in found.values():
            ended = one.sent + one.gone + one.refused + one.gave_up + one.dropped + one.in_doubt
            self.wrong += one.planned != one.waiting + one.in_flight + ended or one.waiting < 0


def workers_of(crew: int) -> list[int]:
    """The sending processes below `lookout worker`."""
    return [pid for pid in tree(crew) if _named(pid).startswith("lookout-worker")]


def received(receiver: Receiver, asking: threading.Lock) -> int:
    with asking:
        return int(receiver.count())


def until(look: Callable[[], bool], within_s: float, every_s: float = 0.25) -> bool:
    """Whether it came about in time."""
    over_s = time.monotonic() + within_s
    while time.monotonic() < over_s:
        if look():
            return True
        time.sleep(every_s)
    return False


def _named(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""
