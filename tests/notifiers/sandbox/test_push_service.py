import asyncio
import json
from datetime import UTC, datetime

import httpx
import pytest

from notifiers.guard import Guard, Mode
from notifiers.outcome import retry_after_s
from notifiers.sandbox.counts import NoticeKey
from notifiers.sandbox.faults import BadFault, Fault
from notifiers.sandbox.process import listening
from notifiers.senders import make_sender

KEY = NoticeKey("web_push", "incident", 1, "alert")


async def test_a_right_push_is_created_and_counted(sandbox, push):
    answer = await push("t1")
    assert (answer.status_code, answer.headers["location"]) == (201, "/message/1")
    assert sandbox.counts.notices[KEY].by_subscription == {"t1": 1}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"TTL": None}, 400),
        ({"TTL": "soon"}, 400),
        ({"Content_Encoding": "aesgcm"}, 400),
        ({"Topic": "x" * 33}, 400),
        ({"Topic": "a b"}, 400),
        ({"Urgency": "extreme"}, 400),
        ({"Authorization": None}, 401),
        ({"Authorization": "vapid t=a.b.c, k=d"}, 403),
        ({"body": b"x" * 4097}, 413),
    ],
)
async def test_a_push_that_a_real_service_refuses_is_refused(sandbox, push, headers, status):
    assert (await push(**headers)).status_code == status
    assert sandbox.counts.notices == {}
    assert sandbox.counts.answered["web_push"] == {str(status): 1}


async def test_a_token_for_another_service_is_refused(push):
    other = await push()
    stolen = other.request.headers["authorization"]
    port = other.request.url.port
    answer = await push(Authorization=stolen, Host=f"localhost:{port}")
    assert answer.status_code == 403


@pytest.mark.parametrize("told", [{"body": b"x" * 200}, {"plaintext": b"not json"}, {"plaintext": b'{"tag": "t"}'}])
async def test_what_no_browser_could_show_is_taken_and_counted_apart(sandbox, push, told):
    assert (await push(**told)).status_code == 201
    assert (sandbox.counts.unreadable["web_push"], sandbox.counts.notices) == (1, {})


async def test_a_repeat_is_a_duplicate_and_another_version_is_none(sandbox, push):
    for version in (1, 1, 2):
        await push(plaintext=json.dumps({"tag": "incident", "version": version, "kind": "alert"}).encode())
    assert [got.duplicates for got in sandbox.counts.notices.values()] == [1, 0]


async def test_only_post_pushes(client):
    assert (await client.get("/push/t1")).status_code == 405


@pytest.mark.parametrize(("kind", "counted"), [("reset", 0), ("cut", 1)])
async def test_a_broken_connection_has_or_has_not_taken_the_message(sandbox, push, kind, counted):
    sandbox.faults.replace([Fault(kind)])
    with pytest.raises(httpx.TransportError):
        await push()
    assert sum(got.received for got in sandbox.counts.notices.values()) == counted
    assert sandbox.counts.answered["web_push"] == {kind: 1}


async def test_a_stalled_push_is_taken_and_never_answered(sandbox, push):
    sandbox.faults.replace([Fault("stall")])
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(push(), 0.2)
    assert sandbox.counts.notices[KEY].received == 1


async def test_a_slow_service_answers_in_the_end(sandbox, push):
    sandbox.faults.replace([Fault("slow", seconds=0.15)])
    answer = await push()
    assert answer.status_code == 201
    assert answer.elapsed.total_seconds() >= 0.15


async def test_a_status_can_ask_to_come_again(sandbox, push):
    sandbox.faults.replace([Fault("status", status=429, retry_after_s=5)])
    answer = await push()
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
    assert sandbox.counts.notices == {}


async def raw(sandbox, *parts):
    reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.push_ports[0])
    for part in parts:
        writer.write(part)
        await writer.drain()
    answer = await asyncio.wait_for(reader.read(200), 10)
    writer.close()
    return answer


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ((b"EHLO x\r\n\r\n",), b"400"),
        ((b"POST /push/x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: x\r\n\r\n",), b"400"),
        ((b"POST /push/x HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n\r\n",), b"421"),
        ((b"GET /elsewhere HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n",), b"404"),
        ((b"POST /push/x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2000000\r\n\r\n", b"x" * 2_000_000), b"413"),
    ],
)
async def test_what_is_no_request_of_ours_is_sent_away(sandbox, parts, status):
    assert (await raw(sandbox, *parts)).startswith(b"HTTP/1.1 " + status)


async def test_a_request_in_pieces_is_one_request(sandbox):
    whole = b"GET /control/counts HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    assert (await raw(sandbox, *(whole[at : at + 7] for at in range(0, len(whole), 7)))).startswith(b"HTTP/1.1 200")


async def test_a_date_can_say_when_to_come_again(sandbox, push):
    sandbox.faults.replace([Fault("status", status=503, retry_after_s=60, as_date=True)])
    asked_s = retry_after_s((await push()).headers["retry-after"], datetime.now(UTC))
    assert 55 < asked_s <= 60


async def test_garbage_is_no_answer_though_the_message_was_taken(sandbox, push):
    sandbox.faults.replace([Fault("garbage")])
    with pytest.raises(httpx.RemoteProtocolError):
        await push()
    assert sandbox.counts.notices[KEY].received == 1


async def test_an_answer_can_come_in_drips(sandbox, push):
    sandbox.faults.replace([Fault("drip", seconds=0.004)])
    answer = await push()
    assert answer.status_code == 201
    assert answer.elapsed.total_seconds() > 0.1


async def test_an_early_answer_does_not_wait_for_the_body(sandbox):
    sandbox.faults.replace([Fault("early", status=413)])
    head = b"POST /push/t1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n"
    assert (await raw(sandbox, head)).startswith(b"HTTP/1.1 413")
    assert sandbox.counts.answered["web_push"] == {"early": 1}


@pytest.fixture
async def two(tmp_path):
    async with listening(tmp_path, push_ports=(0, 0)) as receivers:
        yield receivers


async def connects(port):
    try:
        _reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return False
    writer.close()
    return True


async def test_a_closed_port_refuses_and_opens_again_while_the_other_serves(two):
    first, second = two.push_ports
    two.faults.replace([Fault("refuse", origin=f"127.0.0.1:{first}")])
    assert (await connects(first), await connects(second)) == (False, True)
    two.faults.replace([])
    assert any([await connects(first) or await asyncio.sleep(0.01) for _ in range(100)])


async def test_one_port_stays_open_to_be_told_by(two):
    with pytest.raises(BadFault, match="open"):
        two.faults.replace([Fault("refuse", origin=f"127.0.0.1:{port}") for port in two.push_ports])
    assert await connects(two.push_ports[0])


async def sent_to(sandbox, url):
    sender = make_sender(Guard(Mode.SANDBOX, sandbox.receivers))
    try:
        return await sender.post(url, {}, b"", 2.0)
    finally:
        await sender.close()


@pytest.mark.parametrize(("start", "kind"), [("http://nobody.invalid", "dns"), ("https://127.0.0.1", "tls")])
async def test_a_name_without_address_and_a_port_without_tls_are_there_to_be_met(sandbox, start, kind):
    found = await sent_to(sandbox, f"{start}:{sandbox.push_ports[0]}/push/t1")
    assert (found.kind, found.sent) == (kind, False)
