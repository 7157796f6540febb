"""httpx over the pinned ways: each death by its own name."""

import asyncio
import socket
from contextlib import suppress

import httpx
import pytest
from senders import receivers
from senders.receivers import CREATED, deaf, pem_of, port_of, receiver, writes

from notifiers.fetching import Forbidden, TooLarge, make_client
from notifiers.guard import Guard, Mode
from notifiers.sender import Limits
from notifiers.senders.pinned import QUICK_S


def fetcher(url, *, max_bytes=1000, **limits):
    guard = Guard(Mode.SANDBOX, frozenset({("127.0.0.1", port_of(url))}))
    return make_client(guard, limits=Limits(**{"connect_timeout_s": 0.2, **limits}), max_bytes=max_bytes)


def answer(body, *headers):
    return b"\r\n".join([b"HTTP/1.1 200 OK", *headers, b"Content-Length: %d" % len(body), b"", body])


async def test_a_form_is_posted_and_its_answer_read():
    async with receiver(writes(answer(b'{"a": 1}', b"X-Who: me"))) as (url, requests), fetcher(url) as client:
        got = await client.post(url, data={"To": "+1 555"}, headers={"Authorization": "Bearer x"})
    assert (got.status_code, got.json(), got.headers["x-who"]) == (200, {"a": 1}, "me")
    head, body = requests[0]
    assert body == b"To=%2B1+555"
    assert (head.lower().count(b"\r\nhost:"), head.lower().count(b"\r\ncontent-length:")) == (1, 1)
    assert b"authorization: bearer x" in head.lower()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("behaviour", "name"),
    [
        (writes(then="reset"), httpx.ReadError),
        (writes(then="close"), httpx.ReadError),
        (writes(b"250 mail\r\n\r\n"), httpx.RemoteProtocolError),
        (writes(then="stall"), httpx.ReadTimeout),
        (writes(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", then="reset"), httpx.ReadError),
        (writes(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", then="stall"), httpx.ReadTimeout),
    ],
)
async def test_what_dies_after_the_request_says_so(behaviour, name, method):
    async with receiver(behaviour, bodiless=method == "GET") as (url, requests), fetcher(url) as client:
        with pytest.raises(name):
            await client.request(method, url, content=b"x" if method == "POST" else None, timeout=0.2)
    assert len(requests) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_dies_before_the_connection_stands_says_so(method):
    content = b"x" if method == "POST" else None
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/x"
        async with fetcher(url) as client:
            with pytest.raises(httpx.ConnectError):
                await client.request(method, url, content=content)
    with deaf() as url:
        async with fetcher(url) as client:
            with pytest.raises(httpx.ConnectTimeout):
                await client.request(method, url, content=content)


async def test_the_guard_is_asked_first():
    async with fetcher("http://127.0.0.1:9/x") as client:
        with pytest.raises(Forbidden, match="not_a_sandbox_receiver"):
            await client.get("http://127.0.0.1:10/x")


async def test_a_name_without_an_address_is_no_connection():
    async def fails(host, port):
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    async with make_client(Guard(Mode.LIVE, resolve=fails)) as client:
        with pytest.raises(httpx.ConnectError, match="dns"):
            await client.get("https://push.example.com/x")


async def test_every_address_of_a_name_is_tried():
    async with receiver(writes(answer(b"x")), bodiless=True) as (url, requests):
        port = port_of(url)
        known = frozenset({("feeds.example", port), ("127.0.0.2", port), ("127.0.0.1", port)})

        async def resolve(host, port):
            return ["127.0.0.2", "127.0.0.1"]  # nobody listens at the first

        async with make_client(Guard(Mode.SANDBOX, known, resolve)) as client:
            assert (await client.get(f"http://feeds.example:{port}/x")).content == b"x"
    assert len(requests) == 1


async def test_a_receiver_far_away_is_given_time_to_shake_hands(tmp_path):
    known = receivers.authority()
    tls = receivers.vouched(tmp_path, known, "127.0.0.1")

    loop, listening = asyncio.get_running_loop(), socket.create_server(("127.0.0.1", 0))
    listening.setblocking(False)

    def served():
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(), lambda _, writer: writer.write(answer(b"far")))

    async def serve():
        while True:
            accepted, _ = await loop.sock_accept(listening)
            await asyncio.sleep(QUICK_S + 0.2)
            with suppress(OSError):
                await loop.connect_accepted_socket(served, accepted, ssl=tls)

    serving = asyncio.create_task(serve())
    url = f"https://127.0.0.1:{listening.getsockname()[1]}/x"
    with listening:
        async with fetcher(url, trust=pem_of(known), connect_timeout_s=30.0) as client:
            assert (await client.get(url)).content == b"far"
        serving.cancel()


async def test_more_than_was_asked_for_is_not_read():
    async with receiver(writes(answer(b"x" * 1001)), bodiless=True) as (url, _), fetcher(url) as client:
        with pytest.raises(TooLarge):
            await client.get(url)


async def test_a_packed_answer_is_not_unpacked():
    packed = answer(b"abc", b"Content-Encoding: gzip")
    async with receiver(writes(packed), bodiless=True) as (url, _), fetcher(url) as client:
        with pytest.raises(httpx.DecodingError):
            await client.get(url)


async def test_a_redirect_is_an_answer():
    away = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    async with receiver(writes(away), bodiless=True) as (url, requests), fetcher(url) as client:
        assert (await client.get(url)).status_code == 302
    assert len(requests) == 1


async def test_over_tls_to_a_trusted_receiver(tmp_path):
    known = receivers.authority()
    tls = receivers.vouched(tmp_path, known, "127.0.0.1")
    async with receiver(writes(CREATED), tls=tls) as (url, _), fetcher(url, trust=pem_of(known)) as client:
        assert (await client.post(url, content=b"x")).status_code == 201
