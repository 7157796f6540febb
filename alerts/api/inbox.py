"""/v1/inbox: what was sent to a recipient's in-app inbox, as a list and as server-sent events.

One ticker a process looks for new rows, whoever they are for, and wakes the streams of those they are for; each then
reads its own inbox. A stream on which nothing arrives costs no query.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Annotated

import structlog
from fastapi import APIRouter, Header, HTTPException, Query, Request
from fastapi.responses import StreamingResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from alerts import inbox
from alerts.api.access import RECIPIENT, Given, Recipient, rule
from alerts.api.answers import InboxOut
from alerts.api.documents import READ, problems
from alerts.reports import InboxItem
from alerts.services import Services

log = structlog.get_logger()
router = APIRouter(prefix="/v1/inbox", tags=["inbox"])

LOOK_EVERY_S = 0.5
KEEP_ALIVE_S = 15.0
PAGE = 50
LOOK_AT = 20_000  # items that one look takes in
MOST_EACH = 8  # streams of one recipient
MAX_ID = 2**62


class Ticker:
    """Wakes the streams in whose inboxes something new lies. Looks while there are any: one query for all of them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._streams: dict[int, set[asyncio.Event]] = {}
        self._seen = 0
        self._looking = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Streams that are open."""
        return sum(map(len, self._streams.values()))

    def of(self, recipient_id: int) -> int:
        """Streams of one recipient that are open."""
        return len(self._streams.get(recipient_id, ()))

    @asynccontextmanager
    async def stream(self, recipient_id: int) -> AsyncIterator[asyncio.Event]:
        """A stream is open while the block lasts; the event is set for all that arrives once the block has begun."""
        news = asyncio.Event()
        self._streams.setdefault(recipient_id, set()).add(news)
        try:
            await self.look_on()
            yield news
        finally:
            mine = self._streams[recipient_id]
            mine.discard(news)
            if not mine:
                del self._streams[recipient_id]

    async def look_on(self) -> None:
        """Starts looking, or starts again should that have ended: everybody reads for themselves then."""
        async with self._looking:
            if self._task is None or self._task.done():
                self._seen = await run_in_threadpool(inbox.newest, self._services)
                self._task = asyncio.create_task(self._run())
                for news in (one for mine in self._streams.values() for one in mine):
                    news.set()

    async def _run(self) -> None:
        while self._streams:
            try:
                more = await self._look()
            except SQLAlchemyError as error:  # a busy or absent database ends no stream
                log.warning("inbox_unreadable", error=type(error).__name__)
                more = False
            if not more:
                await asyncio.sleep(LOOK_EVERY_S)

    async def _look(self) -> bool:
        """Wakes whom the next items belong to; whether there may be more of them."""
        before = self._seen
        self._seen, owners = await run_in_threadpool(inbox.whose, self._services, before, LOOK_AT)
        for recipient_id in owners & self._streams.keys():
            for news in self._streams[recipient_id]:
                news.set()
        return self._seen - before >= LOOK_AT


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
    if ticker.waiting >= services.settings.max_streams or ticker.of(me) >= MOST_EACH:
        raise HTTPException(503, "too many open streams", headers={"Retry-After": "10"})
    after = int(last_event_id) if last_event_id and last_event_id.isdecimal() and last_event_id.isascii() else 0
    return StreamingResponse(_events(ticker, services, me, min(after, MAX_ID)), media_type="text/event-stream")


async def _events(ticker: Ticker, services: Services, me: int, after: int) -> AsyncIterator[str]:
    """Listens before it reads: what arrives in between is read in the next round."""
    async with ticker.stream(me) as news:
        yield "retry: 2000\n\n"
        news.set()
        while True:
            while news.is_set():
                news.clear()
                async for item in _items(services, me, after):
                    after = item.id
                    yield f"id: {item.id}\nevent: notice\ndata: {InboxOut.of(item).model_dump_json()}\n\n"
            yield ": still here\n\n"
            with suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), KEEP_ALIVE_S)
            await ticker.look_on()


async def _items(services: Services, me: int, after: int) -> AsyncIterator[InboxItem]:
    """All that lies in the inbox after the item `after`, a page at a time."""
    while items := await run_in_threadpool(inbox.read, services, me, after=after, limit=PAGE):
        for item in items:
            yield item
        after = items[-1].id
        if len(items) < PAGE:
            return


def _ticker(request: Request, services: Services) -> Ticker:
    state = request.app.state
    if not hasattr(state, "ticker"):
        state.ticker = Ticker(services)
    found: Ticker = state.ticker
    return found
