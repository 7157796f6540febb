"""One look for all who watch."""

from __future__ import annotations

import asyncio
import threading

from sqlalchemy.exc import OperationalError

from alerts.pages.feed import Feed


class Looks:
    """Counts them; each differs from the one before."""

    def __init__(self) -> None:
        self.count = 0
        self.lock = threading.Lock()

    def __call__(self) -> dict[str, str]:
        with self.lock:
            self.count += 1
        return {"look": str(self.count)}


async def first_events(feed: Feed, count: int) -> list[str]:
    found = []
    async for event in feed.events():
        if event.startswith("event:"):
            found.append(event)
        if len(found) == count:
            return found
    return found


async def test_a_hundred_watchers_cost_the_looks_of_one():
    looks = Looks()
    feed = Feed(looks)
    async with asyncio.timeout(60):
        seen = await asyncio.gather(*(first_events(feed, 2) for _ in range(100)))
    assert {tuple(one) for one in seen} == {("event: look\ndata: 1\n\n", "event: look\ndata: 2\n\n")}
    assert looks.count <= 3


async def test_nobody_watches_and_nobody_looks():
    looks = Looks()
    feed = Feed(looks)
    async with asyncio.timeout(60):
        await first_events(feed, 1)
        await feed._task
    assert feed.watchers == 0
    assert looks.count <= 2


async def test_a_stream_ends_so_that_its_watcher_is_asked_again_who_they_are():
    feed = Feed(Looks())
    async with asyncio.timeout(60):
        assert [event async for event in feed.events(stream_s=0)] == ["retry: 1000\n\n"]


async def test_a_database_that_is_away_for_a_while_ends_no_stream():
    looks = Looks()

    def failing_once() -> dict[str, str]:
        found = looks()
        if found["look"] == "1":
            raise OperationalError("select", {}, Exception("locked"))
        return found

    async with asyncio.timeout(60):
        assert await first_events(Feed(failing_once), 1) == ["event: look\ndata: 2\n\n"]


def test_who_asks_again_within_a_second_gets_the_same_look():
    looks = Looks()
    feed = Feed(looks)
    assert feed.now() == feed.now() == {"look": "1"}
