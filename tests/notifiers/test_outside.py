"""An area that shrinks or moves: whom it no longer holds is told so, in words of their own, once."""

from __future__ import annotations

import pytest
import shapely
from scripted import Scripted, planned, tally, until, working
from sqlalchemy import select

from geo.shapes import Shape
from notifiers import fanout, tables
from notifiers.channels.inbox import Inbox
from notifiers.freezing import freeze, thaw
from notifiers.model import Kind, Text
from notifiers.transactions import reading

WEST = Shape(shapely.MultiPolygon([shapely.box(-105.5, 39.5, -104.95, 40.5)]))
WORDS = {"en": Text("No longer your place", "Look elsewhere."), "es": Text("Ya no es su lugar", "Mire en otra parte.")}
FAR = {"lon": -104.6, "lat": 40.0}


class Reading(Scripted):
    """What each subscription was told."""

    def __init__(self, **changes) -> None:
        super().__init__(**changes)
        self.read: dict[int, list[str]] = {}

    async def send(self, prepared, subscription):
        self.read.setdefault(subscription.id, []).append(prepared)
        return await super().send(prepared, subscription)


@pytest.fixture
async def told(world):
    """Three in the west, two in the east, all told."""
    world.enrol(2, ("push", "inbox"), **FAR)
    first = planned(world, 3, ("push", "inbox"))
    async with working(world, Scripted(), Inbox()):
        await until(lambda: tally(world, first).sent == tally(world, first, "inbox").sent == 5)
    return first


def shrunken(world, **changes):
    values = {"number": 2, "version": 2, "kind": Kind.UPDATE, "area": WEST, "outside_texts": WORDS}
    return world.add(**(values | changes))


def ids_at(world, *, east: bool) -> set[int]:
    with reading(world.engine) as connection:
        rows = connection.execute(select(tables.subscription).where(tables.subscription.c.channel == "push")).all()
    return {row.id for row in rows if (world.map.points[row.recipient_id][0] > -104.95) is east}


async def test_they_read_that_their_place_is_no_longer_inside_and_all_others_the_update(world, told):
    push, notice_id = Reading(), shrunken(world)
    fanout.run(world.engine, world.vault, world.map, notice_id)
    async with working(world, push, Inbox()):
        await until(lambda: tally(world, notice_id).sent == 5)
    outside = {id_ for id_, said in push.read.items() if said == ["No longer your place"]}
    inside = {id_ for id_, said in push.read.items() if said == ["A child is missing"]}
    assert (outside, inside) == (ids_at(world, east=True), ids_at(world, east=False))


async def test_their_inbox_remembers_it(world, told):
    notice_id = shrunken(world)
    fanout.run(world.engine, world.vault, world.map, notice_id)
    async with working(world, Scripted(), Inbox()):
        await until(lambda: tally(world, notice_id, "inbox").sent == 5)
    with reading(world.engine) as connection:
        items = connection.execute(select(tables.inbox).where(tables.inbox.c.notice_id == notice_id)).all()
    east = {row.recipient_id for row in items if row.outside}
    assert {world.map.points[one][0] > -104.95 for one in east} == {True}
    assert (len(east), len(items)) == (2, 5)


async def test_run_again_and_repeated_after_a_death_they_are_told_the_same(world, told):
    notice_id = shrunken(world)
    for _ in range(2):
        fanout.run(world.engine, world.vault, world.map, notice_id)
    dead = Reading()
    dead.delay_s = 60.0
    async with working(world, dead, Inbox()):
        await until(lambda: dead.under_way > 0)
    push = Reading()
    async with working(world, push, Inbox()):
        await until(lambda: tally(world, notice_id).sent == 5)
    assert [push.read[one] for one in sorted(ids_at(world, east=True))] == [["No longer your place"]] * 2


async def test_who_came_inside_again_just_now_is_told_like_everybody(world, told, monkeypatch):
    notice_id, push, plan = shrunken(world), Reading(), fanout._plan

    def move_first(*arguments, **named):
        for one in world.map.points:
            world.map.points[one] = (-105.0, 40.0)
        return plan(*arguments, **named)

    monkeypatch.setattr(fanout, "_plan", move_first)
    fanout.run(world.engine, world.vault, world.map, notice_id)
    async with working(world, push, Inbox()):
        await until(lambda: tally(world, notice_id).sent == 5)
    assert {*map(tuple, push.read.values())} == {("A child is missing",)}


async def test_that_it_is_over_is_the_same_word_for_all(world, told):
    fanout.run(world.engine, world.vault, world.map, shrunken(world))
    cancel_id, push = world.cancel(version=3), Reading()
    fanout.run(world.engine, world.vault, world.map, cancel_id)
    async with working(world, push, Inbox()):
        await until(lambda: tally(world, cancel_id).sent == 5)
    with reading(world.engine) as connection:
        rows = connection.scalars(select(tables.batch.c.outside).where(tables.batch.c.notice_id == cancel_id))
        assert not any(rows)


def test_the_words_are_frozen_with_the_notice_and_older_notices_have_none(world):
    said = world.notice(outside_texts=WORDS)
    assert thaw(freeze(said)) == said
    assert said.for_outside().texts == WORDS
    plain = world.notice()
    assert plain.for_outside() is plain
