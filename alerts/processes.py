"""The child processes of a server: started, watched, started again when they die, drained at the end.

They are forked from a nursery (`multiprocessing`'s fork server), a process without threads that has imported what they
need: one that died is sending again after milliseconds instead of a second of imports, and they share their code's
memory. A child watches its server and ends with it: a server that is killed leaves no orphans sending.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import structlog

log = structlog.get_logger()

_LOOK_EVERY_S = 0.25
_MOST_BACKOFF_S = 5.0
_NURSERY = multiprocessing.get_context("forkserver")
_LONGEST_ROOM = 60
_NURSERY_DIED = 255  # what multiprocessing says of a child whose end nobody could see


@dataclass(slots=True)
class Child:
    """One process to be kept alive: `work(*arguments)`, both picklable. One that `outlives` the others ends after them."""

    name: str
    work: Callable[..., None]
    arguments: tuple[Any, ...] = ()
    outlives: bool = False
    process: BaseProcess | None = None
    deaths: int = 0
    start_at_s: float = 0.0  # monotonic


def open_nursery(modules: Sequence[str]) -> None:
    """Starts the nursery, which imports `modules` meanwhile: on another core, while the server imports its own."""
    _NURSERY.set_forkserver_preload(list(modules))
    _ensure_nursery()


def _ensure_nursery() -> None:
    """It listens on a socket in the temporary directory, whose path must be short (unix(7): 108 bytes in all)."""
    usual = tempfile.gettempdir()
    try:
        if len(usual) > _LONGEST_ROOM:
            tempfile.tempdir = "/tmp"  # noqa: S108 - multiprocessing makes a private directory in it, once a process
        forkserver.ensure_running()
    finally:
        tempfile.tempdir = usual


class Supervisor:
    """Keeps children running until `stop`. Restarts wait longer with every death, at most 5 s."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    def start(self, children: Sequence[Child]) -> None:
        """Starts all of them and the watch."""
        for child in children:
            self.add(child)
        self._thread.start()

    def add(self, child: Child) -> None:
        """Starts one more."""
        _spawn(child)
        self._children.append(child)

    def pids(self, name: str) -> list[int]:
        """The running processes whose name begins with `name`."""
        named = [child.process for child in self._children if child.process and child.name.startswith(name)]
        return [process.pid for process in named if process.pid is not None]

    def stop(self, drain_s: float = 5.0) -> None:
        """SIGTERM, then SIGKILL to who is still there after `drain_s`; those that outlive the others last."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        for outlives in (False, True):
            _end([child for child in self._children if child.outlives is outlives], drain_s)

    def _watch(self) -> None:
        while not self._stopping.wait(_LOOK_EVERY_S):
            for child in self._children:
                _revive(child)


@contextmanager
def heeding_signals() -> Iterator[Callable[[], None]]:
    """From here on SIGTERM and SIGINT end nothing by themselves: who calls what this gives waits for the first of them.

    A pipe, because a handler that took a lock could wait for the very code that it interrupted.
    """
    reader, writer = os.pipe()
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: _tell(writer)) for number in numbers]
    try:
        yield lambda: _wait(reader)
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
        os.close(reader)
        os.close(writer)


def _tell(writer: int) -> None:
    os.write(writer, b".")


def _wait(reader: int) -> None:
    os.read(reader, 1)


def _revive(child: Child) -> None:
    now = time.monotonic()
    if child.process is not None and child.process.exitcode is not None:
        log.warning("child_died", name=child.name, code=child.process.exitcode)
        _bury(child.process)
        child.process = None
        child.start_at_s = now + min(_MOST_BACKOFF_S, 0.25 * 2**child.deaths)
        child.deaths += 1
    if child.process is None and now >= child.start_at_s:
        _spawn(child)


def _bury(process: BaseProcess) -> None:
    """When the nursery died the child may well live, watched by nobody: it must not send beside its successor."""
    if process.exitcode == _NURSERY_DIED and process.pid is not None and _is_ours(process.pid):
        os.kill(process.pid, signal.SIGKILL)
    process.close()


def _is_ours(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "comm").read_text().startswith("lookout")
    except OSError:
        return False


def _spawn(child: Child) -> None:
    _ensure_nursery()
    # Not a daemon in multiprocessing's sense: those are killed, not drained, when the server ends.
    child.process = _NURSERY.Process(target=_live, args=(child.name, child.work, child.arguments), name=child.name)
    child.process.start()


def _end(children: Sequence[Child], drain_s: float) -> None:
    running = [child.process for child in children if child.process and child.process.exitcode is None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + drain_s
    for process in running:
        process.join(max(0.1, deadline - time.monotonic()))
        if process.exitcode is None:
            process.kill()
            process.join()


def _live(name: str, work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    begin(name)
    work(*arguments)


def begin(name: str) -> None:
    """In a child, first of all: a name for `ps`, a session of its own (Ctrl-C goes to the parent alone, which then
    drains), and SIGTERM to ourselves when the parent is gone, however it died.
    """
    Path("/proc/self/comm").write_text(f"lookout-{name}"[:15])
    os.setsid()
    threading.Thread(target=_end_with_parent, name="parent-watch", daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
