"""Child processes: they are started again when they die, and never outlive the server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alerts.processes import Child, Supervisor

SLEEP = ("-c", "import time; time.sleep(60)")
OBEDIENT = "from alerts.processes import end_with_parent; end_with_parent(); import time; time.sleep(60)"
PARENT = f"""
import time
from alerts.processes import Child, Supervisor
supervisor = Supervisor()
supervisor.start([Child("one", ("-c", {OBEDIENT!r}))])
print(supervisor.pids("one")[0], flush=True)
time.sleep(60)
"""


def eventually(holds: Callable[[], bool], within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    return holds()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[2] != "Z"


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    one = Supervisor()
    one.start([Child("sleeper", SLEEP)])
    yield one
    one.stop(drain_s=2.0)


def test_a_killed_child_is_started_again(supervisor):
    (first,) = supervisor.pids("sleeper")
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: supervisor.pids("sleeper") not in ([], [first]))


def test_stop_leaves_no_child_behind(supervisor):
    (pid,) = supervisor.pids("sleeper")
    supervisor.stop(drain_s=2.0)
    assert not alive(pid)


def test_children_end_when_their_parent_is_killed():
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert eventually(lambda: not alive(child))
