"""The HTTP hot path: one guarded POST, and a plain word for each way it can die. The clients are in `senders`.

What matters of a death is whether the request may have reached the receiver: before the connection stands nothing
left us (`sent=False`, safe to repeat for every channel); from the first written byte on it may have been taken
(`sent=True`, in doubt). Limits that cannot be argued with: no redirects, no repeats, a bounded answer, time-outs on
each phase. Just before the first byte the client asks `still`; if not, the failure is STOPPED.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from notifiers import still

MAX_ANSWER = 4096  # bytes of an answer's body that are read at most
CONNECT_TIMEOUT_S = 5.0  # for a free connection, the name and the handshakes
PER_ORIGIN = 64  # requests under way to one origin
IDLE_S = 30.0  # how long a connection is kept that nobody uses


class HttpClient(StrEnum):
    """What carries the requests. pyreqwest is the faster one, aiohttp the fallback."""

    PYREQWEST = "pyreqwest"
    AIOHTTP = "aiohttp"


class Answer(NamedTuple):
    """The receiver answered. `headers` is case-insensitive; `body` is at most MAX_ANSWER bytes and may be cut."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    def __repr__(self) -> str:
        return f"Answer({self.status})"  # what receivers write is nobody's business in a log


@dataclass(frozen=True, slots=True)
class Failure:
    """No answer came. `sent` tells whether the request may have reached the receiver; `guarded` that we forbade it.

    kinds: "connect", "connect_timeout", "dns", "tls", "stopped" (nothing left us); "timeout", "reset", "cut" (in
    doubt); "guard".
    """

    kind: str
    sent: bool
    guarded: bool = False


GUARDED = Failure("guard", sent=False, guarded=True)
STOPPED = Failure(still.STOPPED, sent=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one sender may use. `trust`: PEM of certification authorities beside the system's own (tests)."""

    per_origin: int = PER_ORIGIN
    connect_timeout_s: float = CONNECT_TIMEOUT_S
    idle_s: float = IDLE_S
    trust: bytes = b""


class Sender(Protocol):
    """What a channel needs of HTTP: small enough that a double is trivial."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Answer | Failure:
        """POST `body` and wait for the answer at most `timeout_s`. Never raises but CancelledError."""

    async def close(self) -> None:
        """Let go of all connections."""
