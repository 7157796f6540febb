"""Talking SMTP to our relay (RFC 5321): a few kept connections, one envelope at a time, and what each reply means.

Which command a reply answers decides who is at fault: a refused MAIL is about us, a refused RCPT about the mailbox, a
refused DATA about this message. A connection that dies before DATA took nothing; from DATA on it is in doubt.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from enum import StrEnum

import structlog
from aiosmtplib import (
    SMTP,
    SMTPConnectError,
    SMTPException,
    SMTPResponseException,
)

from notifiers.guard import SMTP_PORTS, Guard, Refused
from notifiers.model import Outcome, Result
from notifiers.outcome import of_failure, of_smtp
from notifiers.still import STOPPED, still

log = structlog.get_logger()

IDLE_S = 30.0  # a relay closes what is silent for longer; opening anew is cheap
_ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")


class Tls(StrEnum):
    """How the way to the relay is closed to others. NONE is for the sandbox's own server."""

    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


@dataclass(frozen=True, slots=True)
class Relay:
    """The mail server that takes our mail and carries it on (and signs it with DKIM)."""

    host: str
    port: int
    tls: Tls = Tls.STARTTLS
    username: str | None = None
    password: str | None = field(default=None, repr=False)


class SmtpPool:
    """At most `size` connections to one relay, opened when needed and kept while they are used."""

    def __init__(self, relay: Relay, guard: Guard, *, hello: str, size: int = 8, timeout_s: float = 20.0) -> None:
        self._relay, self._guard, self._hello = relay, guard, hello
        self._timeout_s = timeout_s
        self._turns = asyncio.Semaphore(size)
        self._idle: list[tuple[float, SMTP]] = []

    async def deliver(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """Hand one message over. A kept connection that died while idle is replaced once, nothing having left."""
        async with self._turns:
            kept = self._kept()
            if kept is not None and (outcome := await self._offer(kept, sender, recipient, message)):
                return outcome
            opened = await self._open()
            if isinstance(opened, Outcome):
                return opened
            outcome = await self._offer(opened, sender, recipient, message)
            return outcome or Outcome(Result.UNSENT, "disconnected")

    async def close(self) -> None:
        """Say QUIT on what is idle."""
        while self._idle:
            _, client = self._idle.pop()
            try:
                await client.quit(timeout=1)
            except (SMTPException, OSError):
                client.close()

    def _kept(self) -> SMTP | None:
        while self._idle:
            since, client = self._idle.pop()
            if client.is_connected and time.monotonic() - since < IDLE_S:
                return client
            client.close()
        return None

    async def _offer(self, client: SMTP, sender: str, recipient: str, message: bytes) -> Outcome | None:
        """One envelope. None when the connection was gone before DATA: nothing was handed over."""
        try:
            outcome = await _envelope(client, sender, recipient, message)
            if outcome is not None and outcome.result is not Result.SENT and client.is_connected:
                await client.rset()
        except (SMTPException, OSError):  # not even RSET works here
            client.close()
        except BaseException:  # cancelled in the middle: the next one must not find our half-said sentence
            client.close()
            raise
        if client.is_connected:
            self._idle.append((time.monotonic(), client))
        return outcome

    async def _open(self) -> SMTP | Outcome:
        """A connection that is greeted, encrypted and logged in, or what to say of every message instead."""
        try:
            connected = await self._connect_socket()
            client = self._client(connected)
            await client.connect()
        except Refused as refusal:
            log.warning("outgoing_call_refused", reason=refusal.reason)
            return of_failure("guard", sent=False, guarded=True)
        except SMTPResponseException as reply:
            login = of_smtp(reply.code, _enhanced(reply))
            return login if login.result is Result.OURS else Outcome(Result.UNSENT, f"greeting {reply.code}")
        except (SMTPException, OSError) as death:
            return of_failure(_death_of(death), sent=False)
        return client

    def _client(self, connected: socket.socket) -> SMTP:
        relay = self._relay
        return SMTP(
            hostname=relay.host,  # what the certificate must name; the connection itself is the judged address's
            sock=connected,
            use_tls=relay.tls is Tls.IMPLICIT,
            start_tls=relay.tls is Tls.STARTTLS,
            username=relay.username,
            password=relay.password,
            local_hostname=self._hello,
            timeout=self._timeout_s,
        )

    async def _connect_socket(self) -> socket.socket:
        """A TCP connection to the first judged address that takes one. Raises Refused or OSError."""
        last: OSError = ConnectionError("no address")
        for address in await self._guard.pin(self._relay.host, self._relay.port, ports=SMTP_PORTS):
            connected = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
            connected.setblocking(False)
            try:
                attempt = asyncio.get_running_loop().sock_connect(connected, (address, self._relay.port))
                await asyncio.wait_for(attempt, self._timeout_s)
            except OSError as failed:
                connected.close()
                last = failed
            except BaseException:
                connected.close()
                raise
            else:
                return connected
        raise last


async def _envelope(client: SMTP, sender: str, recipient: str, message: bytes) -> Outcome | None:
    """MAIL, RCPT, DATA. None where the connection broke before DATA."""
    try:
        refused = await _address(client, sender, recipient)
    except (SMTPException, OSError):
        client.close()
        return None
    return refused or await _hand_over(client, message)


async def _address(client: SMTP, sender: str, recipient: str) -> Outcome | None:
    """MAIL and RCPT. None where both were taken."""
    if not still.get()():  # it may have waited long for its turn and its connection
        return Outcome(Result.UNSENT, STOPPED)
    if refused := await _command(client.mail(sender)):
        return of_mail(refused.code)
    if refused := await _command(client.rcpt(recipient)):
        return of_smtp(refused.code, _enhanced(refused))
    return None


async def _hand_over(client: SMTP, message: bytes) -> Outcome:
    """DATA: from here on a death leaves it in doubt."""
    if not still.get()():
        return Outcome(Result.UNSENT, STOPPED)
    try:
        if refused := await _command(client.data(message)):
            return of_smtp(refused.code, _enhanced(refused))
    except (SMTPException, OSError) as death:
        client.close()
        return of_failure("timeout" if isinstance(death, TimeoutError) else "reset", sent=True)
    return Outcome(Result.SENT, "250")


async def _command(spoken: Awaitable[object]) -> SMTPResponseException | None:
    try:
        await spoken
    except SMTPResponseException as refused:
        return refused
    return None


def of_mail(code: int) -> Outcome:
    """Of a refused MAIL: for good means that this relay does not take mail from us, whoever it is for."""
    return of_smtp(code) if code < 500 else Outcome(Result.OURS, f"mail {code}")


def _enhanced(reply: SMTPResponseException) -> str:
    found = _ENHANCED.match(reply.message)
    return found.group(1) if found else ""


def _death_of(death: BaseException) -> str:
    cause = death.__cause__ if isinstance(death, SMTPConnectError) else death
    if isinstance(death, TimeoutError):
        return "connect_timeout"
    if isinstance(cause, ssl.SSLError):
        return "tls"
    if isinstance(death, socket.gaierror):
        return "dns"
    return "connect" if isinstance(death, OSError) else "tls"  # a bare SMTPException: STARTTLS is not offered
