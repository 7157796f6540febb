"""A real Mosquitto on a port of its own, and a wire in front of it that can be told to misbehave."""

from __future__ import annotations

import asyncio
import getpass
import os
import shutil
import socket
import subprocess
from contextlib import suppress

import pytest

HOST = "127.0.0.1"


def mosquitto_path():
    """Skips where there is none; with CI=true that is a failure."""
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
    if found is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(
            "mosquitto is not installed (.ci/install-system)"
        )
    return found


def free_port():
    with socket.socket() as one:
        one.bind((HOST, 0))
        return one.getsockname()[1]


class Mosquitto:
    def __init__(self, directory, *lines):
        self.port = free_port()
        config = directory / "mosquitto.conf"
        config.write_text(
            "\n".join(
                [
                    f"listener {self.port} {HOST}",
                    "persistence false",
                    "log_dest none",
                    f"user {getpass.getuser()}",
                    *lines,
                ]
            )
            + "\n"
        )
        self.process = subprocess.Popen(
            [mosquitto_path(), "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    async def listening(self):
        async with asyncio.timeout(10):
            while True:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection(HOST, self.port)
                    writer.close()
                    return
                await asyncio.sleep(0.02)

    def stop(self):
        self.process.terminate()
        self.process.wait(5)


class Wire:
    """Passes bytes on. `mute`: the broker's answers to what is published are lost. `snap`: the connection breaks when
    something is published. `puback`, `connack`: the reason code that takes the place of the broker's. `old`: knows MQTT
    3.1.1 alone, and says so as brokers of that time do. `breaks_after`: so
    many confirmations pass, and then the connection breaks.
    """

    def __init__(self, port):
        self._to = port
        self.mute = self.snap = False
        self.puback = self.connack = 0
        self.old = False
        self.breaks_after = None
        self._tasks = set()

    async def open(self):
        self._server = await asyncio.start_server(self._serve, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self):
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader, writer):
        if self.connack:
            await reader.read(1024)
            writer.write(bytes((0x20, 3, 0, self.connack, 0)))
            await writer.drain()
            writer.close()
            return
        first = await reader.read(1024) if self.old else b""
        if first and first[8] > 4:  # the protocol's number in CONNECT
            writer.write(bytes((0x20, 2, 0, 1)))
            await writer.drain()
            writer.close()
            return
        broker_reader, broker_writer = await asyncio.open_connection(HOST, self._to)
        broker_writer.write(first)
        both = (self._pass(reader, broker_writer, writer), self._back(broker_reader, writer))
        for one in both:
            task = asyncio.create_task(one)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(self, reader, writer, back):
        with suppress(OSError):
            while data := await reader.read(65_536):
                if self.snap and data[0] >> 4 == 3:
                    back.transport.abort()
                    break
                writer.write(data)
        writer.close()

    async def _back(self, reader, writer):
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readexactly(2)
                body = await reader.readexactly(await self._rest(reader, head[1]) if head[1] > 127 else head[1])
                if head[0] == 0x40 and (self.mute or self.puback):
                    if not self.mute:
                        writer.write(bytes((0x40, 3, *body[:2], self.puback)))
                    continue
                if head[0] == 0x40 and self.breaks_after is not None:
                    self.breaks_after -= 1
                    if self.breaks_after < 0:
                        writer.transport.abort()
                        break
                size = len(body)
                written = bytes((size,)) if size < 128 else bytes((size % 128 | 128, size // 128))
                writer.write(head[:1] + written + body)
        writer.close()

    async def _rest(self, reader, low):
        return (low & 127) + 128 * (await reader.readexactly(1))[0]
