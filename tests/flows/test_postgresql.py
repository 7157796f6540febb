"""Only PostgreSQL: it is killed and comes back under a running house, and workers on another machine send."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from server import ROOT, environment, lookout, until

PEOPLE, WINDOW = 240, 32
BACK_S = 30.0

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def test_a_database_that_is_killed_and_comes_back_is_used_again_within_seconds(house, serve, cluster):
    house.enrol(PEOPLE)
    server = serve(workers=2, window=WINDOW, lease_s=1.5)
    server.misbehave({"kind": "slow", "seconds": 0.25})
    alert = server.alert()
    until(lambda: server.received(alert).total() > WINDOW)
    cluster.kill()
    until(lambda: not server.get("/readyz").is_success)
    time.sleep(1.5)  # longer than it may be since a worker was certain: all of them are silent now
    before = server.received(alert).total()
    assert before < PEOPLE
    cluster.start()
    until(lambda: server.get("/readyz").is_success, BACK_S)
    until(lambda: server.received(alert).total() > before, BACK_S)
    server.misbehave()
    done = server.until_settled(alert)
    counted = server.received(alert)
    assert set(counted) == {one.push for one in house.people}
    assert counted.total() - PEOPLE <= sum(one["repeats"] for one in done["channels"].values()) <= 2 * WINDOW
    assert server.alert(case_number="EX-2")["state"] == "pending approval"


@pytest.fixture
def elsewhere(house, tmp_path) -> list[str]:
    """The command `lookout worker` of another machine: a data directory of its own, the keys and the database shared."""
    return ["worker", "--data", str(tmp_path / "elsewhere"), "--mode", "sandbox"]


def variables(house, keys: Path) -> dict[str, str]:
    ports = {"LOOKOUT_SANDBOX_PUSH_PORT": house.push_port, "LOOKOUT_SANDBOX_SMTP_PORT": house.smtp_port}
    return house.variables | {name: str(port) for name, port in ports.items()} | {"LOOKOUT_KEYS": str(keys)}


def test_workers_on_another_machine_send_what_this_one_approved(house, serve, elsewhere):
    house.enrol(60)
    server = serve(workers=0)
    process = subprocess.Popen(
        [sys.executable, "-m", "alerts.cli", *elsewhere, "--concurrency", "2"],
        env=environment(variables(house, house.data / "keys")),
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    try:
        alert = server.alert()
        assert server.until_settled(alert)["total"]["sent"] == 60
        assert server.received(alert) == {one.push: 1 for one in house.people}
        process.terminate()
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()


def test_a_machine_with_other_keys_is_refused_before_it_does_harm(house, elsewhere, tmp_path):
    """It could open no notice, and would hold every one of them."""
    house.enrol(1)
    answer = lookout(*elsewhere, **variables(house, tmp_path / "keys of its own"))
    assert answer.returncode == 2
    assert "LOOKOUT_KEYS" in answer.stderr
    assert list((tmp_path / "keys of its own").glob("*")) == []


def test_a_url_of_no_database_is_refused_in_words(house, elsewhere):
    answer = lookout(*elsewhere, LOOKOUT_DATABASE_URL="mysql://me:secret@db.example/lookout")
    assert answer.returncode == 2
    assert "postgresql" in answer.stderr
    assert "secret" not in answer.stderr
