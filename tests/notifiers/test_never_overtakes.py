"""At one subscription a version never comes before an earlier one, whatever is slow, in doubt, retried or dies."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import AsyncExitStack
from functools import partial
from itertools import count
from random import Random

import pytest
from scripted import FAST, act, tally, until
from test_recheck import Away

from notifiers import fanout, ledger, notices
from notifiers.ledger import Want
from notifiers.model import Kind, Outcome, Result
from notifiers.worker import Worker

PEOPLE = 60
NUMBERS = count()
SENT = Outcome(Result.SENT, "201")
AT_FIRST = (SENT, SENT, SENT, Outcome(Result.LATER, "503", 0.05), Outcome(Result.IN_DOUBT, "timeout"))


class Slow:
    """A slow receiver: by endpoint, what began and what ended, in that order; answers badly at first, often."""

    name, collapses, concurrency = "push", True, 16

    def __init__(self) -> None:
        self.order: dict[int, list[tuple[str, int]]] = defaultdict(list)
        self._random = Random(7)

    async def prepare(self, notice, subscriptions):
        return notice.version

    async def send(self, version, subscription):
        self.order[subscription.id].append(("began", version))
        await asyncio.sleep(self._random.uniform(0.02, 0.3))
        self.order[subscription.id].append(("ended", version))
        again = self.order[subscription.id].count(("ended", version)) > 1
        return SENT if again else self._random.choice(AT_FIRST)

    def settle(self, connection, notice_id, sent, now) -> None:
        pass

    async def close(self) -> None:
        pass

    def has(self, version: int) -> bool:
        return any(("ended", version) in seen for seen in self.order.values())


def say(world, version: int, kind: Kind) -> int:
    """The way a service does it: earlier versions are over in the transaction that queues the new one."""
    if kind is Kind.CANCEL:
        notice_id = world.cancel(version=version)
    else:
        if version > 1:
            act(world, notices.set_over, 1, "superseded")
        notice_id = world.add(version=version, number=version, kind=kind)
    fanout.run(world.engine, world.vault, world.map, notice_id)
    return notice_id


def one_of(world, receiver, engine=None) -> Worker:
    return Worker(engine or world.engine, world.vault, {"push": receiver}, FAST, name=f"w{next(NUMBERS)}")


async def stop(worker: Worker, running: asyncio.Task) -> None:
    worker.stop()
    await asyncio.wait_for(running, 30)


@pytest.mark.parametrize("away", [False, True])
async def test_alert_update_update_cancel_come_in_this_order_at_every_endpoint(world, away):
    """`away`: a worker loses the database in the middle of the alert for longer than its lease."""
    world.enrol(PEOPLE)
    receiver, ids, cut = Slow(), [say(world, 1, Kind.ALERT)], Away(world.engine.url)
    async with AsyncExitStack() as stack:
        for worker in (one_of(world, receiver, cut.engine), *(one_of(world, receiver) for _ in range(2))):
            stack.push_async_callback(stop, worker, asyncio.create_task(worker.run()))
        for version, kind in ((2, Kind.UPDATE), (3, Kind.UPDATE), (4, Kind.CANCEL)):
            await until(partial(receiver.has, version - 1))
            await asyncio.sleep(0.15)  # in the middle of it
            cut.cut = away and version == 2
            ids.append(say(world, version, kind))
        await until(lambda: all(tally(world, one).open == 0 for one in ids), 40.0)
    cut.engine.dispose()
    assert all(receiver.has(version) for version in (1, 2, 3, 4))
    for seen in receiver.order.values():
        versions = [version for _, version in seen]
        assert versions == sorted(versions)  # none begins before an earlier one has ended


def test_what_waits_of_an_earlier_version_is_dropped_with_its_retries_and_its_doubts(world):
    world.enrol(3)
    first = say(world, 1, Kind.ALERT)
    claim = act(world, ledger.claim, Want("w", ("push",), 3, 60))
    now = act(world, ledger.database_now)
    later, doubt = Outcome(Result.LATER, "503"), Outcome(Result.IN_DOUBT, "timeout")
    settled = [ledger.Settled(0, later, now), ledger.Settled(1, doubt, now)]
    with world.engine.begin() as connection:
        ledger.checkpoint(connection, claim, ledger.Turn(settled, [2]), collapses=True, rng=Random(1))
    second = say(world, 2, Kind.UPDATE)
    done = tally(world, first)
    assert (done.dropped, done.in_doubt, done.open) == (2, 1, 0)
    assert act(world, ledger.claim, Want("w", ("push",), 9, 60)).notice_id == second
    assert act(world, ledger.claim, Want("w", ("push",), 9, 60)) is None


def test_a_version_waits_while_a_batch_of_an_earlier_one_is_held_even_past_its_lease(world):
    world.enrol(3)
    say(world, 1, Kind.ALERT)
    act(world, ledger.claim, Want("away", ("push",), 3, 0.0))
    second = say(world, 2, Kind.UPDATE)
    assert act(world, ledger.claim, Want("w", ("push",), 9, 60)) is None
    assert act(world, ledger.takeover, {"push": True}) == 1
    assert act(world, ledger.claim, Want("w", ("push",), 9, 60)).notice_id == second
