"""The source of a feed on a real socket: it answers what it is told to, and keeps what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx

from notifiers.fetching import make_client
from notifiers.guard import Guard, Mode
from notifiers.sender import Limits

Answer = bytes | Callable[[str], bytes]


def answer(status: str, body: bytes = b"", **headers: str) -> bytes:
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join([f"HTTP/1.1 {status}", *lines, f"Content-Length: {len(body)}", "", ""])
    return head.encode() + body


@dataclass
class Source:
    """`answers` by path; a callable gets the head of the request. None: it stalls."""

    answers: dict[str, Answer | None]
    url: str = ""
    heads: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
                await self._answer(reader, writer)
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            self.heads.append(head)
            told = self.answers[head.split(" ")[1]]
            if told is None:
                await reader.read()  # until the client goes
                return
            writer.write(told if isinstance(told, bytes) else told(head))
            await writer.drain()


@asynccontextmanager
async def source(answers: dict[str, Answer | None]) -> AsyncIterator[tuple[Source, httpx.AsyncClient]]:
    """The source, and a client whose guard knows it and nothing else."""
    made = Source(answers)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    made.url = f"http://127.0.0.1:{port}"
    guard = Guard(Mode.SANDBOX, frozenset({("127.0.0.1", port)}))
    try:
        async with make_client(guard, limits=Limits()) as client:
            yield made, client
    finally:
        server.close()
