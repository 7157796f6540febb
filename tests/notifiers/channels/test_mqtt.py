import asyncio
import json
import re
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiomqtt
import pytest
from broker import HOST, Mosquitto, Wire, free_port
from senders.receivers import authority, pem_of, vouched

from channels.contract import Arrived, Bench, ChannelContract, How
from geo import geohash
from geo.shapes import from_circle
from notifiers.channels import mqtt_link
from notifiers.channels.lasting import lasting
from notifiers.channels.mqtt import Mqtt, is_prefix
from notifiers.channels.mqtt_client import Broker, Connection
from notifiers.guard import Guard, Mode
from notifiers.model import Kind, Notice, Outcome, Result, Subscription, Text
from notifiers.still import STOPPED, still

SMALL = from_circle(-104.97986, 39.7348, 30)  # in one cell
NO_ADDRESS = "a topic is always there: a broker knows no address that is no more"


class MqttBench(Bench):
    name = "mqtt"
    lasting = True
    cannot = {
        "test_an_address_that_is_no_more_is_gone": NO_ADDRESS,
        "test_retry_after_is_heard": "MQTT has no word for when to come again",
    }

    async def open(self, directory):
        self.mosquitto = Mosquitto(directory, "allow_anonymous true")
        await self.mosquitto.listening()
        self.wire = Wire(self.mosquitto.port)
        await self.wire.open()
        self._seen = []
        self._listening = asyncio.Event()
        self._ear = asyncio.create_task(self._listen())
        await asyncio.wait_for(self._listening.wait(), 20)
        self.make(self.wire.port)

    def make(self, port):
        self.channel = Mqtt(
            Broker(HOST, port, tls=False), Guard(Mode.SANDBOX, frozenset({(HOST, port)})), timeout_s=2.0
        )

    async def close(self):
        self._ear.cancel()
        await asyncio.gather(self._ear, return_exceptions=True)
        await self.wire.close()
        self.mosquitto.stop()

    async def _listen(self):
        async with aiomqtt.Client(HOST, self.mosquitto.port, protocol=aiomqtt.ProtocolVersion.V5) as client:
            await client.subscribe("#", qos=1)
            self._listening.set()
            async for message in client.messages:
                self._seen.append((str(message.topic), message.payload))

    async def misbehave(self, how):
        self.wire.snap, self.wire.mute = how is How.RESET, how is How.SILENT
        self.wire.puback = 0x99 if how is How.REFUSING else 0
        self.wire.connack = {How.OURS: 0x87, How.LATER: 0x89}.get(how, 0)
        await self.channel.close()
        self.make(free_port() if how is How.DOWN else self.wire.port)

    def address(self, number):
        return {"topic": f"signs/sign{number}"}

    def bad_addresses(self):
        return [{"topic": said} for said in ("", "a/#", "+/b", "$SYS/x", "/a", "a/", "a\r\nb", "a\0b", "x" * 201)]

    async def arrived(self):
        await asyncio.sleep(0.05)  # the broker tells the ear in its own time
        return [_arrived(topic, said) for topic, said in self._seen if said]

    def words(self, notice, tag):
        return [lasting(notice, tag).heading, notice.page_url, notice.texts[tag].area_name]

    def secrets(self, subscription):
        return [subscription.address.get("topic", "signs/sign1")]


def _arrived(topic, said):
    number = int(re.match(r"signs/sign(\d+)/", topic)[1])
    return Arrived(number, said.decode(), topic)


class TestMqtt(ChannelContract):
    bench_class = MqttBench


@pytest.fixture
async def broker(tmp_path):
    one = Mosquitto(tmp_path, "allow_anonymous true")
    await one.listening()
    yield one
    one.stop()


@pytest.fixture
async def signs(broker):
    channel = Mqtt(Broker(HOST, broker.port, tls=False), Guard(Mode.SANDBOX, frozenset({(HOST, broker.port)})))
    yield channel
    await channel.close()


def said(kind=Kind.ALERT, number=1, area=SMALL, **changes):
    now = datetime.now(UTC)
    notice = Notice(
        incident="token",
        version=number,
        number=number,
        kind=kind,
        status="Actual",
        sent_at=now,
        expires_at=now + timedelta(hours=1),
        sender_name="Police",
        page_url="https://alerts.example/a/token",
        texts={"en": Text("Missing child: Ann Example", "Ann, 9.", "", "Denver")},
        area=area,
        plate="EX4MPLE (California)",
    )
    return replace(notice, **changes)


class Signs:
    """What a sign that connects now would show."""

    def __init__(self, broker):
        self._broker = broker

    async def shown(self, topics="#"):
        async with aiomqtt.Client(HOST, self._broker.port, protocol=aiomqtt.ProtocolVersion.V5) as client:
            await client.subscribe(topics)
            found = {}
            while True:
                try:
                    message = await asyncio.wait_for(anext(client.messages), 0.2)
                except TimeoutError:
                    return found
                found[str(message.topic)] = message


async def send(channel, notice, topic="city/signs"):
    one = Subscription(1, 1, "mqtt", "mqtt", {"topic": topic})
    return await channel.send(await channel.prepare(notice, [one]), one)


