"""What a client may send: bytes, time and how often. Checked while the body arrives, before anything reads it whole."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import HTTPException, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alerts import location_lines
from alerts.api import problem
from alerts.services import Services
from alerts.settings import Settings

# Alerts come with photos, areas with many corners; a decision is small.
LARGE_PATH = re.compile(
    r"/v1/(alerts|validate|reach)|/v1/alerts/[^/]+(/update|/enlarge|/reduce|/less)?"
    r"|/v1/consents|/administration/(agencies|jurisdiction)"
    r"|/console/(new|area|area/reach|consents|copies|templates|templates/[^/]+)"
    r"|/console/alerts/[^/]+/(edit|update|enlarge|shrink)"
)
BULK_PATH = "/v1/locations"
REMEMBERED_CLIENTS = 50_000
BULK_AT_ONCE = 4  # bodies in the making, each held whole
BULK_EACH = 2  # of one partner, so that none keeps the others out


class BodyLimit:
    """Middleware: a body over the limit is answered 413, one that takes too long 408, at the byte that is too much.

    The declared length is refused before a byte is read; the rest is counted as it comes. Only routes that take
    photos or bulk have a large limit, and they read their body after the caller was let in.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit(scope["path"])
        if _declared(scope) > limit:  # middleware stands outside of the error handlers: it answers by itself
            refusal = problem.answer(Request(scope), 413, detail=too_large(limit).detail)
            await refusal(scope, receive, send)
            return
        await self._app(scope, _Counted(receive, limit, self._settings.body_timeout_s), send)

    def _limit(self, path: str) -> int:
        settings = self._settings
        if path == BULK_PATH:
            return location_lines.MAX_BYTES
        return settings.max_alert_bytes if LARGE_PATH.fullmatch(path) else settings.max_body_bytes


class _Counted:
    """`receive` with a count of bytes and a clock, both until the body is complete."""

    def __init__(self, receive: Receive, limit: int, timeout_s: float) -> None:
        self._receive = receive
        self._limit = limit
        self._left = limit
        self._until = time.monotonic() + timeout_s
        self._complete = False

    async def __call__(self) -> Message:
        if self._complete:  # what comes now is the end of the connection, whenever that is
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), max(0.0, self._until - time.monotonic()))
        except TimeoutError:
            raise HTTPException(408, "the body took too long to arrive") from None
        self._left -= len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._left < 0:
            raise too_large(self._limit)
        return message


def too_large(limit: int) -> HTTPException:
    return HTTPException(413, f"the body is larger than {limit} bytes")


def _declared(scope: Scope) -> int:
    """Content-Length; 0 where there is none or it is no number (the server or the count will say)."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0


class Throttle:
    """A token bucket for each client address, in memory, the least recently seen forgotten first."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # client -> (tokens, at)

    def wait_s(self, client: str, now: float) -> float:
        """Take one token; 0.0, or the seconds until there is one."""
        tokens, at = self._buckets.pop(client, (float(self._per_minute), now))
        tokens = min(float(self._per_minute), tokens + (now - at) * self._per_minute / 60)
        allowed = tokens >= 1
        self._buckets[client] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > REMEMBERED_CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) * 60 / self._per_minute if self._per_minute else 60.0


def throttled(request: Request) -> None:
    """Dependency of public routes that write: 429 with Retry-After for a client that writes too often."""
    services: Services = request.app.state.services
    state = request.app.state
    if not hasattr(state, "throttle"):
        state.throttle = Throttle(services.settings.public_writes_per_minute)
    wait_s = state.throttle.wait_s(request.client.host if request.client else "", time.monotonic())
    if wait_s > 0:
        raise HTTPException(429, "too many requests", headers={"Retry-After": str(int(wait_s) + 1)})


@contextmanager
def admitted(request: Request, who: int) -> Iterator[None]:
    """Room for one bulk body of `who` while the block lasts; 503 with Retry-After where there is none."""
    state = request.app.state
    if not hasattr(state, "bulk"):
        state.bulk = Counter()
    if state.bulk.total() >= BULK_AT_ONCE or state.bulk[who] >= BULK_EACH:
        raise HTTPException(503, "other bodies are being taken in; try again", headers={"Retry-After": "1"})
    state.bulk[who] += 1
    try:
        yield
    finally:
        state.bulk[who] -= 1
