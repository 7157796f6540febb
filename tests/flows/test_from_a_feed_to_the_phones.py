"""A feed of another authority, served over HTTP: draft, two officers, phones; and by rule, without an officer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from feeding import cap, reference
from server import lookout, until
from signing import keyed, sign

from alerts import feed_sources
from notifiers.transactions import reading, writing


class Feed(ThreadingHTTPServer):
    """Serves `messages` as a recent feed, with an ETag that changes with them."""

    messages: list[bytes]
    asked: int

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Recent)
        self.messages, self.asked = [], 0


class Recent(BaseHTTPRequestHandler):
    server: Feed

    def do_GET(self) -> None:
        self.server.asked += 1
        tag = f'"{len(self.server.messages)}"'
        known = self.headers["If-None-Match"] == tag
        body = b'<ns1:alerts xmlns:ns1="http://gov.fema.ipaws.services/feed">' + b"".join(self.server.messages)
        self.send_response(304 if known else 200)
        self.send_header("ETag", tag)
        self.send_header("Content-Length", str(0 if known else len(body) + 13))
        self.end_headers()
        self.wfile.write(b"" if known else body + b"</ns1:alerts>")

    def log_message(self, *_given: object) -> None:
        """Nothing."""


@pytest.fixture
def feed() -> Iterator[Feed]:
    made = Feed()
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def key(house):
    """Who signs, and is trusted here."""
    now = datetime.now(UTC)
    made = keyed(since=now - timedelta(days=1), until=now + timedelta(days=1))
    folder = house.data / "trust" / "agency"
    folder.mkdir(parents=True)
    (folder / "agency.pem").write_bytes(made.pem)
    return made


def newest(server, state):
    """The newest alert once it is in this state, as its officers see it."""

    def look():
        found = server.get("/v1/alerts", "submitter").json()
        return (
            server.get(f"/v1/alerts/{found[0]['id']}", "submitter").json()
            if found and found[0]["state"] == state
            else None
        )

    return until(look)


def source(house):
    with reading(house.engine) as connection:
        return feed_sources.list_all(connection)[0]


def set_(house, **values):
    with writing(house.engine) as connection:
        feed_sources.change(connection, source(house).id, **values)


def test_a_feed_reaches_the_phones_by_two_officers_then_by_rule_and_its_cancel_ends_it(house, serve, feed, key):
    people = house.enrol(5)
    url, data = f"http://127.0.0.1:{feed.server_port}/recent", ["--data", str(house.data), "--mode", "sandbox"]
    added = lookout("feed", "add", "IPAWS", url, "CBI", "--trust", "agency", "--interval-s", "10", *data)
    assert added.returncode == 0, added.stderr
    server, at = serve(workers=1, sandbox_feed_ports=feed.server_port), datetime.now(UTC)

    feed.messages.append(sign(cap(at), key))
    set_(house, next_poll_at=None)
    draft = newest(server, "draft")
    server.call(f"/v1/alerts/{draft['id']}/ask", "submitter")
    server.approve(newest(server, "pending approval"))
    server.until_settled(draft)
    assert server.received(draft) == {one.push: 1 for one in people}

    feed.messages.append(sign(cap(at, kind="Cancel", identifier="X-2", of=reference(at)), key))
    set_(house, next_poll_at=None)
    until(lambda: server.received(draft, kind="cancel") == {one.push: 1 for one in people})

    set_(house, rule_on=True, reach_cap=10, rule_change_id="two")  # two administrators do this in the console
    feed.messages.append(sign(cap(at, identifier="X-3", words="A boy of two years."), key))
    set_(house, next_poll_at=None)
    alert = newest(server, "active")
    server.until_settled(alert)
    assert server.received(alert) == {one.push: 1 for one in people}
    assert source(house).health.state == "well"
