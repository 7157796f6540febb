"""A sign that only the larger area holds: told once by the enlargement, and cleared when the search is over."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import aiomqtt
import pytest
from broker import HOST, Mosquitto
from cast import DENVER, square
from server import until

from alerts import outlet_rows
from alerts.outlet_rows import Outlet
from notifiers import addresses
from notifiers.transactions import writing

OUTSIDE = (DENVER[0] + 0.25, DENVER[1])


class Display:
    """Listens to everything under a sign's prefix, as a display does, and keeps what came, in order, by topic."""

    def __init__(self, port: int) -> None:
        self.came: dict[str, list[bytes]] = {}
        self._listening = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(self._listen(port))
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._listening.wait(10)

    def shows(self) -> list[str]:
        return [topic for topic, said in dict(self.came).items() if said[-1]]

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(10)

    def _run(self) -> None:
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._task)
        self._loop.close()

    async def _listen(self, port: int) -> None:
        async with aiomqtt.Client(HOST, port) as client:
            await client.subscribe("city/sign/#", qos=1)
            self._listening.set()
            async for message in client.messages:
                self.came.setdefault(str(message.topic), []).append(bytes(message.payload))


@pytest.fixture
def broker(tmp_path) -> Iterator[Mosquitto]:
    one = Mosquitto(tmp_path, "allow_anonymous true")
    asyncio.run(one.listening())
    yield one
    one.stop()


@pytest.fixture
def display(broker) -> Iterator[Display]:
    one = Display(broker.port)
    yield one
    one.stop()


def test_a_sign_that_only_the_larger_area_holds_is_told_once_and_cleared_at_the_end(house, serve, broker, display):
    house.enrol(5)
    sign = Outlet("mqtt", "city/sign", *OUTSIDE, 0, "en", test=True)
    with writing(house.engine) as connection:
        outlet_rows.add(connection, sign, addresses.secret(house.vault), datetime.now(UTC))
    server = serve(workers=1, mqtt_host=HOST, mqtt_port=broker.port, mqtt_tls="no")
    alert = server.alert()
    assert "mqtt" not in server.until_settled(alert)["channels"]
    assert not display.came
    wider = server.call(f"/v1/alerts/{alert['id']}/enlarge", "submitter", {"area": {"geojson": square(0.7)}})
    server.approve(wider)
    until(lambda: server.delivery(wider, "update"))
    told = server.until_settled(wider, "update")["channels"]
    assert {name: (one["tally"]["planned"], one["tally"]["sent"]) for name, one in told.items()} == {"mqtt": (1, 1)}
    until(display.shows)
    server.cancel(wider)
    server.until_settled(wider, "cancel")
    until(lambda: not display.shows())
    assert {len(said) for said in display.came.values()} == {2}  # said once, taken away once
