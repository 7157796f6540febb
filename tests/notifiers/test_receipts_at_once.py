"""Receipts that come at the same moment: none is lost, and those of different batches do not wait for each other."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from returned import arf
from sqlalchemy import func, select, text
from test_beside_each_other import at_once, candidates, engines, only_postgresql
from test_ledger import SENT

from alerts import receipts
from alerts.receipts import Taken
from notifiers import ledger
from notifiers.clock import database_now
from notifiers.ledger import Settled, Turn, Want
from notifiers.model import Outcome, Result
from notifiers.receipts import seals
from notifiers.tables import subscription
from notifiers.transactions import delivering, reading, writing

__all__ = ["engines"]

DELIVERED, GONE = Outcome(Result.SENT, "delivered"), Outcome(Result.GONE, "30003")


@pytest.fixture
def batches(world):
    """Four that were sent, of a hundred each."""
    notice_id = world.add()
    with writing(world.engine) as connection:
        ledger.plan_once(connection, notice_id, candidates(range(1, 401), 4))
        claims = [ledger.claim(connection, Want("anna", ("push",), 100, 60.0)) for _ in range(4)]
        for claim in claims:
            now = database_now(connection)
            turn = Turn([Settled(position, SENT, now) for position in claim.starts])
            ledger.checkpoint(connection, claim, turn, collapses=True, rng=None)
    return [claim.batch_id for claim in claims]


def record(world, engine, batch_id, position, outcome=DELIVERED):
    seal = seals(world.vault).seal(batch_id, position)
    return receipts.record(engine, world.vault, seal, outcome, world.notice().sent_at)


def counts(world):
    with reading(world.engine) as connection:
        tally = ledger.tally(connection, 1)["push"]
        return ledger.count_delivered(connection, 1).get("push", 0), tally.sent, tally.gone


def test_of_many_of_one_batch_none_is_lost(world, engines, batches):
    def report(engine, number):
        mine = range(number, 100, 4)
        return [record(world, engine, batches[0], one, GONE if one % 5 == 0 else DELIVERED) for one in mine]

    taken = [one for answers in at_once(report, engines) for one in answers]
    assert taken == [Taken.RECORDED] * 100
    assert counts(world) == (80, 380, 20)


def test_of_those_that_say_the_same_one_counts(world, engines, batches):
    taken = at_once(lambda engine, _number: record(world, engine, batches[1], 7), engines)
    assert sorted(taken) == [Taken.RECORDED, *[Taken.UNCHANGED] * 3]
    assert counts(world) == (1, 400, 0)


@only_postgresql
def test_receipts_of_different_batches_and_services_do_not_wait_for_each_other(world, engines, batches):
    with writing(engines[0]), delivering(engines[1]) as other:
        ledger.receipt(other, batches[0], 3, DELIVERED, database_now(other))
        assert record(world, impatient(engines[2]), batches[1], 3) is Taken.RECORDED
    assert counts(world) == (2, 400, 0)


@only_postgresql
def test_a_receipt_waits_for_who_writes_to_its_batch_and_takes_nothing_back(world, engines, batches):
    def report(engine, number):
        if number:
            return record(world, engine, batches[0], number)
        with delivering(engine) as connection:
            ledger.receipt(connection, batches[0], 0, DELIVERED, database_now(connection))
            connection.execute(text("SELECT pg_sleep(0.2)"))
            return Taken.RECORDED

    assert at_once(report, engines) == [Taken.RECORDED] * 4
    assert counts(world) == (4, 400, 0)


def impatient(engine):
    """Whose transactions fail where they would wait: the test would else wait for itself."""
    with engine.begin() as connection:
        name = connection.scalar(text("SELECT quote_ident(current_database())"))
        connection.execute(text(f"ALTER DATABASE {name} SET lock_timeout = '2s'"))
    engine.dispose()
    return engine


def test_those_that_come_during_a_commit_share_the_next_and_one_that_fails_harms_itself_alone(
    world, batches, monkeypatch
):
    began, go_on, together, put_down = threading.Event(), threading.Event(), [], ledger.receipts

    def slow(connection, reports, now):
        together.append(len(reports))
        began.set()
        assert go_on.wait(10)
        if any(one.position == 99 for one in reports):
            raise ValueError
        return put_down(connection, reports, now)

    monkeypatch.setattr(ledger, "receipts", slow)
    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(record, world, world.engine, batches[0], 0)
        assert began.wait(10)
        rest = [pool.submit(record, world, world.engine, batches[0], one) for one in (1, 2, 99)]
        queue = receipts._gathered[world.engine]
        while len(queue._waiting) < 3:
            time.sleep(0.01)
        go_on.set()
        assert [one.result() for one in (first, *rest[:2])] == [Taken.RECORDED] * 3
        assert isinstance(rest[2].exception(), ValueError)
    assert together == [1, 3, 1, 1, 1]
    assert counts(world)[0] == 3


@pytest.fixture
def seals_of(world):
    """Of forty people, each sent to once."""
    world.enrol(40)
    notice_id = world.add()
    with writing(world.engine) as connection:
        ids = connection.scalars(select(subscription.c.id)).all()
        ledger.plan_once(connection, notice_id, candidates(ids))
        claim = ledger.claim(connection, Want("anna", ("push",), 40, 60.0))
        now = database_now(connection)
        turn = Turn([Settled(position, SENT, now) for position in claim.starts])
        ledger.checkpoint(connection, claim, turn, collapses=True, rng=None)
    return [seals(world.vault).seal(claim.batch_id, position) for position in claim.starts]


def complain(world, engine, seal):
    return receipts.take_mail(engine, world.vault, arf(seal=seal), world.notice().sent_at)


def test_of_many_who_complain_at_the_same_moment_each_leaves(world, engines, seals_of):
    taken = at_once(lambda engine, number: [complain(world, engine, one) for one in seals_of[number::4]], engines)
    assert [one for answers in taken for one in answers] == [Taken.LEFT] * 40
    with reading(world.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(subscription)) == 0
    assert complain(world, engines[0], seals_of[0]) is Taken.UNCHANGED


@only_postgresql
def test_a_complaint_does_not_wait_for_the_house(world, engines, seals_of):
    with writing(engines[0]):
        assert complain(world, impatient(engines[1]), seals_of[0]) is Taken.LEFT
