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

PARENT = """
import time
from alerts.processes import Child, Supervisor
if __name__ == "__main__":
    supervisor = Supervisor()
    supervisor.start([Child("one", time.sleep, (60,))])
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
    one.start([Child("sleeper", time.sleep, (60,))])
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


def test_a_child_has_a_name_among_the_processes(supervisor):
    (pid,) = supervisor.pids("sleeper")
    assert eventually(lambda: Path(f"/proc/{pid}/comm").read_text().strip() == "lookout-sleeper")


def test_no_child_is_left_to_send_beside_its_successor_when_the_nursery_dies(supervisor):
    (first,) = supervisor.pids("sleeper")
    assert eventually(lambda: Path(f"/proc/{first}/comm").read_text().startswith("lookout"))
    os.kill(_parent_of(first), signal.SIGKILL)
    assert eventually(lambda: supervisor.pids("sleeper") not in ([], [first]))
    assert not alive(first)


def _parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])


def test_children_live_also_where_the_temporary_directory_has_a_long_path(tmp_path):
    script, room = tmp_path / "parent.py", tmp_path / ("long" * 25)
    script.write_text(PARENT)
    room.mkdir()
    command, environment = [sys.executable, str(script)], os.environ | {"TMPDIR": str(room)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as parent:
        child = int(parent.stdout.readline())
        assert alive(child)
        parent.kill()


def test_children_end_when_their_parent_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert eventually(lambda: not alive(child))
