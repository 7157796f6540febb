"""A proxy on the loopback address for programs that open their own connections: every target passes the guard.

A library with its own HTTP client and its own DNS cannot be given judged addresses; it can be told to go through here.
CONNECT for TLS; in a sandbox, whose receivers speak no TLS, plain requests too. The name is resolved here, judged, and
the judged address is connected to; a redirect is another target and is judged as well. Others on this machine lack the
password.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import secrets
from contextlib import suppress
from dataclasses import dataclass, field

import structlog
from yarl import URL

from notifiers.guard import HTTPS_PORTS, Guard, Mode, Refused

log = structlog.get_logger()

HOST = "127.0.0.1"
MAX_HEAD = 16_384
PATIENCE_S = 10.0
UNREACHED = "X-Lookout-Unreached"  # a header of the proxy's own answers: nothing went on from here
_USER = "lookout"


@dataclass(eq=False)
class GuardedProxy:
    """Listens from `open` to `close`; `url` is what a client is given, with the password."""

    guard: Guard
    url: str = field(default="", init=False, repr=False)
    _server: asyncio.Server | None = field(default=None, init=False)
    _password: str = field(default_factory=lambda: secrets.token_urlsafe(24), init=False, repr=False)

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, HOST, 0, limit=MAX_HEAD)
        self.url = f"http://{_USER}:{self._password}@{HOST}:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                head = await reader.readuntil(b"\r\n\r\n")
                far = await self._reach(head)
        except Refused as refusal:
            log.warning("outgoing_call_refused", reason=refusal.reason)
            await _answer(writer, "403 Forbidden")
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await _answer(writer, "502 Bad Gateway")
        else:
            await _join(reader, writer, *far)

    async def _reach(self, head: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, bytes, bytes]:
        """The far side connected, what to say to it first, and what to say to the client first."""
        line, _, rest = head.partition(b"\r\n")
        method, target, _version = line.decode("ascii").split(" ")
        if not self._knows(rest):
            raise Refused("proxy_password")
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
            far = await self._connect(host.strip("[]").lower(), int(port))
            return *far, b"", b"HTTP/1.1 200 OK\r\n\r\n"
        if self.guard.mode is not Mode.SANDBOX:
            raise Refused("not_https")
        url = URL(target, encoded=True)
        far = await self._connect(url.raw_host or "", url.port or 80)
        kept = b"\r\n".join(
            one for one in rest.split(b"\r\n") if not one.lower().startswith((b"proxy-", b"connection:"))
        )
        first = f"{method} {url.raw_path_qs} HTTP/1.1\r\nConnection: close\r\n".encode()
        return *far, first + kept, b""

    async def _connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        last = OSError("no address")
        for address in await self.guard.pin(host, port, ports=HTTPS_PORTS):
            try:
                return await asyncio.open_connection(address, port)
            except OSError as failed:
                last = failed
        raise last

    def _knows(self, headers: bytes) -> bool:
        good = b"basic " + base64.b64encode(f"{_USER}:{self._password}".encode())
        said = (
            one.partition(b":")[2].strip() for one in headers.split(b"\r\n") if one.lower().startswith(b"proxy-auth")
        )
        return any(hmac.compare_digest(one[:6].lower() + one[6:], good) for one in said)


async def _join(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    far_reader: asyncio.StreamReader,
    far_writer: asyncio.StreamWriter,
    first: bytes,
    welcome: bytes,
) -> None:
    far_writer.write(first)
    writer.write(welcome)
    there, back = (asyncio.create_task(_pass(*way)) for way in ((reader, far_writer), (far_reader, writer)))
    try:
        await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (there, back):
            task.cancel()
        await asyncio.gather(there, back, return_exceptions=True)
        for one in (writer, far_writer):
            one.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()


async def _answer(writer: asyncio.StreamWriter, status: str) -> None:
    with suppress(OSError):
        writer.write(f"HTTP/1.1 {status}\r\n{UNREACHED}: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
    writer.close()
