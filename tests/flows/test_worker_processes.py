"""`lookout worker --concurrency N`: real processes beside a server that sends nothing itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from server import ROOT, descendants, environment, lookout, running, until

from notifiers import ledger
from notifiers.transactions import reading

N = 3


@pytest.fixture
def server(house, serve):
    house.enrol(150)
    return serve(workers=0)


@pytest.fixture
def crew(house, server, request) -> Iterator[subprocess.Popen[bytes]]:
    count = getattr(request, "param", N)
    ports = {"PUSH": house.push_port, "SMTP": house.smtp_port}
    variables = {f"LOOKOUT_SANDBOX_{name}_PORT": str(port) for name, port in ports.items()} | {"LOOKOUT_WINDOW": "8"}
    command = [sys.executable, "-m", "alerts.cli", "worker", "--data", str(house.data), "--concurrency", str(count)]
    process = subprocess.Popen(command, env=environment(variables), cwd=ROOT, stderr=subprocess.DEVNULL)
    until(lambda: len(workers(process)) == count)
    yield process
    process.kill()
    process.wait()


def workers(crew: subprocess.Popen[bytes]) -> set[int]:
    return {pid for pid, name in descendants(crew.pid).items() if name.startswith("lookout-worker") and running(pid)}


def test_all_of_them_send_and_each_person_is_told_once(server, crew, house):
    alert = server.alert()
    done = server.until_settled(alert)
    assert done["total"]["sent"] == 150
    assert server.received(alert) == {one.push: 1 for one in house.people}


@pytest.mark.parametrize("crew", [1, N], indirect=True)
def test_one_that_is_killed_has_a_successor(crew):
    first = workers(crew)
    os.kill(min(first), signal.SIGKILL)
    until(lambda: len(workers(crew)) == len(first) and len(workers(crew) - first) == 1, within_s=5.0)


def test_sigterm_ends_all_of_them_and_leaves_nothing_in_doubt(server, crew, house):
    server.misbehave({"kind": "slow", "seconds": 0.5})
    alert = server.alert()
    until(lambda: server.received(alert))
    everybody = descendants(crew.pid)
    crew.terminate()
    assert crew.wait(10) == 0
    until(lambda: not any(running(pid) for pid in everybody), within_s=2.0)
    notice_id = server.delivery(alert)["notice_id"]
    with reading(house.engine) as connection:
        left = ledger.tally(connection, notice_id)["web_push"]
    assert (left.in_flight, left.in_doubt) == (0, 0)
    assert 0 < left.sent < 150
    assert left.waiting == 150 - left.sent


def test_killed_itself_it_leaves_no_worker_behind(crew):
    before = workers(crew)
    crew.kill()
    crew.wait()
    until(lambda: not any(running(pid) for pid in before), within_s=5.0)


@pytest.mark.parametrize("count", ["0", "65", "many"])
def test_a_number_out_of_bounds_is_refused(house, count):
    answer = lookout("worker", "--data", str(house.data), "--concurrency", count)
    assert answer.returncode == 2
    assert "--concurrency" in answer.stderr
