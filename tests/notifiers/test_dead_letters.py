"""What ended without an outcome that helps, shown and sent again."""

from __future__ import annotations

from dataclasses import astuple

import pytest
from scripted import Scripted, act, planned, tally, until, working
from sqlalchemy import select

from notifiers import ledger, notices
from notifiers.model import Outcome, Result
from notifiers.tables import exception

ENDS = {
    1: Outcome(Result.REFUSED, "400"),
    2: Outcome(Result.REFUSED, "413"),
    3: Outcome(Result.GONE, "410"),
    4: Outcome(Result.IN_DOUBT, "timeout"),
    5: Outcome(Result.REFUSED, "400"),
}


async def settle(world, notice_id, push):
    async with working(world, push):
        await until(lambda: tally(world, notice_id).open == 0)


@pytest.fixture
async def ended(world):
    """A notice to ten people whose sends ended as ENDS says."""
    notice_id = planned(world, 10)
    await settle(world, notice_id, Scripted(lambda id_, _try: ENDS.get(id_, Outcome(Result.SENT)), collapses=False))
    return notice_id


def requeue(world, notice_id, reason, **lane):
    return act(world, lambda connection: ledger.requeue(connection, notice_id, reason, **lane))


def letters(world, notice_id, **chosen):
    found = act(world, lambda connection: ledger.dead_letters(connection, notice_id, **chosen))
    return [(one.reason, one.count, one.again) for one in found]


def test_they_are_shown_by_reason_the_most_frequent_first(world, ended):
    found = letters(world, ended)
    assert found[0] == ("400", 2, True)
    assert sorted(found[1:]) == [("410", 1, False), ("413", 1, True), ("timeout", 1, False)]


@pytest.mark.parametrize(
    ("chosen", "reasons"),
    [
        ({"reason": "4"}, ["400", "410", "413"]),
        ({"reason": "TIME"}, ["timeout"]),
        ({"reason": "%"}, []),
        ({"channel": "inbox"}, []),
        ({"origin": "127.0.0.1"}, ["400", "410", "413", "timeout"]),
        ({"origin": "elsewhere"}, []),
    ],
)
def test_they_are_found_by_reason_channel_and_origin(world, ended, chosen, reasons):
    assert sorted(reason for reason, _, _ in letters(world, ended, **chosen)) == reasons


async def test_what_was_refused_waits_again_and_is_sent(world, ended):
    assert requeue(world, ended, "400") == 2
    waiting = tally(world, ended)
    assert (waiting.waiting, waiting.refused, sum(astuple(waiting)[1:])) == (2, 1, waiting.planned)
    push = Scripted()
    await settle(world, ended, push)
    assert dict(push.sent) == {1: 1, 5: 1}
    assert tally(world, ended).sent == 7


def test_asked_twice_it_is_done_once(world, ended):
    assert [requeue(world, ended, "413"), requeue(world, ended, "413")] == [1, 0]


@pytest.mark.parametrize("reason", ["410", "timeout"])
def test_what_is_gone_or_in_doubt_is_not_sent_again(world, ended, reason):
    assert requeue(world, ended, reason) == 0


@pytest.mark.parametrize("lane", [{"channel": "inbox"}, {"origin": "http://elsewhere:80"}])
def test_only_those_of_the_channel_and_origin_asked_for(world, ended, lane):
    assert requeue(world, ended, "400", **lane) == 0


def test_nothing_is_sent_again_once_the_alert_is_over(world, ended):
    act(world, notices.set_over, 1, "cancelled")
    assert requeue(world, ended, "400") is None
    assert tally(world, ended).refused == 3


def test_who_is_requeued_counts_as_waiting_with_no_try_behind(world, ended):
    requeue(world, ended, "400")
    rows = act(world, lambda connection: connection.execute(select(exception).where(exception.c.reason == "400")).all())
    assert {(row.attempts, row.next_at is None) for row in rows} == {(0, False)}


def test_what_waited_again_when_the_alert_ended_is_a_dead_letter_no_more(world, ended):
    requeue(world, ended, "400")
    act(world, notices.set_over, 1, "cancelled")
    done = tally(world, ended)
    assert (done.dropped, done.refused) == (2, 1)
    assert {reason: count for reason, count, _ in letters(world, ended)} == {"413": 1, "410": 1, "timeout": 1}
