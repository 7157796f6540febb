"""Self-tests: by the real road, to canaries alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from cast import BOTH, DENVER

from alerts import canaries, self_tests
from alerts.service import self_test
from notifiers import addresses, ledger
from notifiers.clock import database_now
from notifiers.model import Kind, Outcome, Result
from notifiers.params import Params
from notifiers.tables import batch, inbox, notice, planned, subscription
from notifiers.transactions import reading, writing
from notifiers.worker import Worker


class Answering:
    """A channel whose receiver answers as told."""

    collapses, concurrency = True, 8

    def __init__(self, name: str, outcome: Outcome) -> None:
        self.name, self._outcome, self.got = name, outcome, []

    async def prepare(self, said, subscriptions):
        return said

    async def send(self, prepared, subscription):
        self.got.append((prepared.kind, prepared.status, subscription.id))
        return self._outcome

    def settle(self, connection, notice_id, sent, now) -> None: ...

    async def close(self) -> None: ...


@pytest.fixture
def watched(house):
    """A house with somebody real in it, and a canary for e-mail."""
    house.enrol([DENVER] * 3, "email")
    secret = addresses.secret(house.services.vault)
    with writing(house.services.engine) as connection:
        assert canaries.add(connection, "email", {"email": "canary@example.org"}, secret=secret, now=house.clock())
    return house.services


def rounds(services, channel: Answering, count: int = 3) -> None:
    """So many messages, each sent by a real worker before the next is due."""

    async def work() -> None:
        params = Params(idle_s=0.01, checkpoint_every_s=0.01)
        worker = Worker(services.engine, services.vault, {"email": channel}, params, name="test:1")
        running = asyncio.create_task(worker.run())
        for _ in range(count):
            notice_id = await asyncio.to_thread(self_test.run, services)
            if notice_id is None:
                continue
            async with asyncio.timeout(60):
                while await asyncio.to_thread(open_of, services, notice_id):  # noqa: ASYNC110 - another process's rows
                    await asyncio.sleep(0.01)
        worker.stop()
        await running

    asyncio.run(work())
    self_test.run(services)


def open_of(services, notice_id: int) -> int:
    with reading(services.engine) as connection:
        return sum(one.open for one in ledger.tally(connection, notice_id).values())


def latest(services, **later: float) -> list[self_tests.Probe]:
    with reading(services.engine) as connection:
        return self_tests.latest(connection, database_now(connection) + timedelta(**later))


@BOTH
def test_a_canary_gets_an_alert_an_update_and_a_cancel_and_nobody_else_gets_any(watched, house):
    channel = Answering("email", Outcome(Result.SENT))
    rounds(watched, channel)
    canary = max(one.id for one in house.rows(subscription))
    assert channel.got == [(kind, "System", canary) for kind in (Kind.ALERT, Kind.UPDATE, Kind.CANCEL)]
    assert [(one.kind, one.ok) for one in latest(watched)] == [("alert", True), ("update", True), ("cancel", True)]


def test_a_round_begins_every_three_minutes_and_not_before(watched, house):
    rounds(watched, Answering("email", Outcome(Result.SENT)), count=6)
    assert len(house.rows(notice)) == 3


def test_a_provider_that_refuses_is_shown_with_its_reason(watched, client):
    rounds(watched, Answering("email", Outcome(Result.REFUSED, "550")), count=1)
    [told] = latest(watched)
    assert (told.kind, told.result, told.reason, told.ok) == ("alert", "refused", "550", False)
    assert 'lookout_self_test_ok{channel="email",kind="alert"} 0.0' in client.get("/metrics").text


def test_what_nobody_sends_is_late(watched):
    self_test.run(watched)
    assert latest(watched) == []
    assert [one.result for one in latest(watched, seconds=self_tests.LATE_S + 1)] == ["late"]


def test_without_a_canary_nothing_is_sent(house):
    house.enrol([DENVER])
    assert self_test.run(house.services) is None
    assert house.rows(notice) == []


def test_who_lost_the_lease_sends_nothing(watched, house):
    assert self_test.run(watched, lambda _connection: False) is None
    assert house.rows(notice) == []


def test_self_tests_are_in_no_list_of_deliveries_and_in_no_count_of_sends(watched, client, house):
    rounds(watched, Answering("email", Outcome(Result.SENT)))
    text = client.get("/metrics").text
    assert "lookout_sends_planned_total{" not in text
    assert "lookout_notices{" not in text
    assert client.get("/v1/operations/notices", headers=house.headers("operator")).json() == []


def test_rows_go_after_an_hour_and_what_came_of_them_stays(watched, house):
    rounds(watched, Answering("email", Outcome(Result.SENT)))
    with writing(watched.engine) as connection:
        self_test.forget(connection, database_now(connection) + timedelta(seconds=self_test.ROWS_S + 60))
    assert [house.rows(table) for table in (notice, batch, planned, inbox)] == [[], [], [], []]
    assert len(latest(watched)) == 3


def test_no_alert_ever_reaches_a_canary(watched, house):
    """It has no place on the map, so that no area holds it."""
    with reading(watched.engine) as connection:
        [canary] = canaries.list_all(connection)
    assert canary.recipient_id not in watched.index.within(everywhere())


def everywhere():
    from geo.shapes import from_geojson

    ring = [(-179.9, -89.9), (179.9, -89.9), (179.9, 89.9), (-179.9, 89.9), (-179.9, -89.9)]
    return from_geojson({"type": "Polygon", "coordinates": [ring]})
