from __future__ import annotations

from random import Random

import pytest
import shapely
from batches import list_ids

from geo.shapes import Circle, Shape
from notifiers import choosing, fanout, ledger, notices, subscriptions, tables
from notifiers.clock import database_now
from notifiers.ledger import Settled, Turn, Want
from notifiers.model import Kind, Outcome, Result
from notifiers.transactions import reading, writing
from notifiers.vault import KeyGone

WIDER = Shape(shapely.MultiPolygon([shapely.box(-106.5, 39.5, -103.5, 40.5)]))
OUTSIDE = {"lon": -104.0, "lat": 40.0}


def run(world, notice_id, map_=None):
    return fanout.run(world.engine, world.vault, map_ or world.map, notice_id)


def planned_for(world, notice_id) -> list[int]:
    with reading(world.engine) as connection:
        found = list_ids(connection, tables.batch.c.notice_id == notice_id)
    return sorted(id_ for ids in found for id_ in ids)


def status(world, notice_id):
    with reading(world.engine) as connection:
        return notices.get_status(connection, notice_id)


def send(world, notice_id, *results: Result) -> None:
    """The first batch's first positions end like this; nothing else starts."""
    with writing(world.engine) as connection:
        claim = ledger.claim(connection, Want("w", ("push",), len(results), 60))
        assert claim.notice_id == notice_id
        now = database_now(connection)
        ends = [Settled(position, Outcome(result, "x"), now) for position, result in enumerate(results)]
        ledger.checkpoint(connection, claim, Turn(ends), collapses=False, rng=Random(1))


def test_everyone_inside_is_planned_and_nobody_outside(world):
    inside = world.enrol(30)
    world.enrol(5, **OUTSIDE)
    notice_id = world.add()
    done = run(world, notice_id)
    assert (done.matched, done.planned) == (30, 30)
    assert planned_for(world, notice_id) == [one.recipient_id for one in inside]
    assert (status(world, notice_id).state, status(world, notice_id).matched) == ("planned", 30)


def test_running_again_plans_nobody_twice(world):
    world.enrol(10)
    notice_id = world.add()
    run(world, notice_id)
    assert run(world, notice_id).planned == 0
    with writing(world.engine) as connection:  # as if it had been killed before its last step
        connection.execute(tables.notice.update().values(state="queued"))
    assert run(world, notice_id).planned == 0
    assert len(planned_for(world, notice_id)) == 10


def test_one_killed_between_two_chunks_is_completed_by_the_next(world, monkeypatch):
    monkeypatch.setattr(fanout, "FIRST_CHUNKS", (3,))
    monkeypatch.setattr(choosing, "CHUNK", 3)
    world.enrol(10)
    notice_id, plan_once, calls = world.add(), ledger.plan_once, []

    def dies(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return plan_once(*arguments)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(ledger, "plan_once", dies)
        run(world, notice_id)
    assert len(planned_for(world, notice_id)) == 6
    assert run(world, notice_id).planned == 4
    assert planned_for(world, notice_id) == list(range(1, 11))


def test_the_nearest_are_planned_before_the_last_have_been_read(world, monkeypatch):
    monkeypatch.setattr(choosing, "FIRST_READ", (4,))
    far = world.enrol(6, lon=-105.3, lat=40.2)
    near = world.enrol(4)
    notice_id, choose, reads = world.add(last_seen=(-105.0, 40.0)), choosing.choose, []

    def dies(engine, ids, status):
        reads.append(len(ids))
        if len(reads) == 2:
            raise KeyboardInterrupt
        return choose(engine, ids, status)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(choosing, "choose", dies)
        run(world, notice_id)
    assert (reads, planned_for(world, notice_id)) == ([4, 6], [one.recipient_id for one in near])
    done = run(world, notice_id)
    assert (done.matched, done.planned) == (10, len(far))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"area": None}, "no area"),
        ({"area": Shape()}, "no area"),
        ({"area_digest": "0" * 64}, "not the one that was approved"),
        ({"area_digest": ""}, "not the one that was approved"),
        ({"reach": 8}, "10 recipients are inside the area now; the approval was given for 8."),
        ({"reach": 0}, "10 recipients"),
    ],
)
def test_what_does_not_fit_its_approval_is_held_and_nothing_leaves(world, changes, why):
    world.enrol(10)
    notice_id = world.add(**changes)
    assert why in run(world, notice_id).held_why
    assert status(world, notice_id).state == "held"
    assert planned_for(world, notice_id) == []


def test_a_fifth_more_than_approved_is_still_what_was_approved(world):
    world.enrol(12)
    assert run(world, world.add(reach=10)).held_why is None


def test_a_test_reaches_only_those_enrolled_for_tests(world):
    world.enrol(10)
    tester = world.enrol(1, test=True)[0].recipient_id
    notice_id = world.add(status="Exercise", reach=1)
    assert run(world, notice_id).matched == 1
    assert planned_for(world, notice_id) == [tester]