async def test_a_sign_that_connects_later_shows_area_plate_and_link(broker, signs):
    assert (await send(signs, said())).result is Result.SENT
    cell = geohash.cover(SMALL)[0]
    shown = (await Signs(broker).shown())[f"city/signs/{cell}/token"]
    told = json.loads(shown.payload)
    assert (told["area"], told["plate"], told["link"]) == (
        "Denver",
        "EX4MPLE (California)",
        "https://alerts.example/a/token",
    )
    assert 3590 <= shown.properties.MessageExpiryInterval <= 3600


async def test_every_cell_that_the_area_touches_has_it_and_no_other(broker, signs):
    area = from_circle(-104.985, 39.7365, 3_000)
    await send(signs, said(area=area))
    shown = {topic.split("/")[2] for topic in await Signs(broker).shown()}
    assert shown == set(geohash.cover(area))
    assert len(shown) > 1


async def test_the_end_clears_every_cell(broker, signs):
    await send(signs, said(area=from_circle(-104.985, 39.7365, 3_000)))
    assert (await send(signs, said(Kind.CANCEL, 2, None))).result is Result.SENT
    assert await Signs(broker).shown() == {}


async def test_the_end_of_one_incident_leaves_another_s_signs(broker, signs):
    await send(signs, said())
    await send(signs, said(incident="other"))
    await send(signs, said(Kind.CANCEL, 2, None))
    assert [topic.split("/")[3] for topic in await Signs(broker).shown()] == ["other"]


async def test_an_update_replaces_and_clears_what_it_no_longer_covers(broker, signs):
    await send(signs, said(area=from_circle(-104.985, 39.7365, 3_000)))
    await send(signs, said(Kind.UPDATE, 2, SMALL, plate="N3W"))
    shown = await Signs(broker).shown()
    assert list(shown) == [f"city/signs/{geohash.cover(SMALL)[0]}/token"]
    assert json.loads(shown.popitem()[1].payload)["plate"] == "N3W"


async def test_what_another_worker_left_is_cleared_too(broker, signs):
    await send(signs, said())
    other = Mqtt(Broker(HOST, broker.port, tls=False), Guard(Mode.SANDBOX, frozenset({(HOST, broker.port)})))
    await send(other, said(Kind.CANCEL, 2, None))
    await other.close()
    assert await Signs(broker).shown() == {}


async def test_what_nobody_clears_expires_with_the_alert(broker, signs):
    await send(signs, said(expires_at=datetime.now(UTC) + timedelta(seconds=1.5)))
    assert len(await Signs(broker).shown()) == 1
    async with asyncio.timeout(10):
        while await Signs(broker).shown():  # each look takes a moment
            pass


async def test_a_notice_without_area_goes_nowhere(broker, signs):
    assert (await send(signs, said(area=None))).result is Result.REFUSED
    assert await Signs(broker).shown() == {}


async def test_a_topic_that_the_broker_forbids_is_our_fault(tmp_path):
    (tmp_path / "acl").write_text("topic readwrite allowed/#\n")
    broker = Mosquitto(tmp_path, "allow_anonymous true", f"acl_file {tmp_path / 'acl'}")
    await broker.listening()
    channel = Mqtt(Broker(HOST, broker.port, tls=False), Guard(Mode.SANDBOX, frozenset({(HOST, broker.port)})))
    assert (await send(channel, said(), "forbidden")).result is Result.OURS
    assert (await send(channel, said(), "allowed/signs")).result is Result.SENT
    await channel.close()
    broker.stop()


async def test_a_wrong_password_is_our_fault(tmp_path):
    (tmp_path / "users").write_text("")
    broker = Mosquitto(tmp_path, "allow_anonymous false", f"password_file {tmp_path / 'users'}")
    await broker.listening()
    login = Broker(HOST, broker.port, "lookout", "wrong", tls=False)
    channel = Mqtt(login, Guard(Mode.SANDBOX, frozenset({(HOST, broker.port)})))
    assert (await send(channel, said())).result is Result.OURS
    await channel.close()
    broker.stop()


async def test_a_broker_that_the_guard_forbids_is_not_called(broker):
    channel = Mqtt(Broker(HOST, broker.port, tls=False), Guard(Mode.LIVE))
    assert (await send(channel, said())).result is Result.REFUSED
    await channel.close()


def many(count):
    return [Subscription(n, n, "mqtt", "mqtt", {"topic": f"city/sign{n}"}) for n in range(1, count + 1)]


async def send_all(channel, notice, subscriptions):
    outcomes = []
    for start in range(0, len(subscriptions), 256):  # as a worker does: window by window
        window = subscriptions[start : start + 256]
        prepared = await channel.prepare(notice, window)
        outcomes += await asyncio.gather(*(channel.send(prepared, one) for one in window))
    return outcomes


async def test_a_thousand_signs_are_cleared_in_seconds(broker, signs):
    await send_all(signs, said(), many(1_000))
    asked = time.monotonic()
    outcomes = await send_all(signs, said(Kind.CANCEL, 2, None), many(1_000))
    assert time.monotonic() - asked < 60  # a quarter of a second each, one after the other, was four minutes
    assert {one.result for one in outcomes} == {Result.SENT}
    assert await Signs(broker).shown() == {}


