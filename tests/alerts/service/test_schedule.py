"""Several servers' schedules on one database: what all share is done by one of them, once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from cast import BOTH, DENVER

from alerts import leases, tables
from alerts.schedule import Schedule
from alerts.service import end
from alerts.tables import audit, job_lease
from notifiers.channels.inbox import Inbox
from notifiers.clock import database_now
from notifiers.tables import inbox, notice
from notifiers.transactions import writing
from notifiers.worker import Params, Worker

pytestmark = BOTH

LEASE_S = 1.0


@pytest.fixture
def pair(house):
    return [Schedule(house.services, lease_s=LEASE_S) for _ in range(2)]


@pytest.fixture
def ran(monkeypatch):
    """How often the work itself ran, whoever did it."""
    counts: Counter[str] = Counter()
    work = end.expire_due

    def counted(services, may):
        counts["expire"] += 1
        return work(services, may)

    monkeypatch.setattr(end, "expire_due", counted)
    return counts


def actions(house) -> Counter[str]:
    return Counter(row.action for row in house.rows(audit))


def in_rounds(schedules, rounds=3) -> None:
    for _ in range(rounds):
        for one in schedules:
            one.expire()
            one.destroy_keys()
            one.expire_places()


def test_of_two_servers_one_runs_the_shared_jobs(house, pair, ran):
    in_rounds(pair)
    assert ran["expire"] == 3
    assert {row.name for row in house.rows(job_lease)} == {"expire", "destroy_keys", "expire_places"}
    assert len({row.holder for row in house.rows(job_lease)}) == 1


def test_an_alert_that_runs_out_ends_once_however_many_servers_look(house, pair, in_force):
    in_force()
    house.run_out()
    threads = [threading.Thread(target=in_rounds, args=([one],)) for one in pair * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (actions(house)["expire"], actions(house)["destroy_key"]) == (1, 1)
    assert [row.over for row in house.rows(notice)] == ["expired", None]


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_server_whose_clock_is_an_hour_off_ends_nothing_early_and_nothing_late(house, pair, in_force, hours):
    in_force()
    house.clock.pass_time(hours=hours)
    with writing(house.services.engine) as connection:
        connection.execute(tables.incident.update().values(expires_at=database_now(connection) + timedelta(minutes=30)))
    pair[0].expire()
    assert actions(house)["expire"] == 0
    house.run_out()
    pair[0].expire()
    assert actions(house)["expire"] == 1
    assert [row.over for row in house.rows(notice)] == ["expired", None]


def test_when_the_holder_died_another_takes_over_after_the_lease(house, pair, in_force):
    dead, heir = pair
    in_force()
    dead.expire()
    house.run_out()
    heir.expire()
    assert actions(house)["expire"] == 0
    time.sleep(LEASE_S + 0.1)
    heir.expire()
    assert actions(house)["expire"] == 1
    assert house.rows(job_lease)[0].fence == 2


async def test_while_nobody_ends_what_ran_out_since_its_server_died_no_worker_sends_it(house, pair, in_force):
    dead, heir = pair
    house.enrol([DENVER] * 50)
    in_force()
    dead.expire()
    house.run_out()
    heir.expire()  # the lease of the dead one still runs
    assert [row.over for row in house.rows(notice)] == [None]
    worker = Worker(house.services.engine, house.services.vault, {"inbox": Inbox()}, Params(), name="anna")
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(LEASE_S + 0.5)
    assert house.rows(inbox) == []
    await asyncio.to_thread(heir.expire)
    assert house.rows(notice)[0].over == "expired"
    worker.stop()
    await running
    assert house.rows(inbox) == []


def test_a_holder_that_lives_keeps_the_job_beyond_its_lease(house, ran):
    lease_s = 4 * LEASE_S  # longer than a busy machine lets anybody wait
    holder, other = (Schedule(house.services, lease_s=lease_s) for _ in range(2))
    until = time.monotonic() + 1.2 * lease_s
    while time.monotonic() < until:
        holder.expire()
        before = ran["expire"]
        other.expire()
        assert ran["expire"] == before
        time.sleep(lease_s / 12)


def test_a_server_that_is_stopped_is_followed_at_once(pair, ran):
    leaving, staying = pair
    leaving.start()
    leaving.stop()
    before = ran["expire"]
    staying.expire()
    assert ran["expire"] == before + 1


def test_who_was_away_in_the_middle_of_a_job_writes_nothing_more(house, pair, in_force, monkeypatch):
    sleeper, heir = pair
    in_force()
    house.run_out()
    work = end.expire_due

    def after_a_sleep(services, may):
        monkeypatch.undo()
        time.sleep(LEASE_S + 0.1)
        assert leases.take(services.engine, "expire", "another", LEASE_S) == 2
        return work(services, may)

    monkeypatch.setattr(end, "expire_due", after_a_sleep)
    sleeper.expire()
    heir.expire()
    assert actions(house)["expire"] == 0
    assert [row.over for row in house.rows(notice)] == [None]


def test_every_server_clears_its_own_watch(house, pair, in_force):
    in_force()
    holder, other = pair
    holder.expire()
    other.sweep()
    assert len(list(house.services.watch)) == 1
    house.run_out()
    other.sweep()
    assert list(house.services.watch) == []


def test_of_many_who_try_at_once_one_gets_the_lease(house):
    got: list[int | None] = []
    barrier = threading.Barrier(8)

    def attempt(number: int) -> None:
        barrier.wait()
        got.append(leases.take(house.services.engine, "job", f"holder-{number}", 5.0))

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got, key=str) == [1, *[None] * 7]


def test_a_fence_stands_until_the_holder_changes(house):
    engine = house.services.engine
    assert leases.take(engine, "job", "anna", 0.05) == 1
    time.sleep(0.1)
    assert leases.take(engine, "job", "anna", 0.05) == 1
    time.sleep(0.1)
    assert leases.take(engine, "job", "bert", 5.0) == 2
    with writing(engine) as connection:
        assert [leases.stands(connection, "job", fence) for fence in (1, 2)] == [False, True]


def test_what_is_to_be_done_every_second_as_well_is_done(house):
    done = threading.Event()
    schedule = Schedule(house.services)
    schedule.also(done.set)
    schedule.start()
    try:
        assert done.wait(30)
    finally:
        schedule.stop()
