"""An enlarged area: of people only the newly covered are told, of signs, posts and webhooks every one, once."""

from __future__ import annotations

import asyncio
from random import Random

import pytest
import shapely
from scripted import FAST, Scripted, act, planned, tally, until, working

from geo.shapes import Shape
from notifiers import fanout, ledger
from notifiers.clock import database_now
from notifiers.ledger import Want
from notifiers.model import Kind, Outcome, Result
from notifiers.standing import Standing
from notifiers.transactions import reading

WIDER = Shape(shapely.MultiPolygon([shapely.box(-106.5, 39.5, -103.5, 40.5)]))
BOTH = ("push", "webhook")


def enlarged(world, number=2, version=1, **changes):
    """The same version with a wider area, planned."""
    wider = {"area": WIDER, "area_digest": WIDER.digest(), "kind": Kind.UPDATE}
    notice_id = world.add(version=version, number=number, **(wider | changes))
    fanout.run(world.engine, world.vault, world.map, notice_id)
    return notice_id


def counts(world, notice_id):
    with reading(world.engine) as connection:
        return {channel: one.planned for channel, one in ledger.tally(connection, notice_id).items()}


async def sent(world, notice_id, *channels):
    async with working(world, *(channels or (Scripted(), Scripted(name="webhook")))):
        await until(lambda: all(not tally(world, notice_id, one).open for one in counts(world, notice_id)))


async def test_people_are_told_where_it_is_new_and_outlets_everywhere(world):
    await sent(world, planned(world, 3, BOTH))
    world.enrol(2, BOTH, lon=-104.0)
    assert counts(world, enlarged(world)) == {"push": 2, "webhook": 5}


async def test_once_is_still_a_constraint(world):
    planned(world, 3, BOTH)
    wider = enlarged(world)
    act(world, lambda connection: connection.exec_driver_sql("UPDATE notice SET state = 'queued'"))
    for notice_id in (1, wider):  # as if both runs had died before their last step
        fanout.run(world.engine, world.vault, world.map, notice_id)
    assert (counts(world, 1), counts(world, wider)) == ({"push": 3, "webhook": 3}, {"webhook": 3})


async def test_who_arrives_later_is_told_of_the_wider_area_alone(world):
    first = planned(world, 1, BOTH)
    wider = enlarged(world)
    [late] = world.enrol(1, BOTH)
    for notice_id in (first, wider):
        fanout.plan_for(world.engine, notice_id, [late.recipient_id])
    assert (counts(world, first), counts(world, wider)) == ({"push": 2, "webhook": 1}, {"webhook": 2})


async def test_what_still_waited_for_outlets_of_the_narrower_area_is_superseded(world):
    first = planned(world, 4, BOTH)
    wider = enlarged(world)
    with reading(world.engine) as connection:
        assert ledger.drops(connection, first)["webhook"]["superseded"] == 4
    hooks = Scripted(name="webhook")
    await sent(world, wider, hooks)
    assert set(hooks.sent.values()) == {1}
    assert (tally(world, first, "push").waiting, tally(world, first, "webhook").dropped) == (4, 4)


async def test_the_wider_area_waits_for_a_narrower_one_under_way_and_nothing_of_it_starts_after(world):
    first = planned(world, 4, ("webhook",))
    held = act(world, ledger.claim, Want("w", ("webhook",), 2, 60))
    wider = enlarged(world)
    assert act(world, ledger.claim, Want("v", ("webhook",), 2, 60)) is None
    assert act(world, ledger.confirm, [held]) == {held.batch_id: Standing.OVER}
    moment = act(world, database_now)
    settled = [ledger.Settled(place, Outcome(Result.LATER, "503"), moment) for place in held.starts]
    turn = ledger.Turn(settled, room=4)
    told = act(world, lambda c: ledger.checkpoint(c, held, turn, collapses=True, rng=Random(1)))
    assert (told.starts, told.open) == ((), False)
    assert act(world, ledger.claim, Want("v", ("webhook",), 2, 60)).notice_id == wider
    assert tally(world, first, "webhook").open == 0


async def test_an_enlargement_of_a_repeat_goes_to_outlets_that_the_repeat_spared(world):
    await sent(world, planned(world, 3, BOTH))
    repeat = world.add(version=2, number=2, kind=Kind.UPDATE, repeats_on=("push",))
    fanout.run(world.engine, world.vault, world.map, repeat)
    assert counts(world, repeat) == {"push": 3}
    assert counts(world, enlarged(world, 3, 2)) == {"webhook": 3}


async def test_a_held_enlargement_leaves_the_narrower_one_to_outlets(world):
    first = planned(world, 3, BOTH)
    assert fanout.run(world.engine, world.vault, world.map, enlarged(world, reach=1)).planned == 0
    assert (tally(world, first, "webhook").waiting, counts(world, first)["push"]) == (3, 3)


@pytest.mark.parametrize("wider", [False, True])
async def test_dead_letters_are_sent_again_only_while_they_are_what_is_said(world, wider):
    first = planned(world, 2, ("webhook",))
    refusing = Scripted(lambda _id, _try: Outcome(Result.REFUSED, "400"), name="webhook")
    await sent(world, first, refusing)
    if wider:
        enlarged(world)
    again = act(world, lambda connection: ledger.requeue(connection, first, "400"))
    assert again == (0 if wider else 2)


async def test_arrivals_beside_an_enlargement_tell_each_outlet_one_narrow_and_one_wide_message_at_most(world):
    first = planned(world, 5, ("webhook",))
    wider = world.add(version=1, number=2, area=WIDER, area_digest=WIDER.digest(), kind=Kind.UPDATE)
    late = world.enrol(20, ("webhook",))
    ids = [one.recipient_id for one in late]
    arrive = [asyncio.to_thread(fanout.plan_for, world.engine, first, ids[n : n + 4]) for n in range(0, 20, 4)]
    await asyncio.gather(asyncio.to_thread(fanout.run, world.engine, world.vault, world.map, wider), *arrive)
    hooks = Scripted(name="webhook")
    async with working(world, hooks, params=FAST):
        await until(lambda: not tally(world, wider, "webhook").open)
    assert counts(world, wider) == {"webhook": 25}
    assert set(hooks.sent.values()) == {1}
