"""Streams of the inbox on a real server: cut and resumed they lose and repeat nothing, and silence costs no query."""

from __future__ import annotations

import asyncio
import itertools
import random
import socket
import threading
import time
from contextlib import closing, contextmanager

import httpx
import pytest
import uvicorn
from cast import DENVER
from sqlalchemy import event, insert, select

from alerts.api import inbox as routes
from notifiers.tables import inbox, notice
from notifiers.transactions import reading, writing

STREAMS = 200
_serials = itertools.count(1000)


@pytest.fixture
def server(app):
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1)
        running = uvicorn.Server(config)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        yield listener.getsockname()
        running.should_exit = True
        thread.join(10)


@pytest.fixture
def alert(in_force):
    return in_force()


def arrive(house, recipients):
    """An item in the inbox of each, as the channel writes it, in one commit."""
    with writing(house.services.engine) as connection:
        notice_id = connection.scalar(select(notice.c.id))
        rows = [
            {
                "recipient_id": one,
                "subscription_id": next(_serials),
                "notice_id": notice_id,
                "arrived_at": house.clock(),
            }
            for one in recipients
        ]
        connection.execute(insert(inbox), rows)


def ids_of(house, recipient_id):
    with reading(house.services.engine) as connection:
        return list(connection.scalars(select(inbox.c.id).where(inbox.c.recipient_id == recipient_id)))


def bearer(one):
    return {"Authorization": f"Bearer {one.public_id}.{one.token}"}


def test_cut_again_and_again_a_reader_gets_each_item_once_and_in_order(server, house, alert):
    me, other = house.enrol([DENVER] * 2)
    url, chance, got = f"http://127.0.0.1:{server[1]}/v1/inbox/events", random.Random(1), []
    writing_on = threading.Thread(target=lambda: [write(house, me, other) for _ in range(60)])
    writing_on.start()
    while len(got) < 60:
        after = {"Last-Event-ID": str(got[-1])} if got else {}
        with httpx.stream("GET", url, headers=bearer(me) | after, timeout=20) as answer:
            told = (int(line[4:]) for line in answer.iter_lines() if line.startswith("id: "))
            got += itertools.islice(told, min(chance.randrange(1, 9), 60 - len(got)))
    writing_on.join()
    assert got == ids_of(house, me.recipient_id)


def write(house, me, other):
    arrive(house, [me.recipient_id, other.recipient_id])
    time.sleep(0.02)


def test_a_thousand_items_at_once_are_all_told(server, house, alert):
    [me] = house.enrol([DENVER])
    arrive(house, [me.recipient_id] * 1000)
    with httpx.stream("GET", f"http://127.0.0.1:{server[1]}/v1/inbox/events", headers=bearer(me), timeout=20) as answer:
        told = (int(line[4:]) for line in answer.iter_lines() if line.startswith("id: "))
        assert list(itertools.islice(told, 1000)) == ids_of(house, me.recipient_id)


def test_a_silent_stream_shows_that_it_lives(server, house, alert, monkeypatch):
    monkeypatch.setattr(routes, "KEEP_ALIVE_S", 0.05)
    [me] = house.enrol([DENVER])
    with httpx.stream("GET", f"http://127.0.0.1:{server[1]}/v1/inbox/events", headers=bearer(me), timeout=5) as answer:
        beats = (line for line in answer.iter_lines() if line == ": still here")
        assert len(list(itertools.islice(beats, 4))) == 4


def test_nobody_opens_streams_without_end(server, house, alert):
    [me] = house.enrol([DENVER])
    with httpx.Client(base_url=f"http://127.0.0.1:{server[1]}", headers=bearer(me), timeout=5) as client:
        opened = [client.send(client.build_request("GET", "/v1/inbox/events"), stream=True) for _ in range(8)]
        lines = [one.iter_lines() for one in opened]  # kept: a stream whose reader is forgotten is closed
        assert {next(one) for one in lines} == {"retry: 2000"}
        assert client.get("/v1/inbox/events").status_code == 503
        for one in opened:
            one.close()


async def test_streams_on_which_nothing_arrives_cost_no_query(server, house, alert):
    """Many are open while the inboxes of others fill: one look for all, and one read for each that has news."""
    listening, others = house.enrol([DENVER] * STREAMS), house.enrol([DENVER] * 50, "inbox", kind="partner")
    streams = [await open_stream(server, one) for one in listening]
    await asyncio.sleep(1.0)
    with counted(house) as statements:
        for _ in range(10):
            await asyncio.to_thread(arrive, house, [one.recipient_id for one in others])
            await asyncio.sleep(0.2)
    assert sum("SELECT" in one for one in statements) < 10 + 20  # 10 of `arrive`, and about two looks a second
    await asyncio.to_thread(arrive, house, [one.recipient_id for one in listening])
    await asyncio.gather(*(until_event(stream) for stream, _ in streams))
    for _, writer in streams:
        writer.close()


async def open_stream(server, one):
    reader, writer = await asyncio.open_connection(*server)
    head = f"GET /v1/inbox/events HTTP/1.1\r\nHost: x\r\nAuthorization: {bearer(one)['Authorization']}\r\n\r\n"
    writer.write(head.encode())
    await reader.readuntil(b"still here")
    return reader, writer


async def until_event(reader):
    return await asyncio.wait_for(reader.readuntil(b"event: notice"), 30)


@contextmanager
def counted(house):
    """The statements that the block makes anybody run."""
    statements, engine = [], house.services.engine

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)
