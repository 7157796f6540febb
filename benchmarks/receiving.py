"""The push service of the benchmark: as little work a request as Python can, so that it is the sender that is measured.

A process of its own: `python -m benchmarks.receiving COUNT SHARE SEED`. It prints its port, answers 201 to every POST to
/<number>, and to a line on its standard input prints what it got as JSON. It counts every number, keeps a random share
of the bodies, and decrypts those when it is asked. A line of JSON tells it to misbehave: {"reset": 0.02, ...} are shares
of the requests, {"forget": true} begins anew. `cut` and `stall` take the message before they break, the others do not.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any, Self, cast

import numpy as np
import uvloop

from benchmarks.browsers import browser
from notifiers.channels.web_push_crypto import Undecryptable, decrypt

LATER = b"HTTP/1.1 %d Later\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"
TAKEN = ("cut", "stall")
CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
_LENGTH = b"\r\ncontent-length: "
MOMENTS_S = 0.1  # how finely it is known when how many had come


@dataclass(slots=True)
class Got:
    """What came: how often for each number, how many by moment, and some of the bodies."""

    seed: bytes
    counts: np.ndarray
    share: float
    first_at: float = 0.0
    last_at: float = 0.0
    received: int = 0
    kept: list[tuple[int, bytes]] = field(default_factory=list)
    topics: set[bytes] = field(default_factory=set)  # of what came to somebody more than once
    faults: dict[str, float] = field(default_factory=dict)
    _chance: random.Random = field(default_factory=random.Random)

    def fault(self) -> str:
        """What goes wrong with this request, by chance; nothing mostly."""
        chance = self._chance.random()
        for kind, share in self.faults.items():
            chance -= share
            if chance < 0:
                return kind
        return ""

    def forget(self) -> None:
        """Begins anew, with the same misbehaviour."""
        self.counts[:] = 0
        self.first_at = self.last_at = 0.0
        self.received = 0
        self.kept.clear()
        self.topics.clear()

    def take(self, number: int, body: bytes, head: bytes = b"") -> None:
        now = time.time()
        self.first_at = self.first_at or now
        self.last_at = now
        self.received += 1
        self.counts[number] += 1
        if head and self.counts[number] > 1:
            self.topics.add(head.lower().partition(b"\r\ntopic: ")[2].partition(b"\r\n")[0])
        if self._chance.random() < self.share:
            self.kept.append((number, body))

    def said(self) -> dict[str, Any]:
        """Decrypts what it kept."""
        return {
            "received": self.received,
            "numbers": int((self.counts > 0).sum()),
            "repeated": int(np.maximum(self.counts.astype(np.int64) - 1, 0).sum()),
            "again": np.flatnonzero(self.counts > 1).tolist(),
            "topics": len(self.topics),
            "first_at": self.first_at,
            "last_at": self.last_at,
            "kept": len(self.kept),
            "decrypted": sum(self._readable(number, body) for number, body in self.kept),
            "bytes": sum(len(body) for _, body in self.kept) // max(1, len(self.kept)),
        }

    def _readable(self, number: int, body: bytes) -> bool:
        one = browser(self.seed, number)
        try:
            return bool(json.loads(decrypt(body, one.key, one.auth))["title"])
        except (Undecryptable, ValueError, KeyError):
            return False


class Connection(asyncio.Protocol):
    """Requests with a Content-Length, one after the other, in whatever pieces they come."""

    def __init__(self, got: Got) -> None:
        self._got = got
        self._left = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        data = self._left + data if self._left else data
        while True:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                break
            head = data[: end + 2]
            at = head.lower().index(_LENGTH) + len(_LENGTH)
            whole = end + 4 + int(head[at : head.index(b"\r\n", at)])
            if len(data) < whole:
                break
            fault = self._got.fault() if self._got.faults else ""
            if not fault or fault in TAKEN:
                self._got.take(int(head[6 : head.index(b" ", 6)]), data[end + 4 : whole], head)
            data = data[whole:]
            self._answer(fault)
        self._left = data

    def _answer(self, fault: str) -> None:
        assert self._transport is not None
        if not fault:
            self._transport.write(CREATED)
        elif fault.isdigit():
            self._transport.write(LATER % int(fault))
        elif fault == "cut":
            self._transport.write(CREATED[:11])
            self._transport.close()
        elif fault == "reset":
            self._transport.abort()


class Receiver:
    """The process, from outside."""

    def __init__(self, count: int, share: float, seed: bytes) -> None:
        command = [sys.executable, "-m", "benchmarks.receiving", str(count), str(share), seed.hex()]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self._line())
        self.pid = self._process.pid

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self) -> dict[str, Any]:
        return self._say("")

    def misbehave(self, **told: Any) -> dict[str, Any]:
        """From now on these shares of the requests go wrong, and no others; answers how many were received."""
        return self._say(json.dumps(told))

    def count(self) -> int:
        """How many were received so far."""
        return int(self._say('{"count": true}')["received"])

    def _say(self, words: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{words}\n")
        self._process.stdin.flush()
        return dict(json.loads(self._line()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


async def _serve(got: Got) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(got), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    over = asyncio.Event()
    loop.add_reader(sys.stdin, lambda: _heard(got, over))
    await over.wait()


def _heard(got: Got, over: asyncio.Event) -> None:
    words = sys.stdin.readline()
    if not words:
        over.set()
        return
    answer = _told(got, json.loads(words)) if words.strip() else got.said()
    print(json.dumps(answer), flush=True)


def _told(got: Got, told: dict[str, Any]) -> dict[str, Any]:
    if told.pop("count", None) is None:
        if told.pop("forget", None):
            got.forget()
        got.faults = told
    return {"received": got.received}


def main() -> None:
    count, share, seed = sys.argv[1:]
    uvloop.run(_serve(Got(bytes.fromhex(seed), np.zeros(int(count), np.uint16), float(share))))


if __name__ == "__main__":
    main()