async def test_what_a_broker_did_not_hand_out_at_once_is_asked_for_again(broker, signs, monkeypatch):
    look, looks = Connection.look, []

    async def some(self, filters, quiet_s):  # as a broker that drops what a slow listener has not taken
        codes, found = await look(self, filters, quiet_s)
        looks.append(len(filters))
        return codes, set(sorted(found)[:5])

    monkeypatch.setattr(Connection, "look", some)
    monkeypatch.setattr(mqtt_link, "MANY", 5)
    await send_all(signs, said(), many(12))
    outcomes = await send_all(signs, said(Kind.CANCEL, 2, None), many(12))
    assert {one.result for one in outcomes} == {Result.SENT}
    assert looks[:3] == [12, 6, 3]
    assert await Signs(broker).shown() == {}


async def test_when_the_connection_dies_each_sign_has_an_outcome_of_its_own(tmp_path):
    broker = Mosquitto(tmp_path, "allow_anonymous true")
    await broker.listening()
    wire = Wire(broker.port)
    await wire.open()
    wire.breaks_after = 100
    channel = Mqtt(Broker(HOST, wire.port, tls=False), Guard(Mode.SANDBOX, frozenset({(HOST, wire.port)})))
    outcomes = await send_all(channel, said(), many(256))
    shown = await Signs(broker).shown()
    await channel.close()
    await wire.close()
    broker.stop()
    told = {f"city/sign{n}" for n, one in enumerate(outcomes, 1) if one.result in {Result.SENT, Result.IN_DOUBT}}
    assert {one.result for one in outcomes} == {Result.SENT, Result.IN_DOUBT, Result.UNSENT}
    assert sum(one.result is Result.SENT for one in outcomes) == 100
    assert {topic.rsplit("/", 2)[0] for topic in shown} <= told


async def test_what_waits_for_its_turn_is_not_sent_once_it_may_not_be(signs):
    allowed = iter([True] * 10)
    still.set(lambda: next(allowed, False))
    outcomes = await send_all(signs, said(), many(30))
    assert [one.result for one in outcomes].count(Result.SENT) == 10
    assert [one for one in outcomes if one.result is not Result.SENT] == [Outcome(Result.UNSENT, STOPPED)] * 20


async def test_a_broker_of_mqtt_3_1_1_is_served_and_cleared(broker):
    wire = Wire(broker.port)
    await wire.open()
    wire.old = True
    channel = Mqtt(Broker(HOST, wire.port, tls=False), Guard(Mode.SANDBOX, frozenset({(HOST, wire.port)})))
    assert (await send(channel, said())).result is Result.SENT
    [shown] = (await Signs(broker).shown()).values()
    assert not hasattr(shown.properties, "MessageExpiryInterval")  # it has no word for it
    assert (await send(channel, said(Kind.CANCEL, 2, None))).result is Result.SENT
    assert await Signs(broker).shown() == {}
    await channel.close()
    await wire.close()


async def test_the_connection_goes_to_the_address_that_was_judged(broker):
    async def resolve(_host, _port):
        return [HOST]

    receivers = frozenset({("broker.example", broker.port), (HOST, broker.port)})
    channel = Mqtt(Broker("broker.example", broker.port, tls=False), Guard(Mode.SANDBOX, receivers, resolve))
    assert (await send(channel, said())).result is Result.SENT  # no resolver of this machine knows the name
    await channel.close()


async def test_a_name_that_leads_into_the_house_is_not_called():
    async def resolve(_host, _port):
        return ["93.184.216.34", "10.0.0.7"]

    channel = Mqtt(Broker("broker.example.com", 8883), Guard(Mode.LIVE, resolve=resolve))
    assert await send(channel, said()) == Outcome(Result.REFUSED, "guard")
    await channel.close()


@pytest.mark.parametrize(("named", "result"), [("broker.example", Result.SENT), ("other.example", Result.UNSENT)])
async def test_tls_asks_for_the_broker_s_name_and_not_for_its_address(tmp_path, monkeypatch, named, result):
    issuer = authority()
    vouched(tmp_path, issuer, named)
    (tmp_path / "trusted.pem").write_bytes(pem_of(issuer))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
    pem = tmp_path / "server.pem"
    broker = Mosquitto(tmp_path, "allow_anonymous true", f"certfile {pem}", f"keyfile {pem}")
    await broker.listening()

    async def resolve(_host, _port):
        return [HOST]

    receivers = frozenset({("broker.example", broker.port), (HOST, broker.port)})
    channel = Mqtt(Broker("broker.example", broker.port), Guard(Mode.SANDBOX, receivers, resolve))
    outcome = await send(channel, said())
    await channel.close()
    broker.stop()
    assert outcome.result is result


@pytest.mark.parametrize(
    ("topic", "good"), [("a", True), ("city/signs", True), ("a//b", True), ("a b", True), ("#", False)]
)
def test_a_prefix_is_one_that_topics_can_begin_with(topic, good):
    assert is_prefix(topic) is good
