"""A sign that is revoked during an alert is cleared, whatever dies meanwhile, and only then forgotten."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import aiomqtt
import numpy as np
import pytest
from broker import HOST, Mosquitto, free_port
from cast import BOTH
from pyroaring import BitMap

from alerts import outlet_rows, revoked
from alerts.outlet_rows import Outlet
from notifiers import addresses, members, notices
from notifiers.model import Kind, Notice
from notifiers.packing import pack_set
from notifiers.tables import batch, planned, subscription
from notifiers.transactions import writing

pytestmark = BOTH
SHOWN = "city/sign/9xj651/token"
OTHER = "city/sign/9xj651/of-somebody-else"


def always(_connection):
    return True


@pytest.fixture
def broker(tmp_path):
    one = Mosquitto(tmp_path, "allow_anonymous true")
    asyncio.run(one.listening())
    yield one
    one.stop()


@pytest.fixture
def told(services, broker):
    """A sign that shows an alert, as its number and the services of its house."""
    house = replace(services, settings=replace(services.settings, mqtt_host=HOST, mqtt_port=broker.port, mqtt_tls="no"))
    now = house.clock()
    with writing(house.engine) as connection:
        sign = Outlet("mqtt", "city/sign", -104.99, 39.74, 0, "en", False)
        number = outlet_rows.add(connection, sign, addresses.secret(house.vault), now)
        said = Notice("token", 1, 1, Kind.ALERT, "Actual", now, now + timedelta(hours=1), "Police", "https://x", {})
        notices.add(connection, house.vault, said, incident_id=1, key_name=None, approved_at=now)
        ids = pack_set(BitMap([number]))  # as the door stores it
        connection.execute(planned.insert().values(incident_id=1, version=1, channel="mqtt", subscription_ids=ids))
    asyncio.run(show(broker, SHOWN))
    asyncio.run(show(broker, OTHER))
    return number, house


async def show(broker, topic):
    async with aiomqtt.Client(HOST, broker.port) as client:
        await client.publish(topic, b"{}", 1, retain=True)


async def shown(broker):
    async with aiomqtt.Client(HOST, broker.port) as client:
        await client.subscribe("#")
        found = set()
        while True:
            try:
                found.add(str((await asyncio.wait_for(anext(client.messages), 0.3)).topic))
            except TimeoutError:
                return found


def revoke(house, number):
    with writing(house.engine) as connection:
        return outlet_rows.revoke(connection, number, house.clock())


def left(house):
    with writing(house.engine) as connection:
        return connection.scalar(subscription.select().with_only_columns(subscription.c.id))


def test_what_a_revoked_sign_shows_is_cleared_and_nothing_of_others(told, broker):
    number, house = told
    assert revoke(house, number)
    assert revoked.clear(house, always) == 1
    assert asyncio.run(shown(broker)) == {OTHER}
    assert left(house) is None


def test_with_the_broker_away_the_sign_is_remembered_until_it_is_back(told, broker):
    number, house = told
    revoke(house, number)
    away = replace(house, settings=replace(house.settings, mqtt_port=free_port()))
    assert revoked.clear(away, always) == 0
    assert left(house) == number
    assert revoked.clear(house, always) == 1


def test_a_server_that_dies_after_the_clearing_is_followed_by_one_that_finishes(told, broker):
    number, house = told
    revoke(house, number)
    assert revoked.clear(house, lambda _connection: False) == 0  # it lost its turn before it could write
    assert left(house) == number
    assert revoked.clear(house, always) == 1
    assert left(house) is None


def test_while_a_worker_holds_a_batch_with_it_it_is_not_cleared_yet(told, broker):
    number, house = told
    revoke(house, number)
    with writing(house.engine) as connection:
        hold(connection, number, "claimed", house.clock())
    assert revoked.clear(house, always) == 0
    with writing(house.engine) as connection:
        connection.execute(batch.update().values(state="waiting"))
    assert revoked.clear(house, always) == 1


def test_a_sign_that_was_told_nothing_is_gone_at_once(told, broker):
    number, house = told
    with writing(house.engine) as connection:
        connection.execute(planned.delete())
    revoke(house, number)
    assert left(house) is None


def hold(connection, number, state, now):
    from notifiers import sets
    from notifiers.sets import Sets

    values = {"notice_id": 1, "incident_id": 1, "channel": "mqtt", "origin": "mqtt", "rank": 0.0, "size": 500}
    values |= {"fence": 1, "repeats": 0, "latency": b"", "next_at": now, "state": state, **sets.columns(Sets(500))}
    ids = np.arange(number, number + 500, dtype=np.uint32)
    key = connection.execute(batch.insert().values(**values)).inserted_primary_key
    members.write(connection, key, [ids])
