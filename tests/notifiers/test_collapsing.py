"""What is known of channels that nobody serves here: enough to end the claims of the dead, and to repeat no SMS."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from scripted import Scripted, planned, tally, until, working

import notifiers.channels
from alerts import outlets
from notifiers import ledger
from notifiers.collapsing import COLLAPSES, collapses
from notifiers.ledger import Want
from notifiers.transactions import writing


def held(world, channel, people=6, window=4):
    """A notice of which a worker that died held a batch, four of them in flight."""
    notice_id = planned(world, people, (channel,))
    with writing(world.engine) as connection:
        assert ledger.claim(connection, Want("dead", (channel,), window, -1)) is not None
    return notice_id


def said_by_classes():
    """`collapses = ...` of every class in the channels' files, by file."""
    found = {}
    for path in Path(notifiers.channels.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "collapses":
                found[path.stem] = node.value.value
    return found


def test_the_table_says_of_every_channel_what_its_class_says():
    classes = said_by_classes()
    assert dict(COLLAPSES) == classes | {"unified_push": classes["web_push"]}
    assert set(COLLAPSES) == {make.__module__.rpartition(".")[2] for make in outlets.MAKERS}


def test_of_a_channel_that_nobody_knows_nothing_is_repeated():
    assert not collapses("pigeon")
    assert collapses("pigeon", {"pigeon": True})


@pytest.mark.parametrize(("channel", "waiting", "in_doubt"), [("sms", 2, 4), ("web_push", 6, 0), ("pigeon", 2, 4)])
async def test_a_claim_of_a_channel_that_no_worker_serves_any_more_ends(world, channel, waiting, in_doubt):
    notice_id = held(world, channel)
    async with working(world, Scripted(name="inbox")):
        await until(lambda: tally(world, notice_id, channel).in_flight == 0)
    after = tally(world, notice_id, channel)
    assert (after.waiting, after.in_doubt, after.sent) == (waiting, in_doubt, 0)


async def test_a_worker_that_has_work_of_its_own_ends_them_too(world):
    push = Scripted()
    push.delay_s = 0.05
    notice_id, own = held(world, "sms"), planned(world, 400, incident_id=2, incident="another")
    async with working(world, push):
        await until(lambda: tally(world, notice_id, "sms").in_flight == 0 and tally(world, own).sent > 0)
    assert tally(world, notice_id, "sms").in_doubt == 4


def test_what_is_left_of_it_is_dropped_when_its_alert_is_over(world):
    notice_id = held(world, "sms")
    world.cancel()
    with writing(world.engine) as connection:
        ledger.takeover(connection)
    after = tally(world, notice_id, "sms")
    assert (after.dropped, after.in_doubt, after.open) == (2, 4, 0)
