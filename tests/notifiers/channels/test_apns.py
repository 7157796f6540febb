"""APNs against an HTTP/2 server over TLS, through the very sender that serves; and what Apple's answers mean."""

import json
import uuid
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from credentials import apple_key
from hypothesis import given, settings
from hypothesis import strategies as st

from channels import apple
from channels.benches import NOBODY, PATIENCE_S
from channels.contract import RETRY_AFTER_S, Arrived, Bench, ChannelContract, How
from notifiers.channels.apns import Apns, App, payload
from notifiers.channels.apns_answers import outcome_of
from notifiers.channels.apple_token import ProviderToken
from notifiers.channels.phone_message import Level
from notifiers.guard import Guard, Mode
from notifiers.model import Kind, Notice, Outcome, Result, Text
from notifiers.sender import Answer, HttpClient, Limits
from notifiers.senders import make_sender

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOST = "127.0.0.1"
ANSWERS = {
    How.GONE: (410, "Unregistered", {}),
    How.REFUSING: (413, "PayloadTooLarge", {}),
    How.OURS: (403, "InvalidProviderToken", {}),
    How.LATER: (503, "ServiceUnavailable", {}),
    How.LATER_AT: (429, "TooManyRequests", {"retry-after": str(RETRY_AFTER_S)}),
}
BROKEN = {How.RESET: "reset", How.SILENT: "silent"}


class ApnsBench(Bench):
    name = "apns"

    async def open(self, directory):
        self._stack = AsyncExitStack()
        self.apple = await self._stack.enter_async_context(apple.listening(directory))
        self.token = ProviderToken(apple_key(), "KEY1234567", "TEAM123456")
        self.channel = self.make(self.apple.url)

    def make(self, url, level=Level.ACTIVE):
        guard = Guard(Mode.SANDBOX, frozenset({(HOST, self.apple.port), (HOST, NOBODY)}))
        sender = make_sender(guard, HttpClient.PYREQWEST, Limits(connect_timeout_s=5.0, trust=self.apple.trust))
        app = App("org.example.lookout", level, url)
        return Apns(sender, self.token, app, secret=b"s" * 32, timeout_s=PATIENCE_S)

    async def close(self):
        await self._stack.aclose()

    async def misbehave(self, how):
        self.apple.answer, self.apple.broken = ANSWERS.get(how, (200, "", {})), BROKEN.get(how)
        if how is How.DOWN:
            await self.channel.close()
            self.channel = self.make(f"https://{HOST}:{NOBODY}")

    def address(self, number):
        return {"token": f"{number:064x}"}

    def bad_addresses(self):
        texts = ("", "abc", "g" * 64, "a" * 63, "a" * 201, "a" * 64 + "\r\nx: 1", "a" * 64 + "/../x")
        return [{"token": text} for text in texts]

    async def arrived(self):
        return [
            Arrived(int(one.device, 16), one.body.decode(), one.headers["apns-collapse-id"] + one.headers["apns-id"])
            for one in self.apple.asked
        ]

    def secrets(self, subscription):
        return [*super().secrets(subscription), self.token.authorization().removeprefix("bearer ")]


class TestApns(ChannelContract):
    bench_class = ApnsBench


@pytest.fixture
async def bench(tmp_path):
    bench = ApnsBench()
    await bench.open(tmp_path)
    yield bench
    await bench.channel.close()
    await bench.close()


async def send(bench, notice, number=1, times=1):
    prepared = await bench.channel.prepare(notice, [bench.subscription(number)])
    return [await bench.channel.send(prepared, bench.subscription(number)) for _ in range(times)]


async def test_the_request_is_what_apple_asks_for(bench, notice):
    await send(bench, notice)
    [asked] = bench.apple.asked
    headers = asked.headers
    assert (headers[":method"], headers[":path"]) == ("POST", f"/3/device/{1:064x}")
    assert {name: headers[name] for name in ("apns-topic", "apns-push-type", "apns-priority", "apns-expiration")} == {
        "apns-topic": "org.example.lookout",
        "apns-push-type": "alert",
        "apns-priority": "10",
        "apns-expiration": str(int(notice.expires_at.timestamp())),
    }
    assert headers["authorization"] == bench.token.authorization()
    assert len(headers["apns-collapse-id"]) <= 64
    assert str(uuid.UUID(headers["apns-id"])) == headers["apns-id"]
    assert asked.said["lookout"]["url"] == notice.page_url


