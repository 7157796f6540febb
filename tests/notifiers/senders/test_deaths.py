"""Each way a receiver can die, on real sockets, with each client: what certainly never left, what is in doubt."""

import asyncio
import socket
import subprocess
import sys

import pytest

from notifiers.guard import Guard, Mode
from notifiers.sender import GUARDED, MAX_ANSWER, Answer, Failure, HttpClient, Limits
from notifiers.senders import make_sender
from senders import receivers
from senders.receivers import CREATED, deaf, pem_of, post, receiver, reset, sender_to, writes

HEAD = b"HTTP/1.1 201 Created\r\n"


async def test_an_answer_comes_back_whole(client):
    answer_line = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nslow"
    async with receiver(writes(answer_line)) as (url, requests):
        answer = await post(url, client)
    assert (answer.status, answer.headers["Retry-After"], answer.body) == (429, "7", b"slow")
    assert answer.headers.get("retry-after") == dict(answer.headers.items()).get("retry-after", "7")
    assert requests[0][0].startswith(b"POST /push/x HTTP/1.1\r\n")
    assert b"\r\ncontent-length: 4\r\n" in requests[0][0].lower()
    assert requests[0][1] == b"body"


async def test_a_connection_is_kept_for_the_next_request(client):
    peers = set()

    async def behave(writer, number):
        peers.add(writer.get_extra_info("peername"))
        writer.write(CREATED)

    async with receiver(behave) as (url, requests):
        await post(url, client, times=5)
    assert (len(peers), len(requests)) == (1, 5)


@pytest.mark.parametrize(
    ("behaviour", "kinds"),
    [
        (writes(then="reset"), {"reset"}),  # after reading the request
        (writes(then="close"), {"reset"}),
        (writes(b"HTTP/1.1 20", then="close"), {"cut", "reset"}),
        (writes(HEAD + b"X: 1\r\n", then="close"), {"cut", "reset"}),
        (writes(b"HTTP/1.1 20", then="reset"), {"reset"}),
        (writes(b"250 this is mail\r\n\r\n"), {"cut"}),  # garbage
        (writes(b"\x00\xff" * 40), {"cut"}),
        (writes(HEAD + b"X: " + b"x" * 1_000_000 + b"\r\n\r\n"), {"cut"}),  # a huge header
        (writes(HEAD + b"A: b\r\n" * 200_000), {"cut"}),
        (writes(then="stall"), {"timeout"}),  # silence
        (writes(b"HTTP/1.1 2", then="stall"), {"timeout"}),
    ],
)
async def test_a_receiver_that_dies_after_the_request_leaves_it_in_doubt(client, behaviour, kinds):
    async with receiver(behaviour) as (url, requests):
        failure = await post(url, client, timeout_s=1.0, connect_timeout_s=5.0)
    assert isinstance(failure, Failure)
    assert failure.sent
    assert failure.kind in kinds
    assert len(requests) == 1  # never repeated behind our back


@pytest.mark.parametrize("then", ["close", "reset", "stall"])
async def test_a_status_that_came_counts_even_if_the_body_breaks_off(client, then):
    part = b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\nhalf"
    async with receiver(writes(part, then=then)) as (url, _):
        answer = await post(url, client, timeout_s=1.0, connect_timeout_s=5.0)
    assert isinstance(answer, Answer)
    assert answer.status == 201


async def test_an_endless_answer_is_read_to_its_bound_and_no_further(client):
    async def behave(writer, number):
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            await writer.drain()

    async with receiver(behave) as (url, _):
        answer = await post(url, client)
    assert len(answer.body) == MAX_ANSWER


async def test_a_packed_answer_is_not_unpacked(client):
    packed = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"
    async with receiver(writes(packed)) as (url, _):
        assert (await post(url, client)).body == b"abc"


async def test_a_dripping_answer_ends_at_the_time_limit(client):
    async def behave(writer, number):
        for _ in range(100):
            writer.write(b"X-Drip: 1\r\n" if _ else HEAD)
            await asyncio.sleep(0.05)

    async with receiver(behave) as (url, _):
        failure = await post(url, client, timeout_s=1.0, connect_timeout_s=5.0)
    assert failure == Failure("timeout", sent=True)


