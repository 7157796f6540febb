"""A notice that is over stays over: nobody can queue, plan, resume or send it again, and no clock or copy brings it back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from random import Random

import pytest
from scripted import Scripted, act, planned, tally, until, working
from sqlalchemy import update

from alerts.database import make_engine
from notifiers import fanout, ledger, notices, seen, tables
from notifiers.clock import database_now
from notifiers.ledger import Settled, Turn, Want
from notifiers.model import Outcome, Result

WANT = Want("w", ("push",), 10, 60)
SENT = Outcome(Result.SENT, "201")


def cancelled(world, _notice_id) -> None:
    world.cancel()


def superseded(world, _notice_id) -> None:
    act(world, notices.set_over, 1, "superseded")


def expired(world, notice_id) -> None:
    """Its time is over and a sweep has marked it; then the database's clock goes back by hours."""
    _expires(world, notice_id, -timedelta(seconds=1))
    assert notice_id in act(world, notices.expire)
    _expires(world, notice_id, timedelta(hours=2))


def _expires(world, notice_id: int, after: timedelta) -> None:
    def change(connection):
        at = database_now(connection) + after
        connection.execute(update(tables.notice).where(tables.notice.c.id == notice_id).values(expires_at=at))

    act(world, change)


ENDS = [cancelled, superseded, expired]


@pytest.fixture(params=ENDS)
def over(world, request) -> int:
    """A notice of ten people, three of them told, that has ended."""
    notice_id = planned(world)
    claim = act(world, ledger.claim, Want("w", ("push",), 3, 60))
    now = act(world, database_now)
    turn = Turn([Settled(position, SENT, now) for position in claim.starts])
    with world.engine.begin() as connection:
        ledger.checkpoint(connection, claim, turn, collapses=True, rng=Random(1))
    request.param(world, notice_id)
    return notice_id


def test_nothing_an_operator_or_a_server_does_queues_or_plans_it_again(world, over):
    act(world, notices.resume, over)
    act(world, notices.hold, over, "A person must look.")
    act(world, lambda connection: notices.release(connection, over, reach=99))
    act(world, lambda connection: notices.set_planned(connection, over, matched=9, now=database_now(connection)))
    late = [one.recipient_id for one in world.enrol(2)]
    assert over not in act(world, notices.due_for_fanout)
    assert over not in act(world, seen.marks)
    assert fanout.run(world.engine, world.vault, world.map, over).planned == 0
    assert fanout.plan_for(world.engine, over, late) == 0
    assert tally(world, over).planned == 10


def test_not_even_a_row_that_says_queued_is_planned_or_sent(world, over):
    act(world, lambda one: one.execute(update(tables.notice).where(tables.notice.c.id == over).values(state="queued")))
    world.enrol(2)
    assert fanout.run(world.engine, world.vault, world.map, over).stopped
    assert act(world, ledger.claim, WANT) is None


def test_not_even_a_batch_that_says_waiting_is_sent(world, over):
    """As a hand in the database might leave it."""
    batch = tables.batch
    act(world, lambda one: one.execute(update(batch).values(state="waiting", dropped=b"", n_dropped=0)))
    assert act(world, ledger.claim, WANT) is None
    act(world, ledger.drop, over)
    assert (tally(world, over).open, tally(world, over).sent) == (0, 3)


async def test_no_worker_sends_it_and_of_its_end_those_told_hear_once(world, over):
    push = Scripted()
    for notice_id in act(world, notices.due_for_fanout):  # the cancel, where there is one
        fanout.run(world.engine, world.vault, world.map, notice_id)
    async with working(world, push):
        await until(lambda: not act(world, ledger.stirring))
    assert tally(world, over).sent == 3
    assert sum(push.sent.values()) in {0, 3}
    assert set(push.sent.values()) <= {1}


def test_a_worker_restored_with_its_old_claim_learns_that_it_holds_nothing(world):
    planned(world)
    claim = act(world, ledger.claim, Want("w", ("push",), 3, 0.0))
    world.cancel()
    assert act(world, ledger.takeover, {"push": True}) == 1
    assert act(world, lambda connection: ledger.confirm(connection, [claim])) == {}
    with world.engine.begin() as connection:
        assert ledger.checkpoint(connection, claim, Turn(room=5), collapses=True, rng=Random(1)) is None


async def test_a_database_put_back_from_before_the_end_sends_nothing_since_the_key_is_gone(world, tmp_path):
    world.vault.create("k")
    planned(world, key_name="k")
    if world.engine.dialect.name != "sqlite":
        pytest.skip("a copy of the database is made the SQLite way")
    with (
        closing(sqlite3.connect(world.engine.url.database)) as now,
        closing(sqlite3.connect(tmp_path / "copy")) as copy,
    ):
        now.backup(copy)
    world.cancel()
    world.vault.destroy("k")  # as the end of the alert does
    restored, push = make_engine(f"sqlite:///{tmp_path}/copy"), Scripted()

    def held() -> bool:
        with restored.begin() as connection:
            return notices.get_status(connection, 1).state == "held"

    async with working(world, push, engine=restored):
        await until(held)
    restored.dispose()
    assert push.sent == {}
