"""The sandbox as one process: starts the receivers on the loopback address, says where they listen, stops cleanly."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop

from notifiers.sandbox.control import PATH as CONTROL_PATH
from notifiers.sandbox.control import Control
from notifiers.sandbox.counts import Counts
from notifiers.sandbox.faults import BadFault, Faults
from notifiers.sandbox.fcm_service import PATH as FCM_PATH
from notifiers.sandbox.fcm_service import FcmService
from notifiers.sandbox.http import Connection, Request
from notifiers.sandbox.keys import Keys, load_secret, sms_token
from notifiers.sandbox.push_service import PATH as PUSH_PATH
from notifiers.sandbox.push_service import PushService
from notifiers.sandbox.sms_gateway import PATH as SMS_PATH
from notifiers.sandbox.sms_gateway import SmsGateway
from notifiers.sandbox.smtp_server import Mailboxes, session_factory
from notifiers.sandbox.webhook_receiver import PATH as HOOK_PATH
from notifiers.sandbox.webhook_receiver import WebhookReceiver

HOST = "127.0.0.1"  # and no other: nothing outside this machine may reach it
BACKLOG = 1024
NOBODY = "nobody.invalid"


@dataclass(frozen=True)
class Sandbox:
    """Receivers that are listening. `push_urls` has one base URL for each push port: each is an origin of its own."""

    push_ports: tuple[int, ...]
    smtp_port: int
    keys: Keys
    counts: Counts
    faults: Faults

    @property
    def push_urls(self) -> tuple[str, ...]:
        """What `Keys.make_subscription` takes as base_url."""
        return tuple(f"http://{HOST}:{port}" for port in self.push_ports)

    @property
    def receivers(self) -> frozenset[tuple[str, int]]:
        """What the guard of a sandbox lets through: its own ports, and a name that has no address (RFC 6761)."""
        here = frozenset((HOST, port) for port in (*self.push_ports, self.smtp_port))
        return here | {(NOBODY, port) for port in self.push_ports}


@asynccontextmanager
async def listening(directory: Path, push_ports: Sequence[int] = (0,), smtp_port: int = 0) -> AsyncIterator[Sandbox]:
    """Receivers in the running loop, until the block ends. Port 0 takes a free one. OSError: a port is taken."""
    counts, faults = Counts(), Faults()
    keys = Keys(load_secret(directory))
    loop = asyncio.get_running_loop()
    push, gateway = PushService(keys, counts, faults), SmsGateway(sms_token(directory), counts, faults)
    router = _Router(
        {
            PUSH_PATH: push.handle,
            FCM_PATH: FcmService(counts, faults).handle,
            HOOK_PATH: WebhookReceiver(counts, faults).handle,
            SMS_PATH: gateway.handle,
            CONTROL_PATH: Control(counts, faults).handle,
        }
    )
    mailboxes = Mailboxes(counts, faults, "smtp")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(gateway.close)

        async def listen(protocol: Callable[[], asyncio.Protocol], port: int) -> int:
            server = await loop.create_server(protocol, HOST, port, backlog=BACKLOG)
            stack.callback(server.close)
            return int(server.sockets[0].getsockname()[1])

        doors = await _Doors.open(lambda: Connection(router, push.hasty), push_ports)
        stack.callback(doors.close)
        faults.refuse = doors.shut_only
        mail = await listen(lambda: session_factory(mailboxes), smtp_port)
        yield Sandbox(doors.ports, mail, keys, counts, faults)


class _Doors:
    """The push ports, each of which can be shut so that nobody connects, and opened again."""

    def __init__(self, protocol: Callable[[], asyncio.Protocol]) -> None:
        self._protocol = protocol
        self._servers: dict[int, asyncio.Server] = {}
        self._opening: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(cls, protocol: Callable[[], asyncio.Protocol], ports: Sequence[int]) -> _Doors:
        made = cls(protocol)
        for port in ports:
            await made._open(port)
        return made

    @property
    def ports(self) -> tuple[int, ...]:
        return tuple(self._servers)

    def shut_only(self, origins: frozenset[str]) -> None:
        """These are closed, all others open (at once, or in a moment). BadFault if none were left to be told by."""
        shut = {port for port in self._servers if f"{HOST}:{port}" in origins}
        if shut and len(shut) == len(self._servers):
            raise BadFault("one port must stay open")
        for port, server in self._servers.items():
            if port in shut:
                server.close()
            elif not server.is_serving():
                task = asyncio.get_running_loop().create_task(self._open(port))
                self._opening.add(task)
                task.add_done_callback(self._opening.discard)

    def close(self) -> None:
        for server in self._servers.values():
            server.close()

    async def _open(self, port: int) -> None:
        server = await asyncio.get_running_loop().create_server(self._protocol, HOST, port, backlog=BACKLOG)
        self._servers[int(server.sockets[0].getsockname()[1])] = server


class _Router:
    """Which part answers. A Host that is not ours is a web page that had its name pointed at us: refused."""

    def __init__(self, parts: Mapping[str, Callable[[Request, Connection], None]]) -> None:
        self._parts = parts

    def __call__(self, request: Request, connection: Connection) -> None:
        host = request.headers.get("host", "").partition(":")[0]
        if host not in {HOST, "localhost"}:
            connection.answer(421)
            return
        part = next((handle for path, handle in self._parts.items() if request.url.startswith(path)), None)
        if part is None:
            connection.answer(404)
        else:
            part(request, connection)


def run(
    directory: Path, push_ports: Sequence[int], smtp_port: int, *, with_parent: bool = False, quiet: bool = False
) -> None:
    """Serve until SIGTERM or SIGINT, or, if `with_parent`, until standard input ends: whoever held it is gone.

    Unless `quiet` it prints one line of JSON when it listens: {"push_urls": [...], "smtp_port": n, "pid": n}.
    """
    if with_parent:
        threading.Thread(target=_end_with_input, name="parent-watch", daemon=True).start()
    uvloop.run(_serve(directory, push_ports, smtp_port, quiet=quiet))


async def _serve(directory: Path, push_ports: Sequence[int], smtp_port: int, *, quiet: bool) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with listening(directory, push_ports, smtp_port) as sandbox:
        if not quiet:
            ready = {"push_urls": sandbox.push_urls, "smtp_port": sandbox.smtp_port, "pid": os.getpid()}
            sys.stdout.write(json.dumps(ready) + "\n")
            sys.stdout.flush()
        await stop.wait()


def _end_with_input() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
