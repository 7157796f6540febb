"""Ten minutes of one fault and nothing else, on a real ledger whose time is moved on by hand: nobody is deleted."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from scripted import act, planned, tally
from sqlalchemy import select

from notifiers import ledger, outcome, subscriptions
from notifiers.clock import database_now
from notifiers.ledger import Settled, Turn, Want
from notifiers.model import Outcome, Result
from notifiers.tables import batch, exception, notice

PEOPLE = 20
STEP = timedelta(seconds=5)
FAULTS = {
    "429": lambda now: outcome.of_status(429, {"Retry-After": "7"}, now),
    "503": lambda now: outcome.of_status(503, {}, now),
    "timeout": lambda _now: outcome.of_failure("timeout", sent=True),
    "dns": lambda _now: outcome.of_failure("dns", sent=False),
}


def time_passes(connection):
    """All that stands in the ledger is five seconds older: the same as five seconds later."""
    for column in (
        batch.c.next_at,
        exception.c.next_at,
        exception.c.last_at,
        notice.c.expires_at,
        notice.c.approved_at,
    ):
        micro = STEP // timedelta(microseconds=1)
        table = column.table
        connection.exec_driver_sql(f"UPDATE {table.name} SET {column.name} = {column.name} - {micro}")


def claim_and_tell(connection, outcome_of, rng):
    """One claim, all of it ending the same way; how many were tried."""
    held = ledger.claim(connection, Want("anna", ("push",), 100, 60))
    if held is None:
        return 0
    now = database_now(connection)
    settled = [Settled(position, outcome_of(now), now) for position in held.starts]
    ledger.checkpoint(connection, held, Turn(settled), collapses=True, rng=rng)
    return len(settled)


@pytest.mark.parametrize("fault", FAULTS)
def test_nobody_is_deleted_and_everybody_is_told_in_the_end(world, fault):
    notice_id, rng = planned(world, PEOPLE), Random(1)
    tries = 0
    for _ in range(120):
        tries += act(world, claim_and_tell, FAULTS[fault], rng)
        act(world, time_passes)
    assert tries > 2 * PEOPLE
    assert (tally(world, notice_id).waiting, tally(world, notice_id).planned) == (PEOPLE, PEOPLE)
    assert len(act(world, subscriptions.load, range(1, PEOPLE + 1))) == PEOPLE
    for _ in range(240):  # the longest back-off is ten minutes
        act(world, claim_and_tell, lambda _now: Outcome(Result.SENT, "201"), rng)
        act(world, time_passes)
    assert tally(world, notice_id).sent == PEOPLE


@pytest.mark.parametrize("status", [404, 410])
def test_who_is_gone_is_gone_at_once(world, status):
    found = outcome.of_status(status, {}, world.notice().sent_at)
    assert found.result is Result.GONE
    notice_id = planned(world, 3)
    act(world, claim_and_tell, lambda _now: found, Random(1))
    assert tally(world, notice_id).gone == 3
    assert act(world, lambda connection: connection.scalars(select(exception.c.next_at)).all()) == [None] * 3
