"""A worker in the test's own process, with a channel that does as it is told."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import asynccontextmanager

from notifiers import fanout, ledger
from notifiers.model import Outcome, Result
from notifiers.transactions import reading, writing
from notifiers.worker import Params, Worker

FAST = Params(window=64, lease_s=4.0, drain_s=0.5, checkpoint_every_s=0.05, idle_s=0.02)


class Scripted:
    """Answers `answer(subscription id, try)`; counts what it sent and settled."""

    concurrency = 32

    def __init__(self, answer=lambda _id, _try: Outcome(Result.SENT, "201"), *, name="push", collapses=True) -> None:
        self.answer, self.name, self.collapses = answer, name, collapses
        self.sent: Counter[int] = Counter()
        self.settled: Counter[int] = Counter()
        self.seals: dict[int, str] = {}
        self.under_way = self.most_under_way = 0
        self.delay_s = 0.0
        self.closed = False

    async def prepare(self, notice, subscriptions_):
        return notice.texts["en"].headline

    async def send(self, prepared, subscription):
        self.sent[subscription.id] += 1
        self.seals[subscription.id] = subscription.seal
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await asyncio.sleep(self.delay_s)
        finally:
            self.under_way -= 1
        return self.answer(subscription.id, self.sent[subscription.id])

    def settle(self, connection, notice_id, sent, now):
        self.settled.update(one.id for one in sent)

    async def close(self):
        self.closed = True


@asynccontextmanager
async def working(world, *channels, params=FAST, engine=None, name="anna"):
    worker = Worker(engine or world.engine, world.vault, {one.name: one for one in channels}, params, name=name)
    running = asyncio.create_task(worker.run())
    yield worker
    worker.stop()
    await asyncio.wait_for(running, 30)


async def until(condition, seconds=40.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        await asyncio.sleep(0.02)


def planned(world, people=10, channels=("push",), **changes):
    world.enrol(people, channels)
    notice_id = world.add(**changes)
    fanout.run(world.engine, world.vault, world.map, notice_id)
    return notice_id


def tally(world, notice_id, channel="push"):
    with reading(world.engine) as connection:
        return ledger.tally(connection, notice_id)[channel]


def act(world, function, *arguments):
    with writing(world.engine) as connection:
        return function(connection, *arguments)
