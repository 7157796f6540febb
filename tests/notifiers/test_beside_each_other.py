"""Many at once on one database: workers that claim, planners at the door, enders at the gates."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random

import numpy as np
import pytest
from sqlalchemy import select, text

from alerts.database import make_engine
from notifiers import ledger, notices, tables
from notifiers.eligibility import Eligible
from notifiers.ledger import Candidates, Standing, Turn, Want
from notifiers.transactions import Lock, again_if_crossed, alone, delivering, reading, shared_at_once, writing

only_postgresql = pytest.mark.parametrize("url", ["postgresql"], indirect=True)


@pytest.fixture
def engines(url):
    """Four, as of four processes: their connections have nothing in common."""
    made = [make_engine(url) for _ in range(4)]
    yield made
    for one in made:
        one.dispose()


def at_once(work, engines) -> list:
    """`work(engine, number)` in a thread for each, all let go at the same moment."""
    barrier = threading.Barrier(len(engines))

    def begin(number: int):
        barrier.wait()
        return work(engines[number], number)

    with ThreadPoolExecutor(len(engines)) as pool:
        return list(pool.map(begin, range(len(engines))))


def candidates(ids, origins: int = 1) -> Candidates:
    array = np.array(ids, np.uint32)
    lanes = tuple(("push", f"origin-{number}") for number in range(origins))
    return Candidates(Eligible(array, array, (array % origins).astype(np.intp), lanes), np.zeros(len(array)))


def test_workers_that_claim_at_the_same_moment_never_hold_the_same_batch(world, engines):
    notice_id, batches = world.add(), 60
    with writing(world.engine) as connection:
        ledger.plan_once(connection, notice_id, candidates(range(1, 601), batches))

    def claim_all(engine, number: int) -> list[int]:
        want, mine = Want(f"worker-{number}", ("push",), 5, 30.0), []
        while True:
            with delivering(engine) as connection:
                claim = ledger.claim(connection, want)
                if claim is None and not ledger.claimable(connection, want):
                    return mine
            if claim is not None:
                mine.append(claim.batch_id)

    held = Counter(batch_id for mine in at_once(claim_all, engines) for batch_id in mine)
    assert set(held.values()) == {1}
    assert len(held) == batches


def test_several_planners_of_one_notice_plan_each_once(world, engines):
    notice_id = world.add()

    def plan(engine, number: int) -> int:
        total = 0
        for start in range(0, 2_000, 100):
            with delivering(engine) as connection:
                total += ledger.plan_once(connection, notice_id, candidates(range(start + 1, start + 151)))
        return total

    assert sum(at_once(plan, engines)) == 2_050


def test_what_is_claimed_while_the_notice_ends_is_seen_by_who_ends_it(world, engines):
    """Rule 5 of the ledger: from the commit that ends it on nothing starts, and all that started is read as told."""
    notice_id = world.add()
    with writing(world.engine) as connection:
        ledger.plan_once(connection, notice_id, candidates(range(1, 601), 60))

    def claim_or_end(engine, number: int) -> set[int]:
        if number == 0:
            with writing(engine) as connection:
                notices.set_over(connection, 1, "cancelled")
                return set(ledger.told(connection, 1, below_version=2).tolist())
        started: set[int] = set()
        for _ in range(30):
            with delivering(engine) as connection:
                claim = ledger.claim(connection, Want(f"worker-{number}", ("push",), 5, 30.0))
            if claim is not None:
                started.update(int(claim.ids[position]) for position in claim.starts)
        return started

    told, *started = at_once(claim_or_end, engines)
    assert set().union(*started) == told


def test_takeovers_at_the_same_moment_bury_a_batch_once(world, engines):
    notice_id = world.add()
    with writing(world.engine) as connection:
        ledger.plan_once(connection, notice_id, candidates(range(1, 101), 10))
        claims = [ledger.claim(connection, Want("dead", ("push",), 5, 0.0)) for _ in range(10)]

    def take_over(engine, number: int) -> int:
        with delivering(engine) as connection:
            return ledger.takeover(connection, {"push": True})

    assert sum(at_once(take_over, engines)) == len(claims)
    with reading(world.engine) as connection:
        assert ledger.repeats(connection, notice_id) == 50


@only_postgresql
def test_checkpoints_go_on_while_others_plan(world, engines):
    """A fan-out of a million takes many transactions: sends of what is planned already do not wait for them."""
    notice_id = world.add()
    with writing(world.engine) as connection:
        ledger.plan_once(connection, notice_id, candidates(range(1, 11)))
    with delivering(engines[0]) as planner:
        ledger.plan_once(planner, notice_id, candidates(range(11, 21)))
        with delivering(engines[1]) as connection:
            claim = ledger.claim(connection, Want("worker", ("push",), 5, 30.0))
        with delivering(engines[1]) as connection:
            progress = ledger.checkpoint(connection, claim, Turn(room=0), collapses=True, rng=Random(1))
    assert progress.standing is Standing.LIVE


@only_postgresql
def test_who_waits_to_end_a_notice_is_not_overtaken_for_ever(world, engines):
    """The gate is fair: with somebody waiting there no claim begins, however many workers come one after the other."""
    notice_id, waiting = world.add(), threading.Event()
    with writing(world.engine) as connection:
        ledger.plan_once(connection, notice_id, candidates(range(1, 11)))

    def end() -> None:
        with writing(engines[1]) as connection:
            waiting.set()
            notices.set_over(connection, 1, "cancelled")

    with delivering(engines[0]) as connection:
        assert shared_at_once(connection, Lock.NOTICE, notice_id)
        ender = threading.Thread(target=end)
        ender.start()
        assert waiting.wait(5)
        _until_somebody_waits(world.engine)
        with delivering(engines[2]) as other:
            assert ledger.claim(other, Want("late", ("push",), 5, 30.0)) is None
    ender.join()
    with reading(world.engine) as connection:
        assert notices.get_status(connection, notice_id).over == "cancelled"


def _until_somebody_waits(engine) -> None:
    for _ in range(500):
        with reading(engine) as connection:
            if connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                return
            connection.execute(text("SELECT pg_sleep(0.01)"))
    raise AssertionError("nobody waits")


@only_postgresql
def test_one_of_two_who_wait_for_each_other_tries_again_and_both_come_through(engines):
    met = threading.Barrier(2, timeout=10)
    tries: Counter[int] = Counter()

    def cross(engine, number: int) -> int:
        def work() -> int:
            tries[number] += 1
            with delivering(engine) as connection:
                alone(connection, Lock.DOOR, number)
                if tries.total() <= 2:
                    met.wait()
                alone(connection, Lock.DOOR, 1 - number)
                return number

        return again_if_crossed(work)

    assert at_once(cross, engines[:2]) == [0, 1]
    assert tries.total() == 3


@only_postgresql
def test_readers_see_one_moment_and_can_write_nothing(world):
    with reading(world.engine) as connection:
        before = connection.scalar(select(tables.notice.c.id).limit(1))
        world.add()
        assert connection.scalar(select(tables.notice.c.id).limit(1)) == before
        assert connection.scalar(text("SHOW transaction_read_only")) == "on"
    with writing(world.engine) as connection:
        assert connection.scalar(text("SHOW transaction_read_only")) == "off"
