"""kill -9 of a worker and of the server while an alert is being delivered; who was told is counted at the receivers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from cast import BOTH
from server import CHANNELS, Server, until
from sqlalchemy import select

from notifiers.tables import batch
from notifiers.transactions import reading

WINDOW = 32
PEOPLE = 240
SLOW = {"kind": "slow", "seconds": 0.25}
SHORT_LEASE = {"window": WINDOW, "lease_s": 1.5}


@pytest.fixture
def receivers(house) -> Iterator[subprocess.Popen[bytes]]:
    """The sandbox's receivers as a process of their own, so that what they counted outlives the server."""
    ports = ("--push-port", str(house.push_port), "--smtp-port", str(house.smtp_port))
    command = (sys.executable, "-m", "notifiers.sandbox", "--directory", str(house.data), *ports)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    assert process.stdout.readline()  # it says when it listens
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def sending(house) -> set[int]:
    """The workers that hold a batch of web push now, by process id."""
    held = select(batch.c.worker).where(batch.c.state == "claimed", batch.c.channel == "web_push")
    with reading(house.engine) as connection:
        return {int(worker.rpartition(":")[2]) for worker in connection.scalars(held)}


def repeats(delivery) -> int:
    return sum(channel["repeats"] for channel in delivery["channels"].values())


def all_received(server: Server, alert):
    """Sum over push and mail, and the inboxes beside them."""
    people = server.house.people
    sent = server.received(alert) + server.received(alert, "email")
    return sent, server.inboxes(alert, people)


@BOTH
def test_a_worker_killed_in_the_middle_loses_nobody_and_repeats_at_most_its_window(house, serve):
    people = house.enrol(PEOPLE)
    server = serve(workers=2, **SHORT_LEASE)
    server.misbehave(SLOW)
    alert = server.alert()
    until(lambda: len(server.received(alert)) > WINDOW)
    (victim,) = sending(house)
    os.kill(victim, signal.SIGKILL)
    told_at_death = len(server.received(alert))
    server.misbehave()
    done = server.until_settled(alert)
    counted = server.received(alert)
    assert told_at_death < PEOPLE
    assert set(counted) == {one.push for one in people}
    assert done["total"]["sent"] == PEOPLE
    assert 0 < counted.total() - PEOPLE <= repeats(done) <= WINDOW


@BOTH
def test_a_server_killed_right_after_the_approval_tells_everybody_once_it_is_back(house, serve, receivers):
    people = house.enrol(40, CHANNELS) + house.enrol(PEOPLE - 40)
    server = serve(workers=1, **SHORT_LEASE)
    server.misbehave(SLOW)
    alert = server.alert()
    server.kill()
    before = len(server.received(alert))
    server.misbehave()
    done = server.start().until_settled(alert)
    sent, read = all_received(server, alert)
    assert before < PEOPLE
    assert set(sent) == {one.push for one in people} | {one.email for one in people[:40]}
    assert sent.total() - PEOPLE - 40 <= repeats(done) <= WINDOW
    assert read == {one.public_id: 1 for one in people[:40]}
    assert done["total"]["sent"] == PEOPLE + 80
