"""/v1/inbox: what was sent to a recipient's in-app inbox, as a list and as server-sent events.

One ticker a process looks for new rows, and wakes only the streams there are; each then reads its own inbox.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Query, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from alerts import inbox
from alerts.api.access import RECIPIENT, Given, Recipient, rule
from alerts.api.answers import InboxOut
from alerts.api.documents import READ, problems
from alerts.services import Services

router = APIRouter(prefix="/v1/inbox", tags=["inbox"])

LOOK_EVERY_S = 0.5
KEEP_ALIVE_S = 15.0
PAGE = 50


class Ticker:
    """Tells waiting streams that some inbox has something new. Runs while anyone waits."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._news = asyncio.Condition()
        self._seen = 0
        self._task: asyncio.Task[None] | None = None
        self.waiting = 0

    async def wait(self, seen: int) -> int:
        """Returns the newest row's number once it is greater than `seen`, or `seen` after KEEP_ALIVE_S."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        with suppress(TimeoutError):
            async with asyncio.timeout(KEEP_ALIVE_S), self._news:
                await self._news.wait_for(lambda: self._seen > seen)
        return max(seen, self._seen)

    async def _run(self) -> None:
        while self.waiting:
            newest = await run_in_threadpool(inbox.newest, self._services)
            if newest > self._seen:
                async with self._news:
                    self._seen = newest
                    self._news.notify_all()
            await asyncio.sleep(LOOK_EVERY_S)


@router.get("", responses=READ)
@rule(RECIPIENT)
def read_inbox(
    me: Recipient,
    services: Given,
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
) -> list[InboxOut]:
    """What lies in your inbox after the item `after`, oldest first. What is over says so, and no more."""
    items = inbox.read(services, me, after=after, limit=limit)
    return [InboxOut.of(item) for item in items]


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={
        **problems(401, 503),
        200: {"content": {"text/event-stream": {}}, "description": "Inbox items as events"},
    },
)
@rule(RECIPIENT)
async def stream_inbox(
    request: Request,
    me: Recipient,
    services: Given,
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
) -> StreamingResponse:
    """New items as server-sent events: `id` is the item, so that Last-Event-ID goes on where a connection broke."""
    ticker: Ticker = _ticker(request, services)
    if ticker.waiting >= services.settings.max_streams:
        raise HTTPException(503, "too many open streams", headers={"Retry-After": "10"})
    after = int(last_event_id) if last_event_id and last_event_id.isdecimal() and last_event_id.isascii() else 0
    return StreamingResponse(_events(ticker, services, me, after), media_type="text/event-stream")


async def _events(ticker: Ticker, services: Services, me: int, after: int) -> AsyncIterator[str]:
    ticker.waiting += 1
    seen = 0
    try:
        yield "retry: 2000\n\n"
        while True:
            items = await run_in_threadpool(inbox.read, services, me, after=after, limit=PAGE)
            for item in items:
                after = item.id
                yield f"id: {item.id}\nevent: notice\ndata: {InboxOut.of(item).model_dump_json()}\n\n"
            if not items:
                yield ": still here\n\n"
                seen = await ticker.wait(seen)
    finally:
        ticker.waiting -= 1


def _ticker(request: Request, services: Services) -> Ticker:
    state = request.app.state
    if not hasattr(state, "ticker"):
        state.ticker = Ticker(services)
    found: Ticker = state.ticker
    return found
