"""The child processes of a server: started, watched, started again when they die, drained at the end.

A child gets a pipe on its standard input and ends when that closes: a server that is killed leaves no orphans sending.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger()

_LOOK_EVERY_S = 0.25
_MOST_BACKOFF_S = 5.0


@dataclass(slots=True)
class Child:
    """One process to be kept alive: `arguments` follow the interpreter. One that `outlives` the others ends after them."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    outlives: bool = False
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    start_at_s: float = 0.0  # monotonic


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
        return [child.process.pid for child in self._children if child.process and child.name.startswith(name)]

    def stop(self, drain_s: float = 5.0) -> None:
        """SIGTERM, then SIGKILL to who is still there after `drain_s`; those that outlive the others last."""
        self._stopping.set()
        for outlives in (False, True):
            _end([child for child in self._children if child.outlives is outlives], drain_s)

    def _watch(self) -> None:
        while not self._stopping.wait(_LOOK_EVERY_S):
            for child in self._children:
                _revive(child)


def _revive(child: Child) -> None:
    now = time.monotonic()
    if child.process is not None and child.process.poll() is not None:
        log.warning("child_died", name=child.name, code=child.process.returncode)
        _close(child.process)
        child.process = None
        child.start_at_s = now + min(_MOST_BACKOFF_S, 0.25 * 2**child.deaths)
        child.deaths += 1
    if child.process is None and now >= child.start_at_s:
        _spawn(child)


def _spawn(child: Child) -> None:
    child.process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
        [sys.executable, *child.arguments],
        stdin=subprocess.PIPE,
        env={**os.environ, **child.environment},
        start_new_session=True,  # Ctrl-C goes to the parent alone, which then drains
    )


def _end(children: Sequence[Child], drain_s: float) -> None:
    running = [child.process for child in children if child.process and child.process.poll() is None]
    for process in running:
        process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + drain_s
    for process in running:
        _reap(process, max(0.1, deadline - time.monotonic()))


def _reap(process: subprocess.Popen[bytes], patience_s: float) -> None:
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    _close(process)


def _close(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        process.stdin.close()


def end_with_parent() -> None:
    """In a child: SIGTERM to ourselves when the parent's end of our standard input closes, however it died."""
    if sys.stdin is None or sys.stdin.isatty():
        return
    threading.Thread(target=_wait_for_end_of_input, name="parent-watch", daemon=True).start()


def _wait_for_end_of_input() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
