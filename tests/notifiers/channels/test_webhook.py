"""Webhooks against the sandbox's receiver, with the standard's own library as the oracle of every signature."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook as Oracle
from standardwebhooks import WebhookVerificationError

from channels.benches import NOBODY, PATIENCE_S, SandboxBench
from channels.contract import CHILD, RETRY_AFTER_S, Arrived, ChannelContract, How
from geo.shapes import from_circle, from_geojson
from notifiers.channels.webhook import MAX_AREA, Webhook, payload
from notifiers.channels.webhook_signature import secret_of, shown, sign
from notifiers.model import Kind, Result
from notifiers.sandbox.faults import Fault
from notifiers.sandbox.process import HOST
from notifiers.senders import make_sender

SECRET = b"the installation's secret"


class WebhookBench(SandboxBench):
    name = "webhook"
    lasting = True
    faults = {
        How.RESET: Fault("cut", channel="webhook"),
        How.SILENT: Fault("stall", channel="webhook"),
        How.GONE: Fault("status", channel="webhook", status=410),
        How.REFUSING: Fault("status", channel="webhook", status=400),
        How.OURS: Fault("status", channel="webhook", status=401),
        How.LATER: Fault("status", channel="webhook", status=503),
        How.LATER_AT: Fault("status", channel="webhook", status=429, retry_after_s=RETRY_AFTER_S),
    }

    async def open(self, directory):
        await super().open(directory)
        self.channel = Webhook(make_sender(self.guard), secret=SECRET, timeout_s=PATIENCE_S)

    def address(self, number):
        base = f"http://{HOST}:{NOBODY}" if self.down else self.sandbox.push_urls[0]
        return {"endpoint": f"{base}/hook/partner-{number}", "key": "k1"}

    def bad_addresses(self):
        own = self.address(1)
        return [
            {"endpoint": own["endpoint"]},
            {"key": "k1"},
            {**own, "endpoint": "x"},
            {**own, "endpoint": "http://127.0.0.1:1/hook/x"},
            {**own, "endpoint": f"{own['endpoint']}\r\nX: 1"},
            {**own, "old_key": "k0", "old_until": "soon"},
            {**own, "old_key": "k0", "old_until": "2026-05-01T12:00:00"},
        ]

    def words(self, notice, tag):
        """No reader's words: what and where, and the link behind which the rest stands while the alert lives."""
        return [notice.page_url, notice.texts[tag].area_name, "alert.published"]

    async def arrived(self):
        return [
            Arrived(int(got["to"].rpartition("-")[2]), got["body"], got["webhook-id"])
            for got in self.sandbox.counts.recent
        ]

    def secrets(self, subscription):
        signing = secret_of(SECRET, subscription.address["endpoint"], "k1")
        return [subscription.address["endpoint"], shown(signing), signing.hex()]


class TestWebhook(ChannelContract):
    bench_class = WebhookBench


@pytest.fixture
async def bench(tmp_path):
    bench = WebhookBench()
    await bench.open(tmp_path)
    yield bench
    await bench.channel.close()
    await bench.close()


async def post(bench, notice, subscription):
    prepared = await bench.channel.prepare(notice, [subscription])
    outcome = await bench.channel.send(prepared, subscription)
    return outcome, bench.sandbox.counts.recent[-1] if bench.sandbox.counts.recent else None


