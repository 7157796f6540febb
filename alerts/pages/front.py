"""The layer in front of the router that answers the alert pages from memory (`alerts.pages.rack`), and mints the tokens of
links that are shared from them.

What does not lie there goes on to the router: other addresses, other methods, tokens that are none.
"""

from __future__ import annotations

import threading
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from alerts.metrics import REQUESTS
from alerts.pages.counted import count
from alerts.pages.rack import TEXT, Rack
from alerts.pages.ready import Ready, make
from alerts.services import Services
from notifiers import share_tokens
from notifiers.attention import VISITED

PREFIX = "/a/"
_COUNTED = {status: REQUESTS.labels("/a/{token} ready", f"{status}xx") for status in (2, 3)}


class Front:
    """Middleware, the outermost one. Looks from the start of the application to its end."""

    def __init__(self, app: ASGIApp, *, services: Services, rack: Rack | None = None) -> None:
        self._app, self._services = app, services
        self._rack = rack or Rack(services)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        ready = self._find(scope) or self._mint(scope)
        if ready is None:
            await self._app(scope, receive, send)
            return
        await _answer(scope, send, ready)
        self._count(scope)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        looking = threading.Thread(target=self._rack.run, name="pages", daemon=True)
        looking.start()
        try:
            await self._app(scope, receive, send)
        finally:
            self._rack.stop()

    def _find(self, scope: Scope) -> Ready | None:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"} or not scope["path"].startswith(PREFIX):
            return None
        token, _, name = scope["path"][len(PREFIX) :].partition("/")
        accept, packed = "", False
        for key, value in scope["headers"]:
            if key == b"accept-language":
                accept = value.decode("latin-1")
            elif key == b"accept-encoding":
                packed = b"gzip" in value
        return self._rack.find(token, name, _query(scope, "lang"), accept, packed=packed)

    def _mint(self, scope: Scope) -> Ready | None:
        """A token for the next link that is shared, as the router's `counted.link` gives it: a crowd asks for many."""
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith(PREFIX):
            return None
        token, _, name = scope["path"][len(PREFIX) :].partition("/")
        if name != "link":
            return None
        secret = share_tokens.secret_of(self._services.vault)
        minted = share_tokens.mint(secret, token[:64], (_query(scope, "c") or "")[:16])
        return make(minted.encode(), TEXT, {"cache-control": "no-store"}, https=self._services.settings.https)

    def _count(self, scope: Scope) -> None:
        """A visit by a marked link, as the router's page counts it."""
        way, path = _query(scope, "c"), scope["path"]
        token = path[len(PREFIX) :]
        if way and scope["method"] == "GET" and "/" not in token:
            count(Request(scope), self._services, token, VISITED, way[:16])


def _query(scope: Scope, name: str) -> str | None:
    asked = scope["query_string"]
    return parse_qs(asked[:400].decode("latin-1")).get(name, [None])[0] if asked else None


async def _answer(scope: Scope, send: Send, ready: Ready) -> None:
    """The answer, its head alone, or 304 where the browser has it already (RFC 9110 section 13.1.2)."""
    known = any(key == b"if-none-match" and ready.tag in value for key, value in scope["headers"])
    head, status = (ready.kept, 304) if known else (ready.head, ready.status)
    await send({"type": "http.response.start", "status": status, "headers": list(head)})
    await send({"type": "http.response.body", "body": b"" if known or scope["method"] == "HEAD" else ready.content})
    _COUNTED[3 if known else 2].inc()
