"""The short form of `make chaos`: everything dies while some thousand people are told; counted at the receiver."""

from __future__ import annotations

import os

import pytest

from benchmarks import chaos, postgres
from benchmarks.cluster import Missing

PEOPLE = 2_500
DEATHS = 4  # a house that kills two workers a second for ever has none that works
FAULTS = {"reset": 0.02, "cut": 0.02, "429": 0.05, "503": 0.05}  # silence takes its time-out


@pytest.fixture(scope="module")
def server():
    try:
        with postgres.running() as server:
            yield server
    except Missing as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))


def holds(rows) -> bool:
    """Every row with a goal is reached; there are some."""
    judged = [row for row in rows if row.goal]
    assert [row for row in judged if not row.reached] == []
    return len(judged) > 3


def test_on_sqlite_workers_are_killed_and_receivers_misbehave():
    with chaos.populated("", PEOPLE) as (house, receiver):
        assert holds(list(chaos.killed(house, receiver, "SQLite", 1, every_s=0.5, most=DEATHS)))
        assert holds(list(chaos.unruly(house, receiver, "unruly", 2, FAULTS)))


@pytest.mark.timeout(600)  # it waits for a busy machine
def test_a_server_that_is_killed_again_and_again_tells_everybody_once():
    with chaos.populated("", PEOPLE) as (house, receiver):
        assert holds(list(chaos.server_killed(house, receiver, "server killed", deaths=1)))


def test_on_postgresql_workers_are_killed_and_nobody_is_lost(server):
    with chaos.populated(server.create("chaos"), PEOPLE) as (house, receiver):
        assert holds(list(chaos.killed(house, receiver, "PostgreSQL", 1, every_s=0.5, most=DEATHS)))
