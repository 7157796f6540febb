"""httpx for what is rare (feeds, tokens, low-rate channels), over the same judged and pinned ways as the hot path.

httpx's own pool is quadratic and knows no pinning; its other transports misname failures. Here each failure is what
it is: before the connection stands ConnectError, ConnectTimeout or PoolTimeout, after that ReadError, ReadTimeout or
RemoteProtocolError, and Forbidden where the guard said no. Redirects, cookies' sources and proxies of the environment
are not followed, and an answer is bounded.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
from pyreqwest.exceptions import PoolTimeoutError, PyreqwestError
from pyreqwest.request import StreamRequest
from pyreqwest.response import Response

from notifiers.guard import Guard, Refused
from notifiers.sender import Failure, Limits
from notifiers.senders.pinned import Way, Ways
from notifiers.senders.reqwest import Letter, Stopped, failure_of, unconnected
from notifiers.still import STOPPED, still

MAX_BYTES = 16 * 1024 * 1024
TIMEOUT_S = 30.0
_OURS = frozenset({"host", "connection", "transfer-encoding"})  # what the client below says itself


class Forbidden(httpx.TransportError):
    """The guard forbids the target; the message is its machine word."""


class TooLarge(httpx.TransportError):
    """The answer is longer than was asked for."""


def make_client(guard: Guard, *, limits: Limits = Limits(), max_bytes: int = MAX_BYTES) -> httpx.AsyncClient:  # noqa: B008
    """An AsyncClient whose every request passes `guard`; answers have at most `max_bytes`."""
    return httpx.AsyncClient(
        transport=GuardedTransport(guard, limits, max_bytes),
        headers={"Accept-Encoding": "identity", "User-Agent": "lookout"},
        timeout=TIMEOUT_S,
        follow_redirects=False,
        trust_env=False,
    )


class GuardedTransport(httpx.AsyncBaseTransport):
    """One request at a time over the ways of `senders.pinned`."""

    def __init__(self, guard: Guard, limits: Limits, max_bytes: int) -> None:
        self._ways = Ways(guard, limits)
        self._limits, self._max_bytes = limits, max_bytes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        letter = Letter(await request.aread(), still.get())
        try:
            way = await self._ways.find(str(request.url))
            async with self._asked(way, request, letter) as answer:
                body = await self._whole(answer)
        except Refused as refusal:
            raise Forbidden(refusal.reason, request=request) from None
        except (Stopped, PyreqwestError) as death:
            if letter.stopped:
                raise Forbidden(STOPPED, request=request) from None
            raise _named(death, letter, request) from death
        except asyncio.CancelledError:
            letter.withdraw()
            raise
        except OSError as death:
            raise httpx.ConnectError("dns", request=request) from death
        return httpx.Response(answer.status, headers=list(answer.headers.items()), content=body, request=request)

    async def aclose(self) -> None:
        await self._ways.close()

    def _asked(self, way: Way, request: httpx.Request, letter: Letter) -> StreamRequest:
        read_s = request.extensions.get("timeout", {}).get("read") or TIMEOUT_S
        headers = [(name, value) for name, value in request.headers.multi_items() if name.lower() not in _OURS]
        building = way.client.request(request.method, str(request.url)).headers(headers)
        building = building.timeout(timedelta(seconds=self._limits.connect_timeout_s + read_s))
        if letter.body:
            building = building.body_stream(letter.pages())
        return building.streamed_read_buffer_limit(0).build_streamed()

    async def _whole(self, answer: Response) -> bytes:
        if (answer.get_header("content-encoding") or "identity") != "identity":
            raise httpx.DecodingError("packed")  # it was asked not to be: a bomb, or a server that does not listen
        parts: list[bytes] = []
        size = 0
        while (part := await answer.body_reader.read_chunk()) is not None:
            size += len(part)
            if size > self._max_bytes:
                raise TooLarge("too_large")
            parts.append(bytes(part))
        return b"".join(parts)


def _named(death: Exception, letter: Letter, request: httpx.Request) -> httpx.TransportError:
    """Httpx's name of a death. What has no body is not asked for one: hyper says whether it was still connecting."""
    if isinstance(death, PoolTimeoutError):
        return httpx.PoolTimeout("no free connection", request=request)
    failure = failure_of(death, given=(letter.given or not letter.body) and not unconnected(death))
    return _NAMES[failure](failure.kind, request=request)


_NAMES: dict[Failure, type[httpx.TransportError]] = {
    Failure("connect", sent=False): httpx.ConnectError,
    Failure("tls", sent=False): httpx.ConnectError,
    Failure("connect_timeout", sent=False): httpx.ConnectTimeout,
    Failure("timeout", sent=True): httpx.ReadTimeout,
    Failure("reset", sent=True): httpx.ReadError,
    Failure("cut", sent=True): httpx.RemoteProtocolError,
}
