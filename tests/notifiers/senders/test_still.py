"""A send that waits for its connection is asked once more when it stands: what was over meanwhile never leaves."""

import asyncio

import pytest

from notifiers.clock import awake_s
from notifiers.sender import STOPPED, Answer
from notifiers.senders import pinned
from notifiers.still import still
from senders.receivers import CREATED, SlowHost, pem_of, post, receiver, sender_to, writes


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


async def test_two_sends_and_one_idle_connection_the_second_is_asked_when_its_own_stands(slow, authority):
    asked = []
    slow.open.set()
    sender = sender_to(slow.url, trust=pem_of(authority))
    assert isinstance(await sender.post(slow.url, {}, b"body", 2.0), Answer)
    slow.open.clear()
    first = asyncio.create_task(sender.post(slow.url, {}, b"body", 2.0))
    still.set(lambda: asked.append(1))  # of the second alone: None is no
    second = asyncio.create_task(sender.post(slow.url, {}, b"body", 2.0))
    await asyncio.sleep(0)  # both have begun: one has the connection, the other none
    slow.open.set()
    assert isinstance(await first, Answer)
    assert (await second, asked) == (STOPPED, [1])
    await sender.close()
    await asyncio.to_thread(slow.end)
    assert slow.read.count(b"POST ") == 2


async def test_a_connection_that_was_idle_for_long_is_not_relied_upon(slow, authority, monkeypatch):
    now_s = 1000.0
    monkeypatch.setattr(pinned, "awake_s", lambda: now_s)
    sender = sender_to(slow.url, trust=pem_of(authority))
    slow.open.set()
    assert isinstance(await sender.post(slow.url, {}, b"body", 2.0), Answer)
    way = sender._ways.known(slow.url)
    assert way.takes_at_once()
    way.free, now_s = 1, now_s + pinned.SURE_S
    assert not way.takes_at_once()
    await sender.close()


async def test_what_was_given_to_a_connection_that_is_gone_does_not_leave_after_a_cancel(slow, authority):
    allowed = True
    still.set(lambda: allowed)
    sender = sender_to(slow.url, trust=pem_of(authority))
    way = await sender._ways.find(slow.url)
    way.free, way.freed_s = 1, awake_s()  # as if the receiver had closed it since
    sending = asyncio.create_task(sender.post(slow.url, {}, b"body", 2.0))
    await slow.connected()
    allowed = False
    await asyncio.sleep(pinned.QUICK_S * 1.5)  # the connection was not made in time, and the next one asks
    slow.open.set()
    assert await sending == STOPPED
    await sender.close()
    await asyncio.to_thread(slow.end)
    assert slow.read == b""


async def test_a_receiver_that_is_slow_to_connect_is_given_the_time_it_needs(slow, authority):
    sender = sender_to(slow.url, trust=pem_of(authority))
    sending = asyncio.create_task(sender.post(slow.url, {}, b"body", 2.0))
    await asyncio.sleep(pinned.QUICK_S * 1.5)
    slow.open.set()
    assert isinstance(await sending, Answer)
    way = sender._ways.known(slow.url)
    assert way.patient
    assert not way.takes_at_once()
    await sender.close()