async def test_an_answer_before_the_body_was_read_is_an_answer(client):
    async with receiver(writes(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"), early=True) as (url, _):
        assert (await post(url, client, body=b"x" * 4096)).status == 413


async def test_a_redirect_is_an_answer_and_is_not_followed(client):
    redirect = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/x\r\nContent-Length: 0\r\n\r\n"
    async with receiver(writes(redirect)) as (url, requests):
        assert (await post(url, client)).status == 307
    assert len(requests) == 1


async def test_no_cookie_comes_back(client):
    cookie = b"HTTP/1.1 201 Created\r\nSet-Cookie: who=you; Path=/\r\nContent-Length: 0\r\n\r\n"
    async with receiver(writes(cookie)) as (url, requests):
        await post(url, client, times=2)
    assert not any(b"cookie" in head.lower() for head, _ in requests)


async def test_the_environment_chooses_no_proxy(client, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with receiver(writes(CREATED)) as (url, _):
        assert (await post(url, client)).status == 201


async def test_a_closed_port_took_nothing(client):
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/x"
        assert await post(url, client) == Failure("connect", sent=False)


async def test_a_host_that_never_completes_the_handshake_took_nothing(client):
    with deaf() as url:
        assert await post(url, client, connect_timeout_s=0.3) == Failure("connect_timeout", sent=False)


async def test_waiting_for_a_free_connection_is_not_in_doubt(client):
    async with receiver(writes(then="stall")) as (url, _):
        sender = sender_to(url, client, per_origin=1, connect_timeout_s=0.2)
        first = asyncio.create_task(sender.post(url, {}, b"1", 1.0))
        await asyncio.sleep(0.05)
        assert await sender.post(url, {}, b"2", 1.0) == Failure("connect_timeout", sent=False)
        assert await first == Failure("timeout", sent=True)
        await sender.close()


async def test_a_connection_that_was_reset_while_idle_is_replaced_or_in_doubt_but_never_repeated(client):
    async def behave(writer, number):
        writer.write(CREATED)
        await writer.drain()
        if number == 1:
            await asyncio.sleep(0.02)
            reset(writer)

    async with receiver(behave) as (url, requests):
        sender = sender_to(url, client)
        assert (await sender.post(url, {}, b"1", 1.0)).status == 201
        await asyncio.sleep(0.1)  # the reset is here: the dead connection is known and gone
        assert (await sender.post(url, {}, b"2", 1.0)).status == 201
        await sender.close()
    assert [body for _, body in requests] == [b"1", b"2"]


async def test_a_kept_connection_that_dies_as_the_next_request_comes_leaves_it_in_doubt(client):
    async def behave(writer, number):
        if number == 2:
            reset(writer)
        else:
            writer.write(CREATED)

    async with receiver(behave) as (url, requests):
        assert await post(url, client, times=2) == Failure("reset", sent=True)
        assert len(requests) == 2


async def greeted_with(client, greeting, context=None, **limits):
    """What a POST over https to a server comes to that says `greeting` at once."""

    async def greet(reader, writer):
        writer.write(greeting)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=context)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"
    try:
        return await post(url, client, connect_timeout_s=10.0, **limits)
    finally:
        server.close()


async def test_a_receiver_that_speaks_no_tls_took_nothing(client):
    assert await greeted_with(client, b"220 mail.example.com ESMTP\r\n") == Failure("tls", sent=False)


async def test_a_receiver_whose_certificate_nobody_vouches_for_took_nothing(client, vouched):
    assert await greeted_with(client, CREATED, vouched) == Failure("tls", sent=False)


async def test_a_certificate_for_another_host_took_nothing(client, tmp_path):
    known = receivers.authority()
    other = receivers.vouched(tmp_path, known, "other.example.com")
    assert await greeted_with(client, CREATED, other, trust=pem_of(known)) == Failure("tls", sent=False)


async def test_over_tls_to_a_trusted_receiver(client, vouched, authority):
    async with receiver(writes(CREATED), tls=vouched) as (url, requests):
        assert (await post(url, client, trust=pem_of(authority), times=2)).status == 201
    assert len(requests) == 2


async def test_a_tls_handshake_that_never_ends_took_nothing(client):
    async with receiver(writes(CREATED)) as (url, requests):
        failure = await post(url.replace("http:", "https:"), client, connect_timeout_s=0.3)
    assert failure == Failure("connect_timeout", sent=False)
    assert requests == []


async def test_a_tls_handshake_that_is_cut_took_nothing(client):
    async def slam(reader, writer):
        await reader.read(1)
        reset(writer)

    server = await asyncio.start_server(slam, "127.0.0.1", 0)
    failure = await post(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/x", client)
    server.close()
    assert not failure.sent
    assert failure.kind in {"connect", "tls"}


async def test_a_name_that_does_not_resolve_took_nothing(client):
    async def fails(host, port):
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    sender = make_sender(Guard(Mode.LIVE, resolve=fails), client)
    assert await sender.post("https://push.example.com/x", {}, b"", 1.0) == Failure("dns", sent=False)
    await sender.close()


async def test_a_name_that_takes_for_ever_to_resolve_took_nothing(client):
    async def hangs(host, port):
        await asyncio.sleep(30)

    sender = make_sender(Guard(Mode.LIVE, resolve=hangs), client, Limits(connect_timeout_s=0.2))
    failure = await sender.post("https://push.example.com/x", {}, b"", 1.0)
    assert failure.kind in {"dns", "connect_timeout"}
    assert not failure.sent
    await sender.close()


@pytest.mark.parametrize("url", ["https://push.example.com/x", "http://127.0.0.1:1/x", "nonsense", "http://[::1/x"])
async def test_the_guard_stands_before_every_call(client, url):
    sender = sender_to("http://127.0.0.1:9/x", client)
    assert await sender.post(url, {}, b"", 1.0) == GUARDED
    await sender.close()


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\0b"])
async def test_a_header_that_would_end_its_line_is_not_sent(client, value):
    async with receiver(writes(CREATED)) as (url, requests):
        sender = sender_to(url, client)
        assert await sender.post(url, {"Topic": value}, b"", 1.0) == GUARDED
        await sender.close()
    assert requests == []


async def test_a_cancelled_send_harms_no_other(client):
    async with receiver(writes(then="stall")) as (url, _):
        sender = sender_to(url, client, per_origin=2)
        sending = asyncio.create_task(sender.post(url, {}, b"1", 5.0))
        await asyncio.sleep(0.05)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        again = asyncio.create_task(sender.post(url, {}, b"2", 0.2))
        assert await again == Failure("timeout", sent=True)
        await sender.close()


@pytest.mark.parametrize("chosen", list(HttpClient))
def test_only_the_chosen_client_is_loaded(chosen):
    code = (
        "import sys; from notifiers.guard import Guard, Mode; from notifiers.sender import HttpClient;"
        f"from notifiers.senders import make_sender; make_sender(Guard(Mode.LIVE), HttpClient({chosen.value!r}));"
        "print(sorted({'aiohttp', 'pyreqwest'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert said.stdout.strip() == f"[{chosen.value!r}]"
