"""Headers that every answer carries, and one line of log and one count for every request."""

from __future__ import annotations

import time

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alerts import acting
from alerts.metrics import REQUEST_SECONDS, REQUESTS

log = structlog.get_logger()

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), payment=(), usb=()",
}
UNLESS_SET = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
HSTS = ("Strict-Transport-Security", "max-age=31536000")


class SecurityHeaders:
    """Middleware: strict unless a page says otherwise (its own policy, a longer life in caches)."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _add(self, headers: MutableHeaders) -> None:
        for name, value in ALWAYS.items():
            headers[name] = value
        for name, value in UNLESS_SET.items():
            headers.setdefault(name, value)
        if self._https:
            headers[HSTS[0]] = HSTS[1]


class Whence:
    """Middleware: what is done in a request comes from its address, and the log of acts says so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        acting.begin(client[0] if client else "")
        await self._app(scope, receive, send)


class Observed:
    """Middleware: counts and times requests by route (never by path: paths hold tokens)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note_status)
        finally:
            _note(scope, status, time.perf_counter() - started)


def _note(scope: Scope, status: int, took_s: float) -> None:
    # What no route matched shares one label: clients must not be able to make labels.
    route = getattr(scope.get("route"), "path", "none")
    REQUESTS.labels(route, f"{status // 100}xx").inc()
    REQUEST_SECONDS.observe(took_s)
    log.debug("request", method=scope["method"], route=route, status=status, took_ms=round(took_s * 1000, 1))
