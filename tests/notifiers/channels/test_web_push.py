"""Against the real sandbox: what leaves here is posted, checked, decrypted and counted there."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.benches import UnifiedPushBench, WebPushBench
from channels.contract import ChannelContract
from notifiers.channels.web_push import origin_of, payload, topic
from notifiers.channels.web_push_crypto import MAX_PLAINTEXT
from notifiers.model import Kind, Notice, Result, Text
from notifiers.sandbox.counts import NoticeKey
from notifiers.sandbox.faults import Fault


class TestWebPush(ChannelContract):
    bench_class = WebPushBench


class TestUnifiedPush(ChannelContract):
    bench_class = UnifiedPushBench


async def send(channel, notice, *subscriptions):
    live = replace(notice, expires_at=datetime.now(UTC) + timedelta(hours=1))
    prepared = await channel.prepare(live, subscriptions)
    return [await channel.send(prepared, subscription) for subscription in subscriptions]


async def test_each_browser_reads_its_message_in_its_language(sandbox, web_push, notice, browser):
    outcomes = await send(web_push, notice, browser(1), browser(2, language="es-MX"), browser(3, language="de"))
    assert [outcome.result for outcome in outcomes] == [Result.SENT] * 3
    read = {got["to"]: got["message"]["lang"] for got in sandbox.counts.recent}
    assert read == {"token1": "en-US", "token2": "es", "token3": "en-US"}
    assert sandbox.counts.unreadable == {}


async def test_of_several_languages_the_first_that_the_alert_speaks_is_read(sandbox, web_push, notice, browser):
    await send(
        web_push, notice, browser(1, language="de es en"), browser(2, language="de en es"), browser(3, language="")
    )
    assert {got["to"]: got["message"]["lang"] for got in sandbox.counts.recent} == {
        "token1": "es",
        "token2": "en-US",
        "token3": "en-US",
    }


async def test_the_message_says_what_a_service_worker_needs(sandbox, web_push, notice, browser):
    await send(web_push, notice, browser(1))
    assert sandbox.counts.recent[0]["message"] == {
        "title": "EXERCISE: Missing child: Ann Example, 9",
        "body": "Last seen near the lake.\n\nBlue coat.\nCall 911.",
        "tag": "incident-token",
        "version": 2,
        "number": 3,
        "kind": "update",
        "url": "https://alerts.example/a/incident-token?c=push",
        "lang": "en-US",
        "settings": "Settings",
    }


async def test_a_repeat_asks_to_take_the_old_one_s_place_without_sound(sandbox, web_push, notice, browser):
    await send(web_push, replace(notice, repeats_on=("web_push",)), browser(1))
    said = sandbox.counts.recent[0]
    assert (said["message"]["silent"], said["message"]["tag"]) == (True, notice.incident)


async def test_the_headers_are_those_of_rfc_8030(sandbox, web_push, notice, browser):
    await send(web_push, notice, browser(1))
    got = sandbox.counts.recent[0]
    assert 3590 <= int(got["ttl"]) <= 3600
    assert (got["urgency"], got["topic"]) == ("high", topic("incident-token"))


async def test_an_expired_notice_asks_the_service_to_keep_nothing(sandbox, web_push, notice, browser):
    prepared = await web_push.prepare(notice, [browser(1)])  # its hour is long over
    await web_push.send(prepared, browser(1))
    assert sandbox.counts.recent[0]["ttl"] == "0"


async def test_two_services_each_get_a_token_of_their_own(sandbox, web_push, notice, browser):
    outcomes = await send(web_push, notice, browser(1), browser(2, service=1))
    assert {outcome.result for outcome in outcomes} == {Result.SENT}
    assert sandbox.counts.answered["web_push"] == {"201": 2}


async def test_a_repeat_is_counted_as_a_duplicate(sandbox, web_push, notice, browser):
    await send(web_push, notice, browser(1), browser(1), browser(2))
    got = sandbox.counts.notices[NoticeKey("web_push", "incident-token", 2, "update")]
    assert (got.by_subscription, got.duplicates) == ({"token1": 2, "token2": 1}, 1)


async def test_keys_of_another_browser_make_a_message_nobody_reads(sandbox, web_push, notice, browser):
    mixed = replace(browser(1), address={**browser(1).address, "auth": browser(2).address["auth"]})
    assert (await send(web_push, notice, mixed))[0].result is Result.SENT
    assert (sandbox.counts.unreadable["web_push"], sandbox.counts.notices) == (1, {})


@pytest.mark.parametrize(
    ("fault", "result", "reason"),
    [
        (Fault("status", status=410), Result.GONE, "410"),
        (Fault("status", status=404), Result.GONE, "404"),
        (Fault("status", status=413), Result.REFUSED, "413"),
        (Fault("status", status=403), Result.OURS, "403"),
        (Fault("status", status=307), Result.REFUSED, "307"),
        (Fault("status", status=500), Result.IN_DOUBT, "500"),
        (Fault("reset"), Result.IN_DOUBT, "reset"),
        (Fault("slow", seconds=0.05), Result.SENT, "201"),
    ],
)
async def test_what_the_service_does_becomes_an_outcome(sandbox, web_push, notice, browser, fault, result, reason):
    sandbox.faults.replace([fault])
    outcome = (await send(web_push, notice, browser(1)))[0]
    assert (outcome.result, outcome.reason) == (result, reason)


async def test_retry_after_is_heard(sandbox, web_push, notice, browser):
    sandbox.faults.replace([Fault("status", status=429, retry_after_s=17)])
    outcome = (await send(web_push, notice, browser(1)))[0]
    assert (outcome.result, outcome.retry_after_s) == (Result.LATER, 17.0)


async def test_a_taken_message_without_an_answer_is_in_doubt(sandbox, web_push, notice, browser):
    sandbox.faults.replace([Fault("cut")])
    assert (await send(web_push, notice, browser(1)))[0].result is Result.IN_DOUBT
    assert sandbox.counts.notices[NoticeKey("web_push", "incident-token", 2, "update")].received == 1


@pytest.mark.parametrize(
    "change",
    [{"p256dh": "AAAA"}, {"auth": "not base64!"}, {"endpoint": "http://127.0.0.1:1/push/x"}, {"endpoint": "x"}],
)
async def test_an_address_that_is_none_refuses_and_never_raises(web_push, notice, browser, change):
    broken = replace(browser(1), address={**browser(1).address, **change})
    assert (await send(web_push, notice, broken))[0].result is Result.REFUSED


async def test_an_address_with_a_member_missing_is_refused(web_push, notice, browser):
    assert (await send(web_push, notice, replace(browser(1), address={})))[0].reason == "bad_address"


@pytest.mark.parametrize(
    ("endpoint", "origin"),
    [
        ("https://fcm.googleapis.com/fcm/send/x", "https://fcm.googleapis.com"),
        ("https://Push.Example:443/x", "https://push.example"),
        ("https://push.example:8443/x", "https://push.example:8443"),
        ("http://127.0.0.1:9001/push/x", "http://127.0.0.1:9001"),
    ],
)
def test_an_origin_is_written_without_its_default_port(endpoint, origin):
    assert origin_of(endpoint) == origin


def test_a_topic_is_at_most_32_characters_and_hides_the_incident():
    assert len(topic("incident-token")) == 32
    assert topic("incident-token") != topic("another")
    assert "incident" not in topic("incident-token")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400), st.text(max_size=6000), st.text(max_size=900), st.text("ab/:?&=%ü", max_size=1500))
def test_a_payload_always_fits_and_always_reads(headline, body, instruction, url):
    at = datetime(2026, 5, 1, tzinfo=UTC)
    texts = {"en": Text(headline, body, instruction)}
    message = json.loads(
        fitting := payload(Notice("i" * 32, 1, 1, Kind.ALERT, "Actual", at, at, "P", url, texts), "en")
    )
    assert len(fitting) <= MAX_PLAINTEXT
    assert message["tag"] == "i" * 32
