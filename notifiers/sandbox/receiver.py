"""What the sandbox's HTTP receivers have in common: told to fail, or taken and counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from notifiers.sandbox.counts import Counts
from notifiers.sandbox.faults import Fault, Faults
from notifiers.sandbox.http import Connection, Request

JSON = "Content-Type: application/json\r\n"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; `headers` are lines that end in CR LF."""

    status: int
    headers: str = ""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Counts what it answers under `channel`. `failing` writes the answer of a fault that names a status."""

    channel: str
    counts: Counts
    faults: Faults
    failing: Callable[[Fault], Reply]

    def handle(self, who: str, request: Request, connection: Connection, take: Callable[[], Reply]) -> None:
        """One request to `who`: `take` checks and counts it, and is called only if the fault takes the message."""
        fault = self.faults.pick(self.channel, request.headers.get("host", ""), who)
        if fault is None:
            self._respond(take(), connection)
        elif fault.kind == "status":
            self._respond(self.failing(fault), connection)
        elif fault.kind == "reset":
            self._count("reset")
            connection.reset()
        else:
            self._after_taking(fault, take(), connection)

    def _after_taking(self, fault: Fault, reply: Reply, connection: Connection) -> None:
        if fault.kind == "slow":
            connection.later(fault.seconds, lambda: self._respond(reply, connection))
            return
        self._count(fault.kind)
        if fault.kind == "cut":
            connection.cut()

    def _respond(self, reply: Reply, connection: Connection) -> None:
        self._count(str(reply.status))
        connection.answer(reply.status, reply.headers, reply.body)

    def _count(self, answer: str) -> None:
        self.counts.answered[self.channel][answer] += 1


def retry_after(fault: Fault) -> str:
    """The header's line, if the fault names one."""
    return f"Retry-After: {fault.retry_after_s}\r\n" if fault.retry_after_s is not None else ""
