"""People in their quiet hours: planned once like all others, counted as waiting, told when these end if it still holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import select, update

from notifiers import fanout, ledger, notices, quieting
from notifiers.ledger import Want
from notifiers.model import Kind
from notifiers.quiet import DAY, QuietHours
from notifiers.tables import batch, planned, quiet_hours
from notifiers.transactions import reading, writing

WANT = Want("w", ("push", "inbox"), 100, 60, batches=20)


def hours(from_minutes: int, to_minutes: int) -> QuietHours:
    """Around now, in UTC."""
    now = datetime.now(UTC)
    minute = now.hour * 60 + now.minute
    return QuietHours((minute + from_minutes) % DAY, (minute + to_minutes) % DAY, "UTC")


def sleep(world, *enrolled, quiet=None):
    with writing(world.engine) as connection:
        for one in enrolled:
            quieting.write(connection, one.recipient_id, quiet or hours(-60, 60))


def run(world, notice_id) -> fanout.FannedOut:
    return fanout.run(world.engine, world.vault, world.map, notice_id)


def claimed(world) -> list[int]:
    """The subscriptions that may be told now."""
    with writing(world.engine) as connection:
        found = ledger.claim_some(connection, WANT)
    return sorted(int(one.ids[position]) for one in found for position in one.starts)


def totals(world, notice_id, channel="push"):
    with reading(world.engine) as connection:
        return ledger.totals(connection, notice_id)[channel]


def wake(world):
    """The quiet hours of all have ended."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    with writing(world.engine) as connection:
        connection.execute(update(batch).where(batch.c.quiet_until.is_not(None)).values(quiet_until=past, next_at=past))


def test_who_sleeps_is_planned_and_waits_and_is_told_when_they_wake(world):
    up, asleep = world.enrol(3), world.enrol(2)
    sleep(world, *asleep)
    notice_id = world.add()
    assert run(world, notice_id).planned == 5
    assert claimed(world) == sorted(one.recipient_id for one in up)
    found = totals(world, notice_id)
    assert (found.tally.planned, found.tally.waiting, found.quiet) == (5, 2, 2)
    assert sum(found.open_at.values()) == 3  # of who is expected soon, those that sleep are none
    assert timedelta(minutes=58) < found.quiet_until - datetime.now(UTC) <= timedelta(minutes=60)
    wake(world)
    assert claimed(world) == sorted(one.recipient_id for one in asleep)
    assert totals(world, notice_id).quiet == 0


def test_the_inbox_has_it_at_once(world):
    [one] = world.enrol(1, ("push", "inbox"))
    sleep(world, one)
    run(world, world.add())
    with writing(world.engine) as connection:
        assert [claim.channel for claim in ledger.claim_some(connection, WANT)] == ["inbox"]


@pytest.mark.parametrize("quiet", [hours(60, 120), hours(-120, -60)])
def test_who_is_not_in_them_now_waits_for_nothing(world, quiet):
    sleep(world, *world.enrol(2), quiet=quiet)
    run(world, world.add())
    assert len(claimed(world)) == 2


@pytest.mark.parametrize("why", ["cancelled", "superseded", "expired"])
def test_what_ends_before_they_wake_never_reaches_them(world, why):
    sleep(world, *world.enrol(2))
    notice_id = world.add()
    run(world, notice_id)
    with writing(world.engine) as connection:
        notices.set_over(connection, 1, why)
    wake(world)
    assert claimed(world) == []
    tally = totals(world, notice_id).tally
    assert (tally.planned, tally.dropped, tally.waiting) == (2, 2, 0)


def test_who_slept_through_all_of_it_is_not_told_of_its_end(world):
    up, asleep = world.enrol(1), world.enrol(1)
    sleep(world, *asleep)
    run(world, world.add())
    assert claimed(world) == [one.recipient_id for one in up]
    assert run(world, world.cancel()).planned == 1
    wake(world)
    assert claimed(world) == []  # the one who was up is still held by its first claim: a cancel overtakes nothing


def test_an_end_wakes_who_was_told(world):
    told = world.enrol(1)
    run(world, world.add())
    assert claimed(world) == [told[0].recipient_id]
    sleep(world, *told)
    cancel = world.cancel()
    run(world, cancel)
    with reading(world.engine) as connection:
        assert connection.scalars(select(batch.c.quiet_until).where(batch.c.notice_id == cancel)).all() == [None]


def test_of_two_versions_they_wake_to_the_last(world):
    sleep(world, *world.enrol(2))
    first = world.add()
    run(world, first)
    second = world.add(kind=Kind.UPDATE, version=2, number=2)
    run(world, second)
    wake(world)
    with writing(world.engine) as connection:
        assert {claim.notice_id for claim in ledger.claim_some(connection, WANT)} == {second}


def test_planned_again_they_are_planned_once(world):
    sleep(world, *world.enrol(2))
    notice_id = world.add()
    run(world, notice_id)
    assert fanout.plan_for(world.engine, notice_id, [1, 2]) == 0
    with reading(world.engine) as connection:
        assert len(connection.execute(select(planned)).all()) == 1


def test_who_is_near_is_woken_where_the_notice_says_so_and_nobody_else(world):
    near, far = world.enrol(2, lon=-105.0, lat=40.0), world.enrol(2, lon=-105.0, lat=40.4)
    sleep(world, *near, *far)
    notice_id = world.add(last_seen=(-105.0, 40.0), wakes_within_m=20_000.0)
    run(world, notice_id)
    assert claimed(world) == sorted(one.recipient_id for one in near)
    assert totals(world, notice_id).quiet == 2


def test_who_arrives_asleep_is_not_woken(world):
    late = world.enrol(1, lon=-106.0)
    sleep(world, *late)
    notice_id = world.add(last_seen=(-105.0, 40.0), wakes_within_m=20_000.0)
    run(world, notice_id)
    assert fanout.plan_for(world.engine, notice_id, [late[0].recipient_id]) == 1
    assert claimed(world) == []


def test_each_wakes_by_their_own_wall(world):
    soon, later = world.enrol(1), world.enrol(1)
    sleep(world, *soon)
    sleep(world, *later, quiet=hours(-60, 300))
    notice_id = world.add()
    run(world, notice_id)
    with reading(world.engine) as connection:
        ends = connection.scalars(select(batch.c.quiet_until).order_by(batch.c.quiet_until)).all()
    assert timedelta(minutes=239) < ends[1] - ends[0] < timedelta(minutes=241)
    assert totals(world, notice_id).quiet_until == ends[1]


def test_quiet_hours_are_written_changed_and_gone_with_their_person(world):
    [one] = world.enrol(1)
    with writing(world.engine) as connection:
        quieting.write(connection, one.recipient_id, QuietHours(1320, 420, "Europe/Amsterdam"))
        quieting.write(connection, one.recipient_id, QuietHours(60, 120, "UTC"))
        assert quieting.read(connection, one.recipient_id) == QuietHours(60, 120, "UTC")
        quieting.write(connection, one.recipient_id, None)
        assert connection.execute(select(quiet_hours)).all() == []


def test_nobody_has_any_is_told_by_one_look(world):
    world.enrol(1)
    with reading(world.engine) as connection:
        assert quieting.held_until(connection, np.array([1], np.uint32), datetime.now(UTC)) is None
