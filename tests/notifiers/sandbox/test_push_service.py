import asyncio
import json

import httpx
import pytest

from notifiers.sandbox.counts import NoticeKey
from notifiers.sandbox.faults import Fault

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
    answer = await asyncio.wait_for(reader.read(200), 2)
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
