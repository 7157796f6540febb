"""Sender over pyreqwest (reqwest and hyper in Rust): HTTP/1.1, and HTTP/2 where a receiver offers it over TLS.

A body is handed over by a generator, which hyper asks for it when the request is next to be written on a connection
that stands; it asks `still`, and it notes that it was asked. So it is known, not guessed, whether anything may have
left. It also cannot be given twice: reqwest and hyper repeat requests by themselves, and this one they cannot.
That costs a third of the rate. Where a connection surely stands idle (HTTP/1.1, free since a moment), `still` is asked
here, the bytes are handed over as they are, and hyper writes them at once; it repeats only what it never began to write.
Should that connection be gone, another is made, unasked, and QUICK_S is all the time there is for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import lru_cache

import structlog
from pyreqwest.exceptions import PoolTimeoutError, PyreqwestError, RequestTimeoutError
from pyreqwest.http import HeaderMap
from pyreqwest.request import StreamRequest
from pyreqwest.response import Response

from notifiers.guard import Guard, Refused
from notifiers.sender import GUARDED, MAX_ANSWER, STOPPED, Answer, Failure, Limits
from notifiers.senders.pinned import Way, Ways
from notifiers.still import Still, still

log = structlog.get_logger()


class Stopped(Exception):
    """The answer to `still` was no."""


class Letter:
    """The body of one request. `given`: it was handed over to be written at once; until then nothing of it has left.

    The library goes on with a cancelled request until its time is up; `withdraw` sees to it that it never starts.
    """

    __slots__ = ("_still", "body", "given", "stopped")

    def __init__(self, body: bytes, may: Still) -> None:
        self.body, self._still = body, may
        self.given = self.stopped = False

    def withdraw(self) -> None:
        self._still = _never

    def give(self) -> bytes:
        """The body, to be written now. Raises Stopped where it may not leave any more."""
        if not self._still():
            self.stopped = True  # over HTTP/2 the exception itself is lost
            raise Stopped
        self.given = True
        return self.body

    def pages(self) -> Iterator[bytes]:
        """Runs on the library's thread, when the connection stands."""
        yield self.give()


def _never() -> bool:
    return False


class ReqwestSender:
    """See Sender."""

    def __init__(self, guard: Guard, limits: Limits) -> None:
        self._ways = Ways(guard, limits)
        self._connect_timeout_s = limits.connect_timeout_s

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Answer | Failure:
        """See Sender.post."""
        # The time is counted from the wait for a connection on; it must not end that wait, or a send that never
        # started would count as in doubt. The answer itself has `timeout_s` at least.
        wait = _seconds(self._connect_timeout_s + timeout_s)
        try:
            way = self._ways.known(url) or await self._ways.find(url)
            for _ in range(2 + len(way.others)):
                letter = Letter(body, still.get())
                said = await _exchange(way, _request(way, url, headers, letter, wait), letter)
                late = said == LATE and self._ways.wait_longer(way)
                if not late and (said != REFUSED or not self._ways.turn(way)):
                    break
                way = await self._ways.find(url)
        except Stopped:
            return STOPPED
        except Refused as refusal:
            log.warning("outgoing_call_refused", reason=refusal.reason)
            return GUARDED
        except OSError:
            return Failure("dns", sent=False)
        except ValueError:  # it would not even be written: a header with a line end
            return GUARDED
        return said

    async def close(self) -> None:
        """See Sender.close."""
        await self._ways.close()


def _request(way: Way, url: str, headers: Mapping[str, str], letter: Letter, wait: timedelta) -> StreamRequest:
    written = _written(tuple(headers.items()))
    request = way.client.post(url).headers(written).timeout(wait).streamed_read_buffer_limit(0)
    if letter.body and way.takes_at_once():
        return request.body_bytes(letter.give()).build_streamed()
    if letter.body:  # without it an empty body is asked for as well, and goes out in chunks
        request = request.header("Content-Length", str(len(letter.body)))
    return request.body_stream(letter.pages()).build_streamed()


async def _exchange(way: Way, request: StreamRequest, letter: Letter) -> Answer | Failure:
    try:
        response = await request.__aenter__()
        if response.get_header("content-length") == "0":  # the usual one: with nothing to read it ends by itself
            way.answered(response)
            return Answer(response.status, response.headers)
        try:
            return Answer(response.status, response.headers, await _bounded(response))
        finally:
            await request.__aexit__(None, None, None)
    except asyncio.CancelledError:
        letter.withdraw()
        raise
    except (Stopped, PyreqwestError, OSError) as death:
        way.doubted()
        return STOPPED if letter.stopped else failure_of(death, given=letter.given and not unconnected(death))


async def _bounded(response: Response) -> bytes:
    """Up to MAX_ANSWER bytes of the body. The status line was the answer: a body cut short takes nothing back."""
    parts: list[bytes] = []
    left = MAX_ANSWER
    try:
        while left > 0 and (part := await response.body_reader.read_chunk()) is not None:
            parts.append(bytes(part)[:left])
            left -= len(part)
    except (PyreqwestError, OSError):
        pass
    return b"".join(parts)


REFUSED = Failure("connect", sent=False)
LATE = Failure("connect_timeout", sent=False)
_TLS = ("certificate", "tls", "handshake", "corrupt message", "fatal alert", "peer")
_NO_HTTP = ("invalid http", "parsed", "too large", "http2 error", "protocol error")


def failure_of(death: BaseException, *, given: bool) -> Failure:
    """The word for what pyreqwest raised. `given`: the body had been asked for, so what follows is in doubt."""
    late = isinstance(death, (RequestTimeoutError, TimeoutError))
    said = causes_of(death)
    if given:
        cut = any(word in said for word in _NO_HTTP)
        return Failure("timeout" if late else "cut" if cut else "reset", sent=True)
    if late:
        return LATE
    return Failure("tls", sent=False) if any(word in said for word in _TLS) else REFUSED


def unconnected(death: BaseException) -> bool:
    """Whether the library says that it was still waiting for a connection or making one."""
    return isinstance(death, PoolTimeoutError) or "client error (connect)" in causes_of(death)


def causes_of(death: BaseException) -> str:
    """What the library says of it, in lower case, without the first sentence: that one holds the URL."""
    causes = getattr(death, "details", {}).get("causes") or []
    return " ".join(cause["message"] for cause in causes[1:]).lower()


@lru_cache(maxsize=64)
def _written(headers: tuple[tuple[str, str], ...]) -> HeaderMap:
    """As the library keeps them: read once, where all pushes of a second to an origin share theirs. ValueError."""
    return HeaderMap(headers)


@lru_cache(maxsize=64)
def _seconds(value: float) -> timedelta:
    return timedelta(seconds=value)