def test_the_nearest_to_where_the_child_was_last_seen_leave_first(world):
    far = world.enrol(1, lon=-104.6, lat=40.4)[0].recipient_id
    near = world.enrol(1, lon=-105.001, lat=40.0)[0].recipient_id
    middle = world.enrol(1, lon=-105.1, lat=40.0)[0].recipient_id
    run(world, world.add())
    with reading(world.engine) as connection:
        assert list_ids(connection) == [[near, middle, far]]


def test_a_larger_area_tells_only_newcomers(world):
    world.enrol(5)
    run(world, world.add())
    new = [one.recipient_id for one in world.enrol(3, **OUTSIDE)]
    second = world.add(number=2, kind=Kind.UPDATE, area=WIDER)
    assert run(world, second).planned == 3
    assert planned_for(world, second) == new


def test_a_new_version_reaches_those_inside_and_those_told_before(world):
    world.enrol(3)
    first = world.add()
    run(world, first)
    send(world, first, Result.SENT, Result.IN_DOUBT, Result.REFUSED)
    elsewhere = Shape(circles=(Circle(-104.0, 40.0, 3000.0),))
    new = world.enrol(1, **OUTSIDE)[0].recipient_id
    second = world.add(number=2, version=2, kind=Kind.UPDATE, area=elsewhere)
    assert run(world, second).matched == 1
    assert planned_for(world, second) == [1, 2, new]
    assert status(world, first).over == "superseded"


def test_a_cancel_goes_to_those_who_may_have_been_told_wherever_they_are_now(world):
    world.enrol(5)
    first = world.add()
    run(world, first)
    send(world, first, Result.SENT, Result.IN_DOUBT, Result.GONE)
    world.map.points.clear()
    cancel_id = world.cancel()
    assert run(world, cancel_id).planned == 2
    assert planned_for(world, cancel_id) == [1, 2]


def test_a_cancel_before_anyone_was_told_tells_nobody(world):
    world.enrol(5)
    first = world.add()
    cancel_id = world.cancel()
    assert run(world, first).stopped
    assert run(world, cancel_id).planned == 0
    assert status(world, cancel_id).state == "planned"


def test_an_end_in_the_middle_of_planning_stops_it(world, monkeypatch):
    monkeypatch.setattr(fanout, "FIRST_CHUNKS", (3,))
    monkeypatch.setattr(choosing, "CHUNK", 3)
    world.enrol(10)
    notice_id, plan_once, calls = world.add(), ledger.plan_once, []

    def ended_after_one(connection, *arguments):
        if calls:
            notices.set_over(connection, 1, "cancelled")
        calls.append(1)
        return plan_once(connection, *arguments)

    monkeypatch.setattr(ledger, "plan_once", ended_after_one)
    assert run(world, notice_id).stopped
    assert len(planned_for(world, notice_id)) == 3


def test_who_arrives_later_is_told_once_through_the_same_door(world):
    world.enrol(3)
    notice_id = world.add()
    run(world, notice_id)
    late = world.enrol(1)[0].recipient_id
    assert fanout.plan_for(world.engine, notice_id, [1, late]) == 1
    assert fanout.plan_for(world.engine, notice_id, [late]) == 0


def test_an_arrival_before_the_first_match_is_not_told_past_the_guard_and_not_forgotten(world):
    world.enrol(3)
    notice_id = world.add()

    class Moving:
        """Somebody arrives just after the map was read for the first time."""

        seq = 0
        reads = 0

        def within(self, area):
            found = world.map.within(area)
            self.reads += bool(len(area.polygons.geoms))
            if self.reads == 1 and len(world.map.points) == 3:
                late = world.enrol(1)[0].recipient_id
                assert fanout.plan_for(world.engine, notice_id, [late]) == 0
            return found

    assert run(world, notice_id, Moving()).planned == 4
    assert planned_for(world, notice_id) == [1, 2, 3, 4]


def test_nobody_is_planned_for_a_held_notice_by_arriving(world):
    world.enrol(3)
    notice_id = world.add(reach=1)
    run(world, notice_id)
    assert fanout.plan_for(world.engine, notice_id, [1]) == 0


def test_who_left_is_not_planned_for_the_cancel(world):
    world.enrol(2)
    first = world.add()
    run(world, first)
    send(world, first, Result.SENT, Result.SENT)
    with writing(world.engine) as connection:
        subscriptions.leave(connection, recipient_id=1, now=database_now(connection))
    cancel_id = world.cancel()
    run(world, cancel_id)
    assert planned_for(world, cancel_id) == [2]


def test_a_notice_whose_key_is_gone_plans_nobody(world):
    world.enrol(2)
    world.vault.create("k")
    notice_id = world.add(key_name="k")
    world.vault.destroy("k")
    with pytest.raises(KeyGone):
        run(world, notice_id)
    assert planned_for(world, notice_id) == []


def test_the_guard_is_silent_only_when_everything_fits(world):
    area = world.notice().area
    fits = {"digest": "d", "approved_digest": "d", "matched": 12, "reach": 10}
    assert choosing.guard(area, **fits) is None
    assert all(choosing.guard(area, **(fits | wrong)) for wrong in ({"digest": "e"}, {"matched": 13}, {"reach": 9}))
    assert choosing.guard(None, **fits)
