"""httpx for what is rare (feeds, tokens, low-rate channels), over the same judged and pinned ways as the hot path.

httpx's own pool is quadratic and knows no pinning; its other transports misname failures. Here each failure is what
it is: before the connection stands ConnectError, ConnectTimeout or PoolTimeout, after that ReadError, ReadTimeout or
RemoteProtocolError, and Forbidden where the guard said no. Redirects, cookies' sources and proxies of the environment
are not followed, and an answer is bounded; one that comes packed is unpacked only for who asked for gzip, and is
bounded by what it unpacks to. The extension `max_bytes` of a request asks for less than the client's own.
"""

from __future__ import annotations

import asyncio
import zlib
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
_OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})  # the body is plain by now


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
        """As long as nothing can have left us, what is slow is given more time, and each address of a name is tried."""
        body, url = await request.aread(), str(request.url)
        way = await self._way(url, request)
        for _ in range(1 + 2 * len(way.others)):
            try:
                return await self._exchange(way, request, Letter(body, still.get()))
            except (httpx.ConnectError, httpx.ConnectTimeout) as death:
                if not self._goes_on(way, death):
                    raise
            way = await self._way(url, request)
        return await self._exchange(way, request, Letter(body, still.get()))

    async def _way(self, url: str, request: httpx.Request) -> Way:
        try:
            return await self._ways.find(url)
        except Refused as refusal:
            raise Forbidden(refusal.reason, request=request) from None
        except OSError as death:
            raise httpx.ConnectError("dns", request=request) from death

    def _goes_on(self, way: Way, death: httpx.TransportError) -> bool:
        """Whether there is more to try: more time, then the next address. Not where TLS said no."""
        if isinstance(death, httpx.ConnectTimeout) and self._ways.wait_longer(way):
            return True
        return str(death) != "tls" and self._ways.turn(way)

    async def _exchange(self, way: Way, request: httpx.Request, letter: Letter) -> httpx.Response:
        try:
            async with self._asked(way, request, letter) as answer:
                body = await self._whole(answer, request)
        except (Stopped, PyreqwestError) as death:
            if letter.stopped:
                raise Forbidden(STOPPED, request=request) from None
            raise _named(death, letter, request) from death
        except asyncio.CancelledError:
            letter.withdraw()
            raise
        headers = [(name, value) for name, value in answer.headers.items() if name.lower() not in _OF_THE_WIRE]
        return httpx.Response(answer.status, headers=headers, content=body, request=request)

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

    async def _whole(self, answer: Response, request: httpx.Request) -> bytes:
        most = min(self._max_bytes, request.extensions.get("max_bytes", self._max_bytes))
        unpacker = _unpacker(answer, request, most)
        parts: list[bytes] = []
        size = 0
        while (part := await answer.body_reader.read_chunk()) is not None:
            plain = unpacker.take(bytes(part)) if unpacker else bytes(part)
            size += len(plain)
            if size > most:
                raise TooLarge("too_large")
            parts.append(plain)
        if unpacker and not unpacker.is_whole:
            raise httpx.RemoteProtocolError("cut", request=request)
        return b"".join(parts)


class Unpacker:
    """One gzip stream (RFC 1952), of which no more than `most` bytes and one are ever unpacked: a bomb stays packed."""

    def __init__(self, most: int) -> None:
        self._inflate, self._left = zlib.decompressobj(wbits=31), most

    def take(self, part: bytes) -> bytes:
        """What this part unpacks to. TooLarge, or DecodingError for what is no gzip or goes on behind its end."""
        if not part:
            return b""
        try:
            plain = self._inflate.decompress(part, self._left + 1)
        except zlib.error:
            raise httpx.DecodingError("packed") from None
        self._left -= len(plain)
        if self._left < 0:
            raise TooLarge("too_large")
        if self._inflate.unused_data:
            raise httpx.DecodingError("packed")
        return plain

    @property
    def is_whole(self) -> bool:
        """Whether the stream came to its own end."""
        return self._inflate.eof


def _unpacker(answer: Response, request: httpx.Request, most: int) -> Unpacker | None:
    """What unpacks this answer; None for a plain one. DecodingError where it was not asked to be packed so."""
    packed = (answer.get_header("content-encoding") or "identity").strip().lower()
    if packed == "identity":
        return None
    if packed in {"gzip", "x-gzip"} and "gzip" in request.headers.get("accept-encoding", ""):
        return Unpacker(most)
    raise httpx.DecodingError("packed")


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
