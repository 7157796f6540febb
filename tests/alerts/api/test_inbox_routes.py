"""The stream needs a real server: the in-process client waits for the end of an answer, and a stream has none."""

import json
import socket
import threading
import time
from contextlib import closing

import httpx
import pytest
import uvicorn
from cast import DENVER
from sqlalchemy import insert

from notifiers import transactions
from notifiers.tables import inbox, notice, subscription


@pytest.fixture
def server(app):
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        running = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        running.should_exit = True
        thread.join(5)


@pytest.fixture
def me(house):
    [one] = house.enrol([DENVER])
    return {"Authorization": f"Bearer {one.public_id}.{one.token}"}


def deliver(house) -> None:
    """What the inbox channel does: a row for every notice that is not there yet."""
    [one] = house.rows(subscription)
    known = {row.notice_id for row in house.rows(inbox)}
    with transactions.writing(house.services.engine) as connection:
        for row in house.rows(notice):
            if row.id not in known:
                values = {"recipient_id": one.recipient_id, "subscription_id": one.id, "notice_id": row.id}
                connection.execute(insert(inbox).values(arrived_at=house.clock(), **values))


def events(lines, count: int) -> list[tuple[int, dict]]:
    found, number = [], 0
    for line in lines:
        if line.startswith("id: "):
            number = int(line[4:])
        if line.startswith("data: "):
            found.append((number, json.loads(line[6:])))
        if len(found) == count:
            break
    return found


def test_an_inbox_lists_what_came_in_order(client, house, me, in_force, post):
    alert = in_force()
    deliver(house)
    post(f"/v1/alerts/{alert['id']}/cancel")
    deliver(house)
    first, second = client.get("/v1/inbox", headers=me).json()
    assert [first["kind"], second["kind"], first["over"], second["over"]] == ["alert", "cancel", True, True]
    assert client.get("/v1/inbox", params={"after": first["id"]}, headers=me).json() == [second]


def test_a_stream_tells_what_is_there_and_what_comes(server, house, me, in_force, post):
    alert = in_force()
    deliver(house)
    with httpx.stream("GET", f"{server}/v1/inbox/events", headers=me, timeout=20) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        [(_, first)] = events(lines, 1)
        assert "Robin" in first["headline"]
        started = time.monotonic()
        post(f"/v1/alerts/{alert['id']}/cancel")
        deliver(house)
        [(_, second)] = events(lines, 1)
        assert second["kind"] == "cancel"
        assert time.monotonic() - started < 9


def test_a_broken_stream_goes_on_where_it_was(server, house, me, in_force, post):
    alert = in_force()
    deliver(house)
    post(f"/v1/alerts/{alert['id']}/cancel")
    deliver(house)
    first = house.rows(inbox)[0].id
    headers = me | {"Last-Event-ID": str(first)}
    with httpx.stream("GET", f"{server}/v1/inbox/events", headers=headers, timeout=10) as answer:
        [(number, item)] = events(answer.iter_lines(), 1)
    assert number > first
    assert item["kind"] == "cancel"


def test_there_is_a_bound_on_open_streams(app, client, me):
    app.state.ticker = type("Full", (), {"waiting": 10_000})()
    assert client.get("/v1/inbox/events", headers=me).status_code == 503
