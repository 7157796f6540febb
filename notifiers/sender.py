"""The HTTP hot path: one guarded POST, and a plain word for each way it can die.

What matters of a death is whether the request may have reached the receiver: before the connection stands nothing
left us (`sent=False`, safe to repeat for every channel); from the first written byte on it may have been taken
(`sent=True`, in doubt). Limits that cannot be argued with: no redirects, a bounded answer, time-outs on each phase.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import aiohttp
import structlog
from aiohttp.abc import AbstractResolver, ResolveResult

from notifiers.guard import HTTPS_PORTS, Guard, Refused

log = structlog.get_logger()

MAX_ANSWER = 4096  # bytes of an answer's body that are read at most
_FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}


@dataclass(frozen=True, slots=True)
class Answer:
    """The receiver answered. `headers` is case-insensitive; `body` is at most MAX_ANSWER bytes and may be cut."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Failure:
    """No answer came. `sent` tells whether the request may have reached the receiver; `guarded` that we forbade it.

    kinds: "connect", "connect_timeout", "dns", "tls" (nothing left us); "timeout", "reset", "cut" (in doubt); "guard".
    """

    kind: str
    sent: bool
    guarded: bool = False


GUARDED = Failure("guard", sent=False, guarded=True)


class Sender(Protocol):
    """What a channel needs of HTTP: small enough that a double is trivial."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Answer | Failure:
        """POST `body` and wait for the answer at most `timeout_s`. Never raises but CancelledError."""

    async def close(self) -> None:
        """Let go of all connections."""


class GuardedSender:
    """Sender over aiohttp: kept-alive connections, at most `per_origin` to one origin, addresses judged and pinned."""

    def __init__(self, guard: Guard, *, per_origin: int = 64, total: int = 256, connect_timeout_s: float = 5.0) -> None:
        self._guard = guard
        self._per_origin, self._total = per_origin, total
        self._connect_timeout_s = connect_timeout_s
        self._session: aiohttp.ClientSession | None = None
        self._timeouts: dict[float, aiohttp.ClientTimeout] = {}

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Answer | Failure:
        """See Sender.post."""
        try:
            target = self._guard.allow_url(url)
            async with self._open_session().post(
                target, data=body, headers=headers, allow_redirects=False, timeout=self._timeout(timeout_s)
            ) as response:
                return Answer(response.status, response.headers, await _bounded(response))
        except Refused as refusal:
            log.warning("outgoing_call_refused", reason=refusal.reason)
            return GUARDED
        except (aiohttp.ClientError, OSError, ValueError) as death:
            return failure_of(death)

    async def close(self) -> None:
        """See Sender.close."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:  # made late: a session belongs to the running loop
            connector = aiohttp.TCPConnector(
                resolver=_PinningResolver(self._guard),
                limit=self._total,
                limit_per_host=self._per_origin,
                ttl_dns_cache=60,
                keepalive_timeout=30,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,  # an answer is never unpacked: no bombs
                trust_env=False,
                raise_for_status=False,
                headers={"User-Agent": "lookout", "Accept": "*/*", "Accept-Encoding": "identity"},
                max_line_size=8190,
                max_field_size=8190,
            )
        return self._session

    def _timeout(self, timeout_s: float) -> aiohttp.ClientTimeout:
        if timeout_s not in self._timeouts:
            # `total` starts with the wait for a connection; it must not end that wait, or a send that never
            # started would count as in doubt. The answer itself has `timeout_s`, however it drips.
            self._timeouts[timeout_s] = aiohttp.ClientTimeout(
                total=self._connect_timeout_s + timeout_s, connect=self._connect_timeout_s, sock_read=timeout_s
            )
        return self._timeouts[timeout_s]


class _PinningResolver(AbstractResolver):
    """Gives aiohttp the guard's judged addresses; aiohttp keeps them for its DNS cache's minute."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        del family
        addresses = await self._guard.pin(host, port, ports=HTTPS_PORTS)
        return [_result(host, address, port) for address in addresses]

    async def close(self) -> None:
        """Nothing is held."""


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = _FAMILY[6 if ":" in address else 4]
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST)


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    """Up to MAX_ANSWER bytes of the body. The status line was the answer: a body cut short takes nothing back."""
    parts: list[bytes] = []
    left = MAX_ANSWER
    try:
        while left > 0 and (part := await response.content.read(left)):
            parts.append(part)
            left -= len(part)
    except (aiohttp.ClientError, OSError):
        response.close()
    if left <= 0:
        response.close()  # more may follow: the connection is not worth keeping
    return b"".join(parts)


_DEATHS: tuple[tuple[type[BaseException], Failure], ...] = (  # the first that fits; the unsent ones come first
    (aiohttp.ConnectionTimeoutError, Failure("connect_timeout", sent=False)),
    (aiohttp.ClientConnectorDNSError, Failure("dns", sent=False)),
    (aiohttp.ClientSSLError, Failure("tls", sent=False)),
    (aiohttp.ServerFingerprintMismatch, Failure("tls", sent=False)),
    (aiohttp.ClientConnectorError, Failure("connect", sent=False)),
    (aiohttp.InvalidURL, GUARDED),
    (TimeoutError, Failure("timeout", sent=True)),
    (aiohttp.ClientResponseError, Failure("cut", sent=True)),
    (aiohttp.ClientPayloadError, Failure("cut", sent=True)),
    (ValueError, GUARDED),  # aiohttp would not even write it: a header with a line end
)
_RESET = Failure("reset", sent=True)


def failure_of(death: BaseException) -> Failure:
    """The word for what aiohttp raised. Whatever is not known to come before the first byte is in doubt."""
    return next((word for kind, word in _DEATHS if isinstance(death, kind)), _RESET)
