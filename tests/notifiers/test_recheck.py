"""Whatever ends or pauses a notice, no send starts later than a second after that was committed; after its time, none.

Also when the worker's database is away at that moment, whether it refuses or hangs, and whatever the worker's own
clock says.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from receiver import Receiver
from scripted import FAST, Scripted, act, planned, tally, until, working
from sqlalchemy import event, update
from sqlalchemy.exc import OperationalError
from worker_process import Push

from alerts.database import make_engine
from notifiers import clock, fanout, ledger, notices, sending, tables, turn, worker
from notifiers.clock import awake_s
from notifiers.model import Kind

PEOPLE = 1500
# Seconds of silence each, and of the worker alone; tests/flows/test_postgresql.py kills a PostgreSQL under it.
on_sqlite = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


class Timed(Scripted):
    """Notes when each send started: on the machine's clock, and on the wall's."""

    def __init__(self) -> None:
        super().__init__()
        self.delay_s = 0.1
        self.started_s: list[float] = []
        self.started_at: list[datetime] = []

    async def send(self, prepared, subscription):
        self.started_s.append(awake_s())
        self.started_at.append(datetime.now(UTC))
        return await super().send(prepared, subscription)


class Away:
    """A worker's own way to the database, which can be cut: every statement then fails, or hangs first."""

    def __init__(self, url) -> None:
        self.engine = make_engine(str(url))
        self.cut = False
        self.hangs_s = 0.0
        event.listen(self.engine, "before_cursor_execute", self._before)

    def _before(self, _connection, _cursor, statement, *_) -> None:
        if self.cut:
            time.sleep(self.hangs_s)
            raise OperationalError(statement, None, ConnectionError("away"))


@pytest.fixture
def away(world) -> Iterator[Away]:
    made = Away(world.engine.url)
    yield made
    made.cut = False
    made.engine.dispose()


def cancel(world, _notice_id) -> None:
    world.cancel()


def pause(world, notice_id) -> None:
    act(world, notices.pause, notice_id)


def hold(world, notice_id) -> None:
    act(world, notices.hold, notice_id, "A person must look.")


def supersede(world, _notice_id) -> None:
    act(world, notices.set_over, 1, "superseded")


def shorten(world, notice_id) -> None:
    """Its time is over now, and no sweep has marked it."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    act(
        world,
        lambda one: one.execute(update(tables.notice).where(tables.notice.c.id == notice_id).values(expires_at=past)),
    )


ENDS = [cancel, pause, hold, supersede, shorten]


@pytest.mark.parametrize("end", ENDS)
async def test_nothing_starts_later_than_a_second_after_the_commit(world, end):
    push = Timed()
    notice_id = planned(world, PEOPLE)
    async with working(world, push):
        await until(lambda: len(push.sent) > 200)
        end(world, notice_id)
        committed_s = awake_s()
        await asyncio.sleep(1.3)
    assert max(push.started_s) < committed_s + FAST.fresh_s
    assert len(push.sent) < PEOPLE


@on_sqlite
@pytest.mark.parametrize("hangs_s", [0.0, 2.0])
@pytest.mark.parametrize("end", ENDS)
async def test_nor_while_the_database_is_away(world, away, end, hangs_s):
    push = Timed()
    notice_id = planned(world, PEOPLE)
    async with working(world, push, engine=away.engine):
        await until(lambda: len(push.sent) > 200)
        away.hangs_s, away.cut = hangs_s, True
        end(world, notice_id)
        committed_s = awake_s()
        await asyncio.sleep(1.5)
        assert max(push.started_s) < committed_s + FAST.fresh_s
        away.cut = False
        await asyncio.sleep(hangs_s)
    assert max(push.started_s) < committed_s + FAST.fresh_s
    assert set(push.sent.values()) == {1}


@pytest.fixture
def receiver(world) -> Iterator[Receiver]:
    made = Receiver()
    world.receiver, made.delay_s = made.url, 0.1
    yield made
    made.stop()


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize("recall", [cancel, pause])
async def test_a_recall_stops_within_a_second_at_the_receiver_s_count(world, away, receiver, recall, cut):
    notice_id = planned(world, PEOPLE)
    async with working(world, Push(collapses=True), engine=away.engine):
        await until(lambda: len(receiver.came_s) > 100)
        away.cut = cut
        recall(world, notice_id)
        committed_s = awake_s()
        await asyncio.sleep(1.5)
        away.cut = False
    assert max(receiver.came_s) < committed_s + FAST.fresh_s + 0.05  # the way to the receiver
    assert 100 < sum(receiver.got.values()) < PEOPLE


def clock_off_by(hours: float) -> type[datetime]:
    class Wrong(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(hours=hours)

    return Wrong


@on_sqlite
@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize("hours", [-1.0, 0.0, 1.0])
async def test_nothing_starts_after_its_time_whatever_the_worker_s_own_clock_says(world, away, monkeypatch, hours, cut):
    for module in (sending, worker, turn):
        monkeypatch.setattr(module, "datetime", clock_off_by(hours))
    world.enrol(300)
    push, ends_at = Timed(), datetime.now(UTC) + timedelta(seconds=3)
    push.concurrency = 8  # they last longer than the alert
    fanout.run(world.engine, world.vault, world.map, world.add(expires_at=ends_at))
    async with working(world, push, engine=away.engine):
        await until(lambda: datetime.now(UTC) > ends_at - timedelta(seconds=0.4), 10.0)
        away.cut = cut
        await asyncio.sleep(1.0)
        away.cut = False
    assert ends_at - timedelta(seconds=1) < max(push.started_at) < ends_at


@pytest.mark.parametrize("hours", [-1.0, 1.0])
async def test_workers_whose_clocks_are_an_hour_off_keep_their_claims_and_tell_each_once(world, monkeypatch, hours):
    """Leases are on the database's clock: one worker's is never taken for run out, or for ever, by the other's."""
    for module in (sending, worker, turn):
        monkeypatch.setattr(module, "datetime", clock_off_by(hours))
    notice_id = planned(world, PEOPLE)
    one, other = Timed(), Timed()
    async with working(world, one), working(world, other, name="other"):
        await until(lambda: tally(world, notice_id).open == 0, 20.0)
    assert one.sent + other.sent == dict.fromkeys(one.sent | other.sent, 1)
    assert (tally(world, notice_id).sent, act(world, ledger.repeats, notice_id)) == (PEOPLE, 0)


async def test_a_cancel_that_was_committed_while_the_database_was_away_reaches_the_worker_when_it_is_back(world, away):
    push = Timed()
    notice_id = planned(world, PEOPLE)
    async with working(world, push, engine=away.engine):
        await until(lambda: len(push.sent) > 200)
        away.cut = True
        cancel_id = world.cancel()
        assert act(world, notices.get_status, cancel_id).kind is Kind.CANCEL
        await asyncio.sleep(1.2)
        away.cut = False
        await until(lambda: tally(world, notice_id).open == 0)
    done = tally(world, notice_id)
    assert (done.sent + done.dropped, done.sent) == (PEOPLE, len(push.sent))


def test_the_clock_of_certainty_goes_on_while_the_machine_sleeps():
    assert clock._BOOTTIME == time.CLOCK_BOOTTIME
    assert awake_s() == pytest.approx(time.clock_gettime(time.CLOCK_BOOTTIME), abs=0.5)
