"""One worker in this process on a real ledger, with a channel that does as it is told."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta

import pytest
from scripted import FAST, Scripted, act, planned, tally, until, working
from sqlalchemy import func, select, text

from notifiers import clock, ledger, notices, origins, sending, subscriptions, tables
from notifiers.model import Outcome, Result
from notifiers.origins import KEEP_S
from notifiers.receipts import seals
from notifiers.tables import left, subscription
from notifiers.transactions import reading, writing


async def test_everybody_is_sent_to_once_and_settled_once(world):
    push, inbox = Scripted(), Scripted(name="inbox")
    notice_id = planned(world, 300, ("push", "inbox"))
    async with working(world, push, inbox):
        await until(lambda: tally(world, notice_id).sent + tally(world, notice_id, "inbox").sent == 600)
    assert len(push.sent) == len(inbox.sent) == 300
    assert {*push.sent.values(), *inbox.sent.values(), *push.settled.values()} == {1}
    assert push.closed


async def test_never_more_under_way_than_the_channel_allows(world):
    push = Scripted()
    push.delay_s = 0.01
    notice_id = planned(world, 200)
    async with working(world, push):
        await until(lambda: tally(world, notice_id).sent == 200)
    assert 8 < push.most_under_way <= push.concurrency


async def test_a_gone_endpoint_is_retired_and_not_sent_to_again(world):
    push = Scripted(lambda id_, _try: Outcome(Result.GONE, "410") if id_ == 3 else Outcome(Result.SENT))
    notice_id = planned(world)
    async with working(world, push):
        await until(lambda: tally(world, notice_id).open == 0)
    assert (tally(world, notice_id).sent, tally(world, notice_id).gone) == (9, 1)
    with reading(world.engine) as connection:
        assert len(subscriptions.load(connection, range(1, 11))) == 9


async def test_who_unsubscribed_at_the_receiver_has_left_here_too_for_good(world):
    sms = Scripted(
        lambda id_, _try: Outcome(Result.GONE, "21610", left=id_ == 3) if id_ in {3, 4} else Outcome(Result.SENT)
    )
    notice_id = planned(world)
    async with working(world, sms):
        await until(lambda: tally(world, notice_id).open == 0)
    assert tally(world, notice_id).gone == 2
    with reading(world.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(left)) == 1
        assert connection.scalar(select(subscription.c.id).where(subscription.c.id == 3)) is None
        assert connection.scalar(select(subscription.c.retired_why).where(subscription.c.id == 4)) == "21610"


async def test_what_asks_for_patience_is_tried_again(world):
    push = Scripted(lambda _id, tries: Outcome(Result.SENT) if tries > 1 else Outcome(Result.LATER, "429", 0.0))
    notice_id = planned(world, 5)
    async with working(world, push):
        await until(lambda: tally(world, notice_id).sent == 5)
    assert set(push.sent.values()) == {2}


@pytest.mark.parametrize(("collapses", "sent", "in_doubt"), [(True, 1, 0), (False, 0, 1)])
async def test_a_send_without_an_answer_is_repeated_only_where_repeats_collapse(world, collapses, sent, in_doubt):
    answer = lambda _id, tries: Outcome(Result.SENT) if tries > 1 else Outcome(Result.IN_DOUBT, "timeout", 0.0)  # noqa: E731
    notice_id = planned(world, 1)
    async with working(world, Scripted(answer, collapses=collapses)):
        await until(lambda: tally(world, notice_id).open == 0)
    assert (tally(world, notice_id).sent, tally(world, notice_id).in_doubt) == (sent, in_doubt)


async def test_who_left_after_planning_is_not_sent_to(world):
    push = Scripted()
    notice_id = planned(world, 3)
    with writing(world.engine) as connection:
        subscriptions.leave(connection, subscription_id=2, now=world.notice().sent_at)
    async with working(world, push):
        await until(lambda: tally(world, notice_id).open == 0)
    assert (set(push.sent), tally(world, notice_id).dropped) == ({1, 3}, 1)


async def test_a_cancel_stops_what_has_not_started(world):
    push = Scripted()
    push.delay_s = 0.05
    notice_id = planned(world, 1000)
    async with working(world, push):
        await until(lambda: tally(world, notice_id).sent > 50)
        world.cancel()
        await until(lambda: tally(world, notice_id).open == 0)
    done = tally(world, notice_id)
    assert done.sent == len(push.sent) < 600
    assert done.sent + done.dropped == 1000


async def test_a_paused_notice_waits_and_goes_on(world):
    push = Scripted()
    notice_id = planned(world, 50)
    act(world, notices.pause, notice_id)
    async with working(world, push):
        await asyncio.sleep(0.3)
        assert not push.sent
        act(world, notices.resume, notice_id)
        await until(lambda: tally(world, notice_id).sent == 50)


async def test_a_notice_whose_key_is_gone_is_held_and_nothing_of_it_leaves(world):
    push = Scripted()
    world.vault.create("k")
    notice_id = planned(world, 5, key_name="k")
    world.vault.destroy("k")
    async with working(world, push):
        await until(lambda: act(world, notices.get_status, notice_id).state == "held")
        await until(lambda: tally(world, notice_id).in_flight == 0)
    assert not push.sent
    assert tally(world, notice_id).waiting == 5


async def test_a_worker_that_cannot_reach_the_ledger_falls_silent_and_forgets_nothing(world):
    push = Scripted()
    push.delay_s = 0.02
    notice_id = planned(world, 1000)
    async with working(world, push):
        await until(lambda: tally(world, notice_id).sent > 50)
        with writing(world.engine) as somebody:  # the writer lock is somebody else's
            if world.engine.dialect.name == "postgresql":
                somebody.exec_driver_sql("LOCK TABLE batch, notice IN ACCESS EXCLUSIVE MODE")
            await asyncio.sleep(1.2)
            silent = len(push.sent)
            await asyncio.sleep(0.5)
            assert len(push.sent) == silent
        await until(lambda: tally(world, notice_id).sent == 1000)
    assert set(push.sent.values()) == {1}


async def test_who_lost_the_batch_starts_nothing_more_of_it(world):
    push = Scripted()
    push.delay_s = 0.2
    notice_id = planned(world, 200)
    async with working(world, push):
        await until(lambda: len(push.sent) >= 32)
        act(world, lambda connection: connection.execute(tables.batch.update().values(fence=99)))
        await asyncio.sleep(0.6)
        started = len(push.sent)
        await asyncio.sleep(0.6)
        assert len(push.sent) == started
    assert tally(world, notice_id).sent <= 32


async def test_a_send_that_does_not_end_is_cut_off_at_the_end_of_the_drain_and_in_doubt(world):
    push = Scripted(collapses=False)
    push.delay_s = 60
    notice_id = planned(world, 3)
    async with working(world, push):
        await until(lambda: len(push.sent) == 3)
    assert tally(world, notice_id).in_doubt == 3


async def test_one_origin_that_refuses_us_stops_and_nobody_is_deleted(world):
    push = Scripted(lambda _id, _try: Outcome(Result.OURS, "403"))
    notice_id = planned(world, 500)
    async with working(world, push):
        await until(lambda: tally(world, notice_id).in_flight == 0 and push.sent)
        await asyncio.sleep(0.3)
    assert len(push.sent) <= push.concurrency
    assert tally(world, notice_id).waiting == 500
    with reading(world.engine) as connection:
        assert len(subscriptions.load(connection, range(1, 501))) == 500


async def test_a_slow_channel_does_not_hold_up_another(world):
    slow, quick = Scripted(), Scripted(name="inbox")
    slow.delay_s = 3
    notice_id = planned(world, 200, ("push", "inbox"))
    async with working(world, slow, quick):
        await until(lambda: tally(world, notice_id, "inbox").sent == 200, 2.5)


async def test_a_channel_that_raises_is_in_doubt_and_the_worker_goes_on(world):
    def answer(id_, _try):
        if id_ == 2:
            raise RuntimeError
        return Outcome(Result.SENT)

    notice_id = planned(world, 5)
    async with working(world, Scripted(answer, collapses=False)):
        await until(lambda: tally(world, notice_id).open == 0)
    assert (tally(world, notice_id).sent, tally(world, notice_id).in_doubt) == (4, 1)


async def test_what_is_in_flight_never_passes_the_window(world):
    push = Scripted()
    push.delay_s = 0.01
    notice_id = planned(world, 800)
    most = 0
    async with working(world, push):
        while tally(world, notice_id).sent < 800:
            with reading(world.engine) as connection:
                most = max(most, connection.scalar(text("SELECT sum(n_in_flight) FROM batch")))
            await asyncio.sleep(0.005)
    assert 0 < most <= FAST.window


async def test_nothing_starts_unless_it_was_certain_a_moment_ago(world, monkeypatch):
    push = Scripted()
    notice_id = planned(world, 20)
    monkeypatch.setattr(sending, "awake_s", lambda: clock.awake_s() + FAST.fresh_s)  # as after a sleep of the machine
    async with working(world, push):
        await asyncio.sleep(0.5)
        assert not push.sent
        monkeypatch.undo()
        await until(lambda: tally(world, notice_id).sent == 20)


async def test_nothing_starts_after_the_alert_s_time(world):
    push = Scripted()
    push.delay_s = 0.3
    notice_id = planned(world, 200, expires_at=world.notice().sent_at + timedelta(seconds=1.2))
    async with working(world, push):
        await until(lambda: tally(world, notice_id).open == 0)
    done = tally(world, notice_id)
    assert done.sent == len(push.sent) < 200
    assert done.sent + done.dropped == 200


async def test_only_a_channel_that_awaits_receipts_is_given_seals_and_they_name_the_send(world):
    plain, reported = Scripted(), Scripted(name="webhook", collapses=False)
    reported.receipts = True
    notice_id = planned(world, 3, ("push", "webhook"))
    async with working(world, plain, reported):
        await until(lambda: all(tally(world, notice_id, name).open == 0 for name in ("push", "webhook")))
    places = {seals(world.vault).open(seal) for seal in reported.seals.values()}
    assert (set(plain.seals.values()), {place.position for place in places}) == ({""}, {0, 1, 2})
    outcome = Outcome(Result.GONE, "30003")
    for place in places:
        act(world, ledger.receipt, place.batch_id, place.position, outcome, world.notice().sent_at)
    assert (tally(world, notice_id, "webhook").gone, tally(world, notice_id).gone) == (3, 0)


async def test_an_origin_that_was_down_is_tried_by_one_send_and_then_by_all(world):
    down = True
    push = Scripted(lambda _id, _try: Outcome(Result.LATER, "503", 0.0) if down else Outcome(Result.SENT, "201"))
    notice_id = planned(world, 300)
    async with working(world, push):
        await until(lambda: rests(world) == 1)
        tried = push.sent.total()
        await until(lambda: rests(world) == 2)  # the single trial failed too
        assert push.sent.total() - tried <= 1
        down = False
        await until(lambda: tally(world, notice_id).sent == 300)
    assert rests(world) == 0


def rests(world):
    return act(world, lambda connection: connection.scalar(text("SELECT max(rests) FROM origin")))


async def test_a_worker_whose_clock_is_an_hour_off_does_not_rest_an_hour(world, monkeypatch):
    push, unprepared = Scripted(), 1

    async def prepare(notice, subscriptions_):
        nonlocal unprepared
        unprepared -= 1
        if unprepared >= 0:
            raise RuntimeError
        return ""

    push.prepare = prepare
    notice_id = planned(world, 5)
    monkeypatch.setattr(sending, "datetime", Ahead)
    async with working(world, push):
        await until(lambda: tally(world, notice_id).sent == 5, 3 * FAST.lease_s)


class Ahead(datetime):
    """A machine's clock that is an hour ahead."""

    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + timedelta(hours=1)


async def test_two_workers_together_keep_to_the_rate_of_an_origin(world):
    act(world, origins.set_rate, world.receiver, "push", 40, 10)
    first, second = Scripted(), Scripted()
    notice_id = planned(world, 400)
    async with working(world, first), working(world, second):
        await until(lambda: tally(world, notice_id).sent > 10)
        began_s = time.monotonic()
        before = first.sent.total() + second.sent.total()
        await asyncio.sleep(2)
        sent = first.sent.total() + second.sent.total() - before
        passed_s = time.monotonic() - began_s
    assert 20 < sent <= 40 * (passed_s + KEEP_S) + 10