async def test_all_goes_over_one_connection(bench, notice):
    await send(bench, notice, times=10)
    assert (len(bench.apple.asked), len(bench.apple.connections)) == (10, 1)


async def test_the_id_is_the_same_for_a_repeat_and_another_for_another(bench, notice):
    await send(bench, notice, times=2)
    await send(bench, notice, number=2)
    await send(bench, replace(notice, version=3))
    ids = [asked.headers["apns-id"] for asked in bench.apple.asked]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert len({asked.headers["apns-collapse-id"] for asked in bench.apple.asked}) == 1


async def test_a_token_apple_calls_expired_waits_for_its_successor(bench, notice):
    bench.apple.answer = (403, "ExpiredProviderToken", {})
    assert (await send(bench, notice))[0] == Outcome(Result.LATER, "ExpiredProviderToken")


@pytest.mark.parametrize(
    ("status", "reason", "result"),
    [
        (200, "", Result.SENT),
        (410, "Unregistered", Result.GONE),
        (410, "ExpiredToken", Result.GONE),
        (400, "BadDeviceToken", Result.REFUSED),
        (400, "DeviceTokenNotForTopic", Result.REFUSED),
        (413, "PayloadTooLarge", Result.REFUSED),
        (400, "BadCollapseId", Result.REFUSED),
        (400, "BadTopic", Result.OURS),
        (403, "InvalidProviderToken", Result.OURS),
        (403, "Forbidden", Result.OURS),
        (403, "ExpiredProviderToken", Result.LATER),
        (404, "BadPath", Result.OURS),
        (404, "", Result.OURS),
        (429, "TooManyRequests", Result.LATER),
        (500, "InternalServerError", Result.IN_DOUBT),
        (503, "Shutdown", Result.LATER),
        (400, "somebody's words", Result.REFUSED),
    ],
)
def test_each_answer_of_apple_has_one_meaning(status, reason, result):
    outcome = outcome_of(Answer(status, {}, json.dumps({"reason": reason}).encode()), NOW)
    assert outcome.result is result
    assert "words" not in outcome.reason


def test_a_provider_that_renewed_too_often_waits_twenty_minutes():
    answer = Answer(429, {}, b'{"reason": "TooManyProviderTokenUpdates"}')
    assert outcome_of(answer, NOW).retry_after_s == 1200


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"reason": 7}', b"[" * 5000])
def test_an_answer_without_a_reason_is_judged_by_its_status(body):
    assert outcome_of(Answer(410, {}, body), NOW) == Outcome(Result.GONE, "410")


def said(notice, level):
    return json.loads(payload(notice, "en", level))["aps"]


def test_only_what_is_real_and_not_over_breaks_through_silence(notice):
    real = replace(notice, status="Actual")
    assert said(real, Level.CRITICAL)["sound"] == {"critical": 1, "name": "default", "volume": 1.0}
    assert said(real, Level.TIME_SENSITIVE)["interruption-level"] == "time-sensitive"
    for other in (notice, replace(real, kind=Kind.CANCEL)):
        assert (said(other, Level.CRITICAL)["interruption-level"], said(other, Level.CRITICAL)["sound"]) == (
            "active",
            "default",
        )


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=3000), st.text(max_size=6000), st.sampled_from(Kind))
def test_a_payload_never_passes_4096_bytes(headline, body, kind):
    notice = Notice(
        "i" * 32, 2**31, 2**31, kind, "Actual", NOW, NOW + timedelta(hours=1), "x", "https://x.example/" + "y" * 900,
        {"en": Text(headline, body, "Call.")},
    )  # fmt: skip
    assert len(payload(notice, "en", Level.CRITICAL)) <= 4096
