"""A send that waits for its connection is asked once more when it stands: what was over meanwhile never leaves."""

import asyncio
import socket
import threading
from contextlib import suppress

import pytest

from notifiers.sender import STOPPED, Answer
from notifiers.still import still
from senders.receivers import CREATED, pem_of, post, receiver, sender_to, writes


class SlowHost:
    """Takes TCP connections at once and shakes hands when `open` is set; `read` is what then came over TLS."""

    def __init__(self, tls):
        self._tls = tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._serving = [threading.Thread(target=self._serve) for _ in range(3)]
        self.url = f"https://127.0.0.1:{self._listening.getsockname()[1]}/x"
        self.open, self.waiting = threading.Event(), threading.Semaphore(0)
        self.read = b""
        for thread in self._serving:
            thread.start()

    def _serve(self):
        with suppress(OSError):  # the client or the test is gone
            connected, _ = self._listening.accept()
            connected.settimeout(5)
            self.waiting.release()
            self.open.wait()
            with self._tls.wrap_socket(connected, server_side=True) as spoken:
                while part := spoken.recv(65536):
                    self.read += part
                    if part.endswith(b"body"):
                        spoken.sendall(CREATED)

    async def connected(self):
        """Until somebody waits for the handshake."""
        await asyncio.to_thread(self.waiting.acquire, timeout=5)

    def end(self):
        """All that ever came has been read."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self.open.set()
        for thread in self._serving:
            thread.join()
        self._listening.close()


@pytest.fixture
def slow(vouched):
    host = SlowHost(vouched)
    yield host
    host.end()


async def test_nothing_leaves_when_the_answer_is_no_by_the_time_the_connection_stands(client, slow, authority):
    allowed = True
    still.set(lambda: allowed)
    sender = sender_to(slow.url, client, trust=pem_of(authority))
    sending = [asyncio.create_task(sender.post(slow.url, {}, b"body", 2.0)) for _ in range(3)]
    await slow.connected()
    allowed = False
    slow.open.set()
    assert await asyncio.gather(*sending) == [STOPPED] * 3
    await sender.close()
    await asyncio.to_thread(slow.end)
    assert slow.read == b""


async def test_it_leaves_when_the_answer_is_still_yes(client, slow, authority):
    asked = []
    still.set(lambda: asked.append(1) or True)
    sender = sender_to(slow.url, client, trust=pem_of(authority))
    sending = asyncio.create_task(sender.post(slow.url, {}, b"body", 2.0))
    await slow.connected()
    assert asked == []  # not before the connection stands
    slow.open.set()
    assert isinstance(await sending, Answer)
    await sender.close()
    assert (len(asked), slow.read.endswith(b"\r\n\r\nbody")) == (1, True)


async def test_a_send_that_waits_for_a_free_connection_is_asked_when_it_has_one(client):
    release = asyncio.Event()

    async def behave(writer, number):
        await release.wait()
        writer.write(CREATED)

    async with receiver(behave) as (url, requests):
        sender = sender_to(url, client, per_origin=1)
        first = asyncio.create_task(sender.post(url, {}, b"1", 2.0))
        await asyncio.sleep(0.05)
        still.set(lambda: False)
        second = asyncio.create_task(sender.post(url, {}, b"2", 2.0))
        await asyncio.sleep(0.05)
        release.set()
        assert (await first).status == 201
        assert await second == STOPPED
        await sender.close()
    assert len(requests) == 1


async def test_nothing_of_a_kept_connection_s_request_leaves_either(client):
    seen = bytearray()

    async def serve(reader, writer):
        while part := await reader.read(65536):
            seen.extend(part)
            writer.write(CREATED)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"
    sender = sender_to(url, client)
    assert (await sender.post(url, {}, b"first", 1.0)).status == 201
    still.set(lambda: False)
    assert await sender.post(url, {}, b"second", 1.0) == STOPPED
    await sender.close()
    server.close()
    assert seen.count(b"POST") == 1


async def test_what_was_cancelled_while_it_waited_never_leaves(client, slow, authority):
    sender = sender_to(slow.url, client, trust=pem_of(authority))
    sending = asyncio.create_task(sender.post(slow.url, {}, b"body", 2.0))
    await slow.connected()
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    slow.open.set()
    await asyncio.sleep(0.2)  # as long as a request takes here, many times over
    await sender.close()
    await asyncio.to_thread(slow.end)
    assert slow.read == b""


async def test_without_a_question_everything_may_leave(client):
    async with receiver(writes(CREATED)) as (url, requests):
        assert (await post(url, client)).status == 201
    assert len(requests) == 1
