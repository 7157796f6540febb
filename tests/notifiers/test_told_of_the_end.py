"""Whoever was told of the beginning is told of the end: on every channel, whatever came of the sends, and nobody else is."""

from __future__ import annotations

from random import Random

import pytest

from alerts import canaries
from notifiers import addresses, fanout, ledger, subscriptions, tables
from notifiers.candidates import OPERATORS_ONLY, OUTLET
from notifiers.clock import database_now
from notifiers.ledger import Settled, Turn, Want
from notifiers.model import Kind, Outcome, Result
from notifiers.packing import unpack
from notifiers.policies import CHANNELS as LIMITED
from notifiers.transactions import reading, writing

CHANNELS = ("web_push", "unified_push", "fcm", "apns", "email", "sms", "webhook", "mqtt", "apprise", "inbox")
PEOPLES = [channel for channel in CHANNELS if channel not in OPERATORS_ONLY]
TOLD = {Result.SENT, Result.IN_DOUBT}
ENDS = (*TOLD, Result.GONE, Result.REFUSED, Result.LATER, Result.UNSENT, None)  # None: still in flight at the end


def address(channel: str, number: int) -> dict[str, str]:
    named = addresses.NAMED_BY.get(channel, "endpoint")
    said = f"signs/{number}" if channel == "mqtt" else f"https://receiver.example/{channel}/{number}"
    return {} if channel == "inbox" else {named: said}


def enrol(world, count: int, random: Random) -> None:
    """People inside, each reached on some of the channels; every third is a sign or a place where we post."""
    for number in range(count):
        kind, open_to = ("public", PEOPLES) if number % 3 else (OUTLET, sorted(OPERATORS_ONLY))
        chosen = random.sample(open_to, random.randint(1, len(open_to)))
        wanted = [world.subscription(name, address(name, number)) for name in chosen]
        person = subscriptions.Enrolment(kind, False, "", wanted)
        with writing(world.engine) as connection:
            [done] = subscriptions.enrol(connection, [person], secret=world.secret, now=database_now(connection))
        assert done.refused == ()
        world.map.points[done.recipient_id] = (-105.0, 40.0)


def send_some(world, random: Random) -> set[tuple[str, int]]:
    """Workers take up some of what waits, and it ends somehow; who was told or may have been, by channel."""
    told = set()
    for channel in random.choices(CHANNELS, k=2 * len(CHANNELS)):
        with writing(world.engine) as connection:
            claim = ledger.claim(connection, Want("w", (channel,), random.randint(1, 5), 60.0))
            if claim is None:
                continue
            ends = {position: random.choice(ENDS) for position in claim.starts}
            now = database_now(connection)
            settled = [Settled(position, Outcome(result, "x"), now) for position, result in ends.items() if result]
            ledger.checkpoint(connection, claim, Turn(settled), collapses=random.random() < 0.5, rng=random)
        told |= {(channel, int(claim.ids[position])) for position, end in ends.items() if end is None or end in TOLD}
    return told


def planned(world, notice_id: int) -> set[tuple[str, int]]:
    ids = tables.batch_ids.c.subscription_ids
    with reading(world.engine) as connection:
        asked = tables.batch.join(tables.batch_ids)
        rows = connection.execute(
            tables.batch.select()
            .with_only_columns(tables.batch.c.channel, ids, tables.batch.c.size)
            .select_from(asked)
            .where(tables.batch.c.notice_id == notice_id)
        )
        return {(row.channel, int(one)) for row in rows for one in unpack(row.subscription_ids, row.size)}


@pytest.mark.parametrize("seed", range(5))
def test_the_end_goes_to_exactly_those_who_were_or_may_have_been_told_on_the_channel_on_which_they_were(world, seed):
    random = Random(seed)
    enrol(world, 25, random)
    fanout.run(world.engine, world.vault, world.map, world.add())
    told = send_some(world, random)
    fanout.run(world.engine, world.vault, world.map, world.add(number=2, version=2, kind=Kind.UPDATE))
    told |= send_some(world, random)
    world.map.points.clear()  # wherever they are now
    cancel_id = world.cancel(version=3)
    fanout.run(world.engine, world.vault, world.map, cancel_id)
    assert len({channel for channel, _ in told}) > 5
    assert planned(world, cancel_id) == told


def test_all_channels_that_have_a_policy_or_a_name_of_their_own_are_among_these():
    assert {*LIMITED, *addresses.NAMED_BY, *canaries.CHANNELS} <= set(CHANNELS)
