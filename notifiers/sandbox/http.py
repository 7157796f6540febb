"""HTTP/1.1 as lean as Python has it: httptools under an asyncio protocol, for a receiver that must not be the limit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import cast

import httptools
import structlog

log = structlog.get_logger()

MAX_BODY = 1 << 20
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


@dataclass(slots=True)
class Request:
    """One request, whole. Header names are lower-case."""

    method: str = ""
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Connection(asyncio.Protocol):
    """One client's connection. Requests are answered in their order; clients that pipeline are sent away."""

    def __init__(
        self,
        handle: Callable[[Request, Connection], None],
        hasty: Callable[[Request], int | None] = lambda _request: None,
    ) -> None:
        self._handle, self._hasty = handle, hasty
        self._done = False
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._request = Request()
        self._body: list[bytes] = []
        self._size = 0
        self._busy = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(
            "asyncio.Transport", transport
        )  # a stream server gives no other; uvloop's is no subclass

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._transport = None
        if self._timer:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError:  # our own fault: say so, and where
            log.exception("sandbox_fault")
            self.answer(500, close=True)
        except httptools.HttpParserError:
            self.answer(400, close=True)

    # What httptools calls while it parses.

    def on_message_begin(self) -> None:
        self._request, self._body, self._size = Request(), [], 0

    def on_url(self, url: bytes) -> None:
        self._request.url += url.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._request.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._request.method = self._parser.get_method().decode("ascii")
        status = self._hasty(self._request)  # the status of an answer that does not wait for the body
        if status is not None:
            self._done = True
            self.answer(status, close=True)

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._size <= MAX_BODY:
            self._body.append(body)

    def on_message_complete(self) -> None:
        if self._done:
            return
        request = self._request
        request.body = b"".join(self._body)
        if self._size > MAX_BODY or self._busy:
            self.answer(413 if self._size > MAX_BODY else 400, close=True)
            return
        self._busy = True
        self._handle(request, self)

    # What a handler does with its connection: exactly one of these, now or later.

    def answer(self, status: int, headers: str = "", body: bytes = b"", *, close: bool = False) -> None:
        """The whole answer. `headers` are lines that end in CR LF."""
        self._busy = False
        if self._transport is None:
            return
        phrase = _PHRASES.get(status, "Unknown")
        head = f"HTTP/1.1 {status} {phrase}\r\n{headers}Content-Length: {len(body)}\r\n"
        self._transport.write((head + ("Connection: close\r\n\r\n" if close else "\r\n")).encode("latin-1") + body)
        if close or not self._parser.should_keep_alive():
            self._transport.close()

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Do `act` after `seconds`, if the client is still there."""
        self._timer = asyncio.get_running_loop().call_later(seconds, act)

    def garble(self) -> None:
        """Answer what is no HTTP, and hang up."""
        if self._transport is not None:
            self._transport.write(b"\x00\xff\x16 this is no answer\r\n\r\n")
            self._transport.close()

    def drip(self, seconds: float, status: int) -> None:
        """The answer, a byte every so many seconds."""
        rest = f"HTTP/1.1 {status} {_PHRASES.get(status, 'Unknown')}\r\nContent-Length: 0\r\n\r\n".encode()
        self._drop(rest, seconds)

    def _drop(self, rest: bytes, seconds: float) -> None:
        if self._transport is None:
            return
        self._transport.write(rest[:1])
        if rest[1:]:
            self.later(seconds, lambda: self._drop(rest[1:], seconds))
        else:
            self._busy = False

    def cut(self) -> None:
        """Break off in the middle of the status line."""
        if self._transport is not None:
            self._transport.write(b"HTTP/1.1 20")
            self._transport.close()

    def reset(self) -> None:
        """Break the connection without a word."""
        if self._transport is not None:
            self._transport.abort()
