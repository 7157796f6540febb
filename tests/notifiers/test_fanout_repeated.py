"""A repeat on the ledger: silent where it takes the old one's place, and nowhere else a second message for the same."""

from __future__ import annotations

import pytest
from scripted import Scripted, planned, tally, until, working

from notifiers import fanout, ledger
from notifiers.model import Kind
from notifiers.transactions import reading

BOTH = ("push", "call")
AGAIN = ("push",)


@pytest.fixture
async def alerted(world):
    """Five people who were told by push and by a call."""
    await sent(world, planned(world, 5, BOTH))
    return world


async def sent(world, notice_id):
    async with working(world, Scripted(), Scripted(name="call", collapses=False)):
        await until(lambda: all(not tally(world, notice_id, one).open for one in counts(world, notice_id)))
    return notice_id


def said(world, version, number, **changes):
    """The notice of an update, planned."""
    notice_id = world.add(version=version, number=number, kind=Kind.UPDATE, **changes)
    fanout.run(world.engine, world.vault, world.map, notice_id)
    return notice_id


def counts(world, notice_id):
    with reading(world.engine) as connection:
        return {channel: one.planned for channel, one in ledger.tally(connection, notice_id).items()}


async def test_a_repeat_goes_where_it_takes_the_old_ones_place_and_to_newcomers_everywhere(alerted):
    alerted.enrol(2, BOTH)
    assert counts(alerted, said(alerted, 2, 2, repeats_on=AGAIN)) == {"push": 7, "call": 2}


async def test_an_enlargement_of_a_repeat_tells_the_newly_covered_only(alerted):
    await sent(alerted, said(alerted, 2, 2, repeats_on=AGAIN))
    alerted.enrol(2, BOTH)
    assert counts(alerted, said(alerted, 2, 3)) == {"push": 2, "call": 2}  # the same version, a wider area


async def test_who_missed_the_update_that_is_repeated_is_told_on_every_channel(alerted):
    said(alerted, 2, 2)  # nobody sends it before it is said again
    assert counts(alerted, said(alerted, 3, 3, repeats_on=AGAIN)) == {"push": 5, "call": 5}


async def test_a_repeat_of_a_repeat_is_no_second_message_either(alerted):
    await sent(alerted, said(alerted, 2, 2, repeats_on=AGAIN))
    assert counts(alerted, said(alerted, 3, 3, repeats_on=AGAIN)) == {"push": 5}


async def test_an_update_after_a_repeat_goes_to_all(alerted):
    await sent(alerted, said(alerted, 2, 2, repeats_on=AGAIN))
    assert counts(alerted, said(alerted, 3, 3)) == {"push": 5, "call": 5}
