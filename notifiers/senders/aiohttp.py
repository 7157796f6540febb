"""Sender over aiohttp: kept-alive connections, judged and pinned addresses. The fallback: pure Python can be read."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping

import aiohttp
import structlog
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_reqrep import ClientRequest

from notifiers.guard import HTTPS_PORTS, Guard, Refused
from notifiers.sender import GUARDED, MAX_ANSWER, STOPPED, Answer, Failure, Limits
from notifiers.still import still

log = structlog.get_logger()

_FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}


class _Stopped(Exception):
    """The answer to `still` was no."""


class _Asking(ClientRequest):
    """A request that asks once more when its connection stands, before it writes anything."""

    async def send(self, conn: aiohttp.connector.Connection) -> aiohttp.ClientResponse:
        if not still.get()():
            raise _Stopped
        return await super().send(conn)


class AiohttpSender:
    """See Sender. HTTP/1.1 only."""

    def __init__(self, guard: Guard, limits: Limits) -> None:
        self._guard = guard
        self._limits = limits
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
        except _Stopped:
            return STOPPED
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
                limit=0,
                limit_per_host=self._limits.per_origin,
                ttl_dns_cache=60,
                keepalive_timeout=self._limits.idle_s,
                ssl=_trusting(self._limits.trust),
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
                request_class=_Asking,
            )
        return self._session

    def _timeout(self, timeout_s: float) -> aiohttp.ClientTimeout:
        if timeout_s not in self._timeouts:
            wait_s = self._limits.connect_timeout_s
            # `total` starts with the wait for a connection; it must not end that wait, or a send that never
            # started would count as in doubt. The answer itself has `timeout_s`, however it drips.
            self._timeouts[timeout_s] = aiohttp.ClientTimeout(
                total=wait_s + timeout_s, connect=wait_s, sock_read=timeout_s
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
        addresses = await self._guard.pin(host.lower(), port, ports=HTTPS_PORTS)
        return [_result(host, address, port) for address in addresses]

    async def close(self) -> None:
        """Nothing is held."""


def _trusting(authorities: bytes) -> ssl.SSLContext | bool:
    if not authorities:
        return True
    context = ssl.create_default_context()
    context.load_verify_locations(cadata=authorities.decode())
    return context


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