def verified(got, secret):
    headers = {name: got[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}
    return Oracle(shown(secret)).verify(got["body"], headers)


async def test_the_standards_own_library_verifies_what_we_sign(bench, notice):
    subscription = bench.subscription(1)
    _, got = await post(bench, notice, subscription)
    assert verified(got, secret_of(SECRET, subscription.address["endpoint"], "k1"))["type"] == "alert.updated"
    with pytest.raises(WebhookVerificationError):
        verified(got, secret_of(SECRET, subscription.address["endpoint"], "k2"))
    with pytest.raises(WebhookVerificationError):
        verified({**got, "body": got["body"] + " "}, secret_of(SECRET, subscription.address["endpoint"], "k1"))


def test_a_signature_is_the_librarys_byte_for_byte():
    secret, at = secret_of(SECRET, "https://partner.example/hook", "k1"), datetime(2026, 5, 1, tzinfo=UTC)
    ours = sign(secret, "msg_1", str(int(at.timestamp())), "é{}".encode())
    assert ours == Oracle(shown(secret)).sign("msg_1", at, "é{}")
    assert len(secret) == 32


@pytest.mark.parametrize(("left_s", "old_signs"), [(60, True), (-1, False)])
async def test_while_keys_are_rotated_both_sign(bench, notice, left_s, old_signs):
    until = (datetime.now(UTC) + timedelta(seconds=left_s)).isoformat()
    address = {**bench.address(1), "key": "k2", "old_key": "k1", "old_until": until}
    _, got = await post(bench, notice, replace(bench.subscription(1), address=address))
    verified(got, secret_of(SECRET, address["endpoint"], "k2"))
    assert got["webhook-signature"].count("v1,") == 1 + old_signs
    if old_signs:
        verified(got, secret_of(SECRET, address["endpoint"], "k1"))


async def test_a_repeat_has_the_id_of_the_first_and_another_receiver_another(bench, notice):
    ids = [(await post(bench, notice, bench.subscription(number)))[1]["webhook-id"] for number in (1, 1, 2)]
    later = (await post(bench, replace(notice, version=3), bench.subscription(1)))[1]["webhook-id"]
    assert ids[0] == ids[1]
    assert len({*ids, later}) == 3
    assert not any("." in made for made in (*ids, later))


@pytest.mark.parametrize(
    ("status", "result"),
    [(404, Result.REFUSED), (302, Result.REFUSED), (408, Result.LATER), (500, Result.IN_DOUBT), (410, Result.GONE)],
)
async def test_what_a_receiver_answers(bench, notice, status, result):
    bench.sandbox.faults.replace([Fault("status", channel="webhook", status=status)])
    assert (await post(bench, notice, bench.subscription(1)))[0].result is result


@pytest.mark.parametrize(
    ("kind", "event"),
    [(Kind.ALERT, "alert.published"), (Kind.UPDATE, "alert.updated"), (Kind.CANCEL, "alert.cancelled")],
)
def test_the_event_names_what_happened(notice, kind, event):
    assert json.loads(payload(replace(notice, kind=kind)))["type"] == event


def test_the_body_says_what_where_until_when_and_where_to_read_on(notice):
    area = from_circle(-105.0, 40.0, 5000.0)
    said = json.loads(payload(replace(notice, area=area, status="Actual")))
    assert said["timestamp"] == "2026-05-01T12:00:00Z"
    data = said["data"]
    assert (data["incident"], data["version"], data["status"]) == ("incident-token", 2, "Actual")
    assert (data["link"], data["expires_at"]) == (notice.page_url, "2026-05-01T13:00:00Z")
    assert data["texts"]["en-US"]["heading"] == "Missing child alert, updated"
    assert list(data["texts"]) == ["en-US", "es"]
    assert data["area"]["properties"]["circles"] == [[-105.0, 40.0, 5000.0]]


def test_the_plate_is_said_and_an_exercise_is_marked_in_each_language(notice):
    texts = json.loads(payload(replace(notice, plate="EX4MPLE (California)")))["data"]["texts"]
    assert texts["en-US"]["plate"] == "Plate: EX4MPLE (California)"
    assert [text["heading"].split(":")[0] for text in texts.values()] == ["EXERCISE", "SIMULACRO"]


def test_nothing_of_the_child_is_in_it(notice):
    said = payload(notice).decode()
    assert [word for word in (*CHILD.split(), "lake", "coat", "911") if word in said] == []


def test_an_area_that_is_too_long_is_left_out_whole(notice):
    side = [[i / 1000, 0.0] for i in range(9_000)]
    ring = [*side, [8.999, 1.0], *[[x, 1.0 + x / 1e6] for x, _ in reversed(side)], [0.0, 0.0]]
    area = from_geojson({"type": "Polygon", "coordinates": [ring]})
    said = payload(replace(notice, area=area))
    assert len(json.dumps(area.to_geojson())) > MAX_AREA
    assert json.loads(said)["data"]["area"] is None


@pytest.mark.parametrize(("status", "linked"), [("Actual", True), ("Exercise", False)])
def test_an_actual_alert_links_to_its_cap_and_to_the_feed(notice, status, linked):
    said = replace(notice, status=status, page_url="https://alerts.example/a/t0ken")
    data = json.loads(payload(said))["data"]
    assert data.get("cap") == ("https://alerts.example/v1/cap/t0ken" if linked else None)
    assert data.get("feed") == ("https://alerts.example/v1/feeds/alerts.atom" if linked else None)
