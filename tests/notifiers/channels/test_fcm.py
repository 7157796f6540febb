"""FCM against the sandbox's service, and what each of Google's answers means."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from credentials import service_account
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.benches import NOBODY, PATIENCE_S, SandboxBench
from channels.contract import RETRY_AFTER_S, Arrived, ChannelContract, How
from notifiers.channels.credential import read_service_account
from notifiers.channels.fcm import Fcm, Project, complete, shared
from notifiers.channels.fcm_answers import BAD_REQUEST, FCM_ERROR, outcome_of, token_refused
from notifiers.channels.google_token import AccessTokens
from notifiers.channels.phone_message import Level
from notifiers.model import Kind, Notice, Outcome, Result, Text
from notifiers.sandbox.faults import Fault
from notifiers.sandbox.process import HOST
from notifiers.sender import Answer
from notifiers.senders import make_sender

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


class FcmBench(SandboxBench):
    name = "fcm"
    faults = {
        How.RESET: Fault("cut", channel="fcm"),
        How.SILENT: Fault("stall", channel="fcm"),
        How.GONE: Fault("status", channel="fcm", status=404),
        How.REFUSING: Fault("status", channel="fcm", status=400),
        How.OURS: Fault("status", channel="fcm", status=401),
        How.LATER: Fault("status", channel="fcm", status=503),
        How.LATER_AT: Fault("status", channel="fcm", status=429, retry_after_s=RETRY_AFTER_S),
    }

    async def open(self, directory):
        await super().open(directory)
        (directory / "account.json").write_text(service_account())
        self.account = read_service_account(directory / "account.json")
        self.channel = self.make(self.sandbox.push_urls[0])

    def make(self, url):
        sender = make_sender(self.guard)
        tokens = AccessTokens(sender, self.account, token_url=f"{self.sandbox.push_urls[0]}/fcm/token")
        return Fcm(sender, tokens, Project("example-project", base_url=f"{url}/fcm"), timeout_s=PATIENCE_S)

    async def misbehave(self, how):
        await super().misbehave(how)
        await self.channel.close()
        self.channel = self.make(f"http://{HOST}:{NOBODY}" if self.down else self.sandbox.push_urls[0])

    def address(self, number):
        return {"token": f"device-token:{number}"}

    def bad_addresses(self):
        texts = ("", "short", "device-token:1\r\nX: 1", "device token 1", "x" * 2000, "ünïcode-token")
        return [{"token": text} for text in texts]

    async def arrived(self):
        return [_arrived(got) for got in self.sandbox.counts.recent]

    def secrets(self, subscription):
        return [*super().secrets(subscription), "sandbox-access-token", "PRIVATE KEY"]


def _arrived(got):
    message = got["message"]
    key = message["android"]["collapse_key"] + message["android"]["notification"]["tag"]
    return Arrived(int(got["to"].rpartition(":")[2]), json.dumps(message, ensure_ascii=False), key)


class TestFcm(ChannelContract):
    bench_class = FcmBench


def answer(status, code="", *, message="", fields=(), **headers):
    details = [{"@type": FCM_ERROR, "errorCode": code}] if code else []
    if fields:
        details.append({"@type": BAD_REQUEST, "fieldViolations": [{"field": field} for field in fields]})
    body = json.dumps({"error": {"code": status, "message": message, "status": "X", "details": details}})
    return Answer(status, headers, body.encode())


@pytest.mark.parametrize(
    ("answered", "outcome"),
    [
        (answer(200), Outcome(Result.SENT, "200")),
        (answer(404, "UNREGISTERED"), Outcome(Result.GONE, "unregistered")),
        (answer(404), Outcome(Result.OURS, "404")),
        (answer(400, "INVALID_ARGUMENT"), Outcome(Result.REFUSED, "invalid_argument")),
        (
            answer(400, "INVALID_ARGUMENT", fields=["message.token"]),
            Outcome(Result.REFUSED, "invalid_argument_token"),
        ),
        (
            answer(400, "INVALID_ARGUMENT", message="The registration token is not a valid FCM registration token"),
            Outcome(Result.REFUSED, "invalid_argument_token"),
        ),
        (
            answer(400, "INVALID_ARGUMENT", fields=["message.android.ttl"]),
            Outcome(Result.REFUSED, "invalid_argument"),
        ),
        (answer(403, "SENDER_ID_MISMATCH"), Outcome(Result.REFUSED, "sender_id_mismatch")),
        (answer(403), Outcome(Result.OURS, "403")),
        (answer(401), Outcome(Result.OURS, "401")),
        (answer(401, "THIRD_PARTY_AUTH_ERROR"), Outcome(Result.OURS, "third_party_auth_error")),
        (answer(429, "QUOTA_EXCEEDED"), Outcome(Result.LATER, "429", 60.0)),
        (answer(429, "QUOTA_EXCEEDED", **{"Retry-After": "7"}), Outcome(Result.LATER, "429", 7.0)),
        (answer(503, "UNAVAILABLE", **{"Retry-After": "9"}), Outcome(Result.LATER, "503", 9.0)),
        (answer(500, "INTERNAL"), Outcome(Result.IN_DOUBT, "500")),
        (answer(502, "UNREGISTERED"), Outcome(Result.IN_DOUBT, "502")),
        (Answer(404, {}, b'{"error": {"details": [{"@type": "' + FCM_ERROR.encode()), Outcome(Result.OURS, "404")),
        (Answer(400, {}, b"<html>"), Outcome(Result.REFUSED, "400")),
        (Answer(400, {}, b'{"error": [1]}'), Outcome(Result.REFUSED, "400")),
        (Answer(302, {}, b""), Outcome(Result.REFUSED, "302")),
    ],
)
def test_each_answer_of_google_has_one_meaning(answered, outcome):
    assert outcome_of(answered, NOW) == outcome


def test_only_a_refused_access_token_is_forgotten():
    assert token_refused(answer(401))
    assert not token_refused(answer(401, "THIRD_PARTY_AUTH_ERROR"))
    assert not token_refused(answer(403))


async def test_a_service_that_forgot_our_access_token_is_ours_once_and_gets_a_new_one(tmp_path, notice):
    bench = FcmBench()
    await bench.open(tmp_path)
    try:
        prepared = await bench.channel.prepare(notice, [bench.subscription(1)])
        await bench.channel.send(prepared, bench.subscription(1))
        kept = bench.channel._tokens._kept
        bench.channel._tokens._kept = replace(kept, bearer="an-old-one")
        results = [(await bench.channel.send(prepared, bench.subscription(1))).result for _ in range(2)]
    finally:
        await bench.channel.close()
        await bench.close()
    assert results == [Result.OURS, Result.SENT]


async def test_a_service_account_that_is_refused_is_ours_and_nothing_is_sent(tmp_path, notice):
    bench = FcmBench()
    await bench.open(tmp_path)
    bench.channel._tokens._token_url = f"{bench.sandbox.push_urls[0]}/push/no-token-here"
    prepared = await bench.channel.prepare(notice, [bench.subscription(1)])
    outcome = await bench.channel.send(prepared, bench.subscription(1))
    await bench.channel.close()
    assert (outcome, await bench.arrived()) == (Outcome(Result.OURS, "token 400"), [])
    await bench.close()


def test_the_message_says_what_a_phone_needs(notice):
    live = replace(notice, status="Actual")
    said = complete(shared(live, "es-MX", Level.TIME_SENSITIVE), "a-token", live, NOW)
    assert said["notification"]["title"] == "Menor desaparecida: Ann Example"
    assert said["notification"]["body"] == "Vista por última vez junto al lago.\nLlame al 911."
    assert said["data"] == {
        "tag": "incident-token",
        "version": "2",
        "number": "3",
        "kind": "update",
        "url": "https://alerts.example/a/incident-token",
        "lang": "es",
    }
    assert (said["token"], said["android"]["ttl"], said["android"]["priority"]) == ("a-token", "3600s", "HIGH")
    assert said["apns"]["headers"]["apns-expiration"] == str(int(live.expires_at.timestamp()))
    assert said["apns"]["payload"]["aps"]["interruption-level"] == "time-sensitive"


def test_google_keeps_nothing_past_the_end(notice):
    late = notice.expires_at + timedelta(seconds=1)
    assert complete(shared(notice, "en"), "t", notice, late)["android"]["ttl"] == "0s"


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=3000), st.text(max_size=6000), st.sampled_from(Kind))
def test_a_message_never_passes_4096_bytes(headline, body, kind):
    notice = Notice(
        "i" * 32, 2**31, 2**31, kind, "Actual", NOW, NOW + timedelta(days=40), "x", "https://x.example/" + "y" * 900,
        {"en": Text(headline, body, "Call.")},
    )  # fmt: skip
    told = complete(shared(notice, "en", Level.CRITICAL), "", notice, NOW)
    assert len(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")) <= 4096
