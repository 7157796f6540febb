"""Who is refused again and again, on a real ledger; the days pass on a clock of the test's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from scripted import Scripted, act, planned, tally, until, working
from sqlalchemy import select

from notifiers import ledger, refusals, subscriptions
from notifiers.model import Outcome, Result
from notifiers.refusals import count, counts, ours, reached
from notifiers.tables import refusal, subscription
from notifiers.transactions import reading

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def one(world):
    """The id of one subscription."""
    world.enrol(1)
    return 1


def test_three_refusals_over_a_day_are_enough(world, one):
    assert act(world, count, [one], 1, NOW) == []
    assert act(world, count, [one], 2, NOW + 12 * HOUR) == []
    assert act(world, count, [one], 3, NOW + 24 * HOUR) == [one]


def test_three_within_a_day_are_not(world, one):
    assert [act(world, count, [one], number, NOW + number * HOUR) for number in range(1, 9)] == [[]] * 8
    assert act(world, count, [one], 9, NOW + 25 * HOUR) == [one]


def test_one_notice_counts_once_however_often_it_is_refused(world, one):
    assert [act(world, count, [one], 7, NOW + day * 24 * HOUR) for day in range(5)] == [[]] * 5
    assert act(world, lambda connection: connection.scalar(select(refusal.c.times))) == 1


def test_a_send_that_arrives_wipes_the_slate_clean(world, one):
    act(world, count, [one], 1, NOW)
    act(world, count, [one], 2, NOW + 12 * HOUR)
    act(world, reached, [one])
    assert act(world, count, [one], 3, NOW + 24 * HOUR) == []


@pytest.mark.parametrize(
    ("reason", "speaks"),
    [("400", True), ("413", True), ("301", False), ("guard", False), ("550 5.7.1", False), ("", False)],
)
def test_only_a_4xx_of_the_receiver_speaks_of_the_subscription(reason, speaks):
    assert counts(reason) is speaks


async def test_who_leaves_while_being_refused_does_not_stop_the_worker(world):
    left = lambda connection, id_: subscriptions.unsubscribe(connection, [id_], NOW)  # noqa: E731

    def answer(id_, _try):
        if id_ == 1:
            act(world, left, id_)
        return Outcome(Result.REFUSED, "400") if id_ == 1 else Outcome(Result.SENT, "201")

    notice_id = planned(world, 3)
    async with working(world, Scripted(answer)):
        await until(lambda: not tally(world, notice_id).open, 5.0)
    done = tally(world, notice_id)
    assert (done.sent, done.refused, done.in_doubt) == (2, 1, 0)
    assert act(world, lambda connection: ledger.repeats(connection, notice_id)) == 0


def test_where_most_of_a_batch_is_refused_it_is_us():
    assert not ours(1, 0)
    assert not ours(20, 980)
    assert ours(600, 400)


def in_use(world):
    with reading(world.engine) as connection:
        return len(subscriptions.load(connection, range(1, 1001)))


def days_ago(world, days):
    at = world.notice().sent_at - timedelta(days=days)
    act(world, lambda connection: connection.execute(refusal.update().values(first_at=at)))


async def test_the_third_refusal_over_a_day_retires_and_says_why(world):
    push = Scripted(lambda id_, _try: Outcome(Result.REFUSED, "400") if id_ == 3 else Outcome(Result.SENT, "201"))
    world.enrol(10)
    for number in (1, 2, 3):
        notice_id = planned(world, 0, incident_id=number)
        async with working(world, push):
            await until(lambda: tally(world, notice_id).open == 0)  # noqa: B023  # awaited in this round
        days_ago(world, 2)
    assert in_use(world) == 9
    [why] = act(
        world,
        lambda connection: connection.scalars(
            select(subscription.c.retired_why).where(subscription.c.retired_at.is_not(None))
        ).all(),
    )
    assert why == "refused 400"


async def test_a_message_that_everybody_refuses_counts_against_nobody(world):
    push = Scripted(lambda _id, _try: Outcome(Result.REFUSED, "413"))
    notice_id = planned(world, 100)
    async with working(world, push):
        await until(lambda: tally(world, notice_id).open == 0)
    counted = act(world, lambda connection: len(connection.execute(select(refusal)).all()))
    assert counted <= 2 * refusals.FEW  # the first few, before it could be seen
    assert in_use(world) == 100
