"""Real worker processes on one database, killed, paused and stopped; what counts is counted at the receiver."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from receiver import Receiver
from sqlalchemy import text

from notifiers import fanout, ledger
from notifiers.transactions import reading

SCRIPT = Path(__file__).parent / "worker_process.py"
ROOT = Path(__file__).parents[2]
WINDOW = 64


class Crew:
    """Worker processes over one database and directory of keys."""

    def __init__(self, url: str, directory: Path) -> None:
        self._url, self._directory = url, directory
        self.processes: list[subprocess.Popen] = []

    def start(self, *, collapses: bool = True, lease_s: float = 1.5) -> subprocess.Popen:
        name, word = f"worker-{len(self.processes)}", "collapses" if collapses else "no"
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT), self._url, str(self._directory), name, word, str(lease_s)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def receiver(world):
    receiver = Receiver()
    world.receiver = receiver.url
    yield receiver
    receiver.stop()


@pytest.fixture
def crew(url, tmp_path):
    crew = Crew(url, tmp_path)
    yield crew
    crew.end()


def until(condition, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)


def tally(world, notice_id: int):
    with reading(world.engine) as connection:
        return ledger.tally(connection, notice_id)["push"], ledger.repeats(connection, notice_id)


def planned(world, people: int) -> int:
    world.enrol(people)
    notice_id = world.add()
    assert fanout.run(world.engine, world.vault, world.map, notice_id).planned == people
    return notice_id


def test_a_killed_worker_loses_nothing_and_repeats_at_most_its_window(world, receiver, crew):
    notice_id = planned(world, 600)
    victim = crew.start()
    until(lambda: len(receiver.got) > 150)
    victim.kill()
    crew.start()
    until(lambda: tally(world, notice_id)[0].sent == 600)
    counts = receiver.counts("1.1.alert")
    assert len(counts) == 600
    assert sum(counts.values()) - 600 <= tally(world, notice_id)[1] <= WINDOW


def test_where_repeats_are_not_collapsed_what_was_in_flight_ends_in_doubt(world, receiver, crew):
    notice_id = planned(world, 500)
    victim = crew.start(collapses=False)
    until(lambda: len(receiver.got) > 120)
    victim.kill()
    crew.start(collapses=False)
    until(lambda: tally(world, notice_id)[0].open == 0)
    counts, done = receiver.counts("1.1.alert"), tally(world, notice_id)[0]
    assert max(counts.values()) == 1
    assert 0 < done.in_doubt <= WINDOW
    assert done.sent + done.in_doubt == 500


def asleep(worker, world) -> bool:
    """Stopped, and not in the middle of a write: its locks would hold up everybody else for as long."""
    worker.send_signal(signal.SIGSTOP)
    if writes(world.engine):
        worker.send_signal(signal.SIGCONT)
        return False
    return True


def writes(engine) -> bool:
    """Whether another process is in the middle of a transaction."""
    if engine.dialect.name != "sqlite":
        busy = "state <> 'idle' AND datname = current_database() AND pid <> pg_backend_pid()"
        with reading(engine) as connection:
            return bool(connection.scalar(text(f"SELECT count(*) FROM pg_stat_activity WHERE {busy}")))
    with closing(sqlite3.connect(engine.url.database, timeout=0.2, isolation_level=None)) as database:
        try:
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
    return False


def test_a_paused_worker_whose_lease_ran_out_starts_nothing_when_it_wakes_up(world, receiver, crew):
    notice_id = planned(world, 600)
    sleeper = crew.start()
    until(lambda: len(receiver.got) > 120)
    until(lambda: asleep(sleeper, world))
    crew.start()
    until(lambda: tally(world, notice_id)[0].sent > 450)
    sleeper.send_signal(signal.SIGCONT)
    until(lambda: tally(world, notice_id)[0].sent == 600)
    counts = receiver.counts("1.1.alert")
    assert len(counts) == 600
    assert sum(counts.values()) - 600 <= tally(world, notice_id)[1] <= WINDOW


def test_a_worker_told_to_stop_leaves_nothing_in_flight_and_nothing_is_repeated(world, receiver, crew):
    notice_id = planned(world, 600)
    first = crew.start()
    until(lambda: len(receiver.got) > 120)
    first.terminate()
    assert first.wait(10) == 0
    rest, _ = tally(world, notice_id)
    assert rest.in_flight == 0
    assert rest.sent == len(receiver.got) < 600
    crew.start()
    until(lambda: tally(world, notice_id)[0].sent == 600)
    assert set(receiver.counts("1.1.alert").values()) == {1}


def test_two_workers_share_the_work_and_tell_each_once(world, receiver, crew):
    notice_id = planned(world, 1200)
    crew.start()
    crew.start()
    until(lambda: tally(world, notice_id)[0].sent == 1200)
    assert len(receiver.got) == 1200
    assert set(receiver.got.values()) == {1}


def test_a_cancel_in_the_middle_reaches_exactly_those_who_were_told(world, receiver, crew):
    receiver.delay_s = 0.1
    notice_id = planned(world, 2000)
    crew.start()
    until(lambda: len(receiver.got) > 150)
    cancel_id = world.cancel()
    fanout.run(world.engine, world.vault, world.map, cancel_id)
    until(lambda: tally(world, cancel_id)[0].open == 0 and tally(world, notice_id)[0].open == 0)
    told, over = receiver.counts("1.1.alert"), receiver.counts("2.2.cancel")
    assert len(told) < 2000
    assert set(told) <= set(over)
    assert len(over) - len(told) <= WINDOW
    assert set(over.values()) == {1}


def test_a_cancel_reaches_those_whom_a_killed_worker_may_have_told(world, receiver, crew):
    notice_id = planned(world, 600)
    victim = crew.start()
    until(lambda: len(receiver.got) > 150)
    victim.kill()
    cancel_id = world.cancel()
    fanout.run(world.engine, world.vault, world.map, cancel_id)
    crew.start()
    until(lambda: tally(world, cancel_id)[0].open == 0)
    assert tally(world, notice_id)[0].open == 0
    assert set(receiver.counts("1.1.alert")) <= set(receiver.counts("2.2.cancel"))
