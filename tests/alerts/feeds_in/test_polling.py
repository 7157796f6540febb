"""Sources are asked when they are due, each by one server; whoever dies on the way has lost nothing and doubled nothing."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import feeding
import pytest
from cast import BOTH, DENVER
from feed_source import answer, source
from feeding import cap
from sqlalchemy import select

from alerts import polling
from alerts.feed_log import Outcome
from alerts.polling import Poller, poll
from alerts.service import importing
from alerts.tables import incident, job_lease, message
from notifiers.guard import Guard, Mode


@pytest.fixture
def feeds(house):
    return feeding.make(house)


@pytest.fixture
def pool():
    with ThreadPoolExecutor(4) as made:
        yield made


def ipaws(*bodies: bytes) -> bytes:
    """A recent feed with these messages."""
    whole = b"".join(body.split(b"?>\n", 1)[-1] for body in bodies)
    return b'<ns1:alerts xmlns:ns1="http://gov.fema.ipaws.services/feed">' + whole + b"</ns1:alerts>"


def atom(*links: str) -> bytes:
    entry = "<entry><id>{0}</id><updated>2026-01-01T00:00:00Z</updated><link href='{0}' type='application/cap+xml'/></entry>"
    return f"<feed xmlns='http://www.w3.org/2005/Atom'>{''.join(map(entry.format, links))}</feed>".encode()


def tagged(body: bytes):
    """As a server with an ETag answers."""

    def answered(head: str) -> bytes:
        if 'if-none-match: "1"' in head:
            return answer("304 Not Modified", ETag='"1"')
        return answer("200 OK", body, ETag='"1"')

    return answered


async def test_a_feed_is_asked_conditionally_and_its_alert_drafted_once(house, feeds, pool):
    body = feeds.sign(cap(house.clock()))
    async with source({"/feed": tagged(ipaws(body))}) as (there, client):
        made = feeds.add(url=f"{there.url}/feed")
        assert await poll(house.services, client, pool, made.id, "a") == "ok"
        assert await poll(house.services, client, pool, made.id, "a") is None  # not due
        house.clock.pass_time(seconds=11)
        assert await poll(house.services, client, pool, made.id, "a") == "not_modified"
    assert [one.line.outcome for one in feeds.log(made)] == [Outcome.DRAFTED]
    health = feeds.get("IPAWS").health
    assert (health.state, health.etag, health.failures) == ("well", '"1"', 0)


async def test_messages_behind_links_are_fetched_once(house, feeds, pool):
    body = feeds.sign(cap(house.clock()))
    async with source({"/feed": answer("200 OK", atom("/1")), "/1": answer("200 OK", body)}) as (there, client):
        made = feeds.add(url=f"{there.url}/feed")
        for _ in range(2):
            assert await poll(house.services, client, pool, made.id, "a") == "ok"
            house.clock.pass_time(seconds=11)
        assert [head.split(" ")[1] for head in there.heads] == ["/feed", "/1", "/feed"]
    assert len(house.rows(incident)) == 1


async def test_a_message_that_could_not_be_fetched_comes_with_the_next_poll(house, feeds, pool):
    answers = {"/feed": tagged(atom("/1", "/2")), "/1": answer("503 No", b""), "/2": answer("200 OK", b"<no/>")}
    async with source(answers) as (there, client):
        made = feeds.add(url=f"{there.url}/feed")
        await poll(house.services, client, pool, made.id, "a")
        assert {one.line.faults for one in feeds.log(made)} >= {("link_status_503",)}
        there.answers["/1"] = answer("200 OK", feeds.sign(cap(house.clock())))
        house.clock.pass_time(seconds=11)
        await poll(house.services, client, pool, made.id, "a")
    assert {one.line.outcome for one in feeds.log(made)} == {Outcome.DRAFTED, Outcome.REFUSED}


async def test_a_dead_source_is_failing_and_asked_later_again(house, feeds, pool):
    async with source({"/feed": answer("500 No", b"")}) as (there, client):
        made = feeds.add(url=f"{there.url}/feed")
        assert await poll(house.services, client, pool, made.id, "a") == "status_500"
    health = feeds.get("IPAWS").health
    assert (health.state, health.last_error) == ("failing", "status_500")
    assert health.next_poll_at > house.clock()


async def test_a_source_whose_certificates_are_gone_is_failing_and_imports_nothing(house, feeds, pool):
    async with source({"/feed": answer("200 OK", ipaws(feeds.sign(cap(house.clock()))))}) as (there, client):
        made = feeds.add(url=f"{there.url}/feed", trust="nobody")
        assert await poll(house.services, client, pool, made.id, "a") == "not_ready_trust"
    assert feeds.log(made) == []
    assert feeds.get("IPAWS").health.state == "failing"


@BOTH
async def test_of_several_servers_one_asks(house, feeds, pool):
    async with source({"/feed": answer("200 OK", ipaws(feeds.sign(cap(house.clock()))))}) as (there, client):
        made = feeds.add(url=f"{there.url}/feed")
        asked = [poll(house.services, client, pool, made.id, holder) for holder in "abcd"]
        words = await asyncio.gather(*asked)
        assert sorted(filter(None, words)) == ["ok"]
        assert len(there.heads) == 1
    assert len(house.rows(incident)) == 1


class Killed(BaseException):
    """The process is gone."""


@BOTH
@pytest.mark.parametrize("where", ["before", "after"])
async def test_whoever_is_killed_on_the_way_is_followed_by_another(house, feeds, pool, monkeypatch, where):
    bodies = [feeds.sign(cap(house.clock())), feeds.sign(cap(house.clock(), identifier="X-2", words="A boy of two."))]
    real = importing.take

    def take(*given):
        if where == "after":
            real(*given)
        raise Killed

    async with source({"/feed": tagged(ipaws(*bodies))}) as (there, client):
        made = feeds.add(url=f"{there.url}/feed")
        with monkeypatch.context() as patch:
            patch.setattr(importing, "take", take)
            with pytest.raises(Killed):
                await poll(house.services, client, pool, made.id, "a")
        run_out(house)
        assert await poll(house.services, client, pool, made.id, "b") == "ok"
    assert [one.line.outcome for one in feeds.log(made)] == [Outcome.DRAFTED] * 2
    assert len(house.rows(incident)) == 2


def run_out(house) -> None:
    """The lease of the one that died."""
    from sqlalchemy import update

    from alerts.leases import _LONG_AGO
    from notifiers.transactions import writing

    with writing(house.services.engine) as connection:
        assert connection.execute(select(job_lease)).all()
        connection.execute(update(job_lease).values(until=_LONG_AGO))


async def test_killed_between_draft_and_rule_the_next_poll_goes_on_with_the_rule(house, feeds, pool, monkeypatch):
    house.enrol([DENVER] * 2, test=False)

    def decide(*_given):
        raise Killed

    async with source({"/feed": tagged(ipaws(feeds.sign(cap(house.clock()))))}) as (there, client):
        made = feeds.rule(feeds.add(url=f"{there.url}/feed"))
        with monkeypatch.context() as patch:
            patch.setattr("alerts.service.by_rule.decide_due", decide)
            with pytest.raises(Killed):
                await poll(house.services, client, pool, made.id, "a")
        assert [row.state for row in house.rows(message)] == ["draft"]
        run_out(house)
        await poll(house.services, client, pool, made.id, "b")
    assert [row.state for row in house.rows(message)] == ["active"]
    assert len(house.fanned_out) == 1


async def test_a_source_that_hangs_holds_up_no_other(house, feeds):
    body = feeds.sign(cap(house.clock()))
    async with source({"/dead": None, "/feed": answer("200 OK", ipaws(body))}) as (there, _client):
        port = int(there.url.rpartition(":")[2])
        feeds.add("Dead", url=f"{there.url}/dead")
        feeds.add("Well", url=f"{there.url}/feed")
        poller = Poller(house.services, Guard(Mode.SANDBOX, frozenset({("127.0.0.1", port)})), "a")
        poller.start()
        try:
            poller.tick()
            await until(lambda: feeds.get("Well").health.state == "well")
            assert feeds.get("Dead").health.state == "new"
        finally:
            await asyncio.to_thread(poller.stop)
    assert len(house.rows(incident)) == 1
    assert not any(thread.name == "feeds" for thread in threading.enumerate())


async def until(so) -> None:
    async with asyncio.timeout(60):
        while not so():  # noqa: ASYNC110  # what is awaited stands in a row
            await asyncio.sleep(0.02)


def test_a_sandbox_asks_only_the_ports_that_are_set(house):
    from dataclasses import replace

    settings = replace(house.services.settings, sandbox_feed_ports="8200, 8201")
    assert polling.make_guard(settings).receivers == {("127.0.0.1", 8200), ("127.0.0.1", 8201)}
