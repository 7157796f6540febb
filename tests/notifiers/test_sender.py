"""Each way a receiver can die, with real sockets."""

import asyncio
import socket
import ssl
import struct
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from notifiers.guard import Guard, Mode
from notifiers.sender import GUARDED, MAX_ANSWER, Answer, Failure, GuardedSender

CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def self_signed(tmp_path):
    """A server context for 127.0.0.1 that signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM)
    (tmp_path / "server.pem").write_bytes(pem)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "server.pem")
    return context


@asynccontextmanager
async def receiver(behave):
    """A server that reads one request at a time and then does `behave(writer, number)`; yields (url, requests)."""
    requests = []

    async def serve(reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                requests.append((head, await reader.readexactly(length)))
                await behave(writer, len(requests))
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass  # the client or the test is gone
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/push/x", requests
    finally:
        server.close()


def sender_to(url, **limits):
    port = int(url.split(":")[2].split("/")[0])
    return GuardedSender(Guard(Mode.SANDBOX, frozenset({("127.0.0.1", port)})), **limits)


async def post(url, *, timeout_s=2.0, times=1, **limits):
    sender = sender_to(url, **limits)
    try:
        for _ in range(times):
            answer = await sender.post(url, {"TTL": "60"}, b"body", timeout_s)
        return answer
    finally:
        await sender.close()


def writes(*parts, then="keep"):
    async def behave(writer, number):
        for part in parts:
            writer.write(part)
            await writer.drain()
        if then == "reset":
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        elif then == "close":
            writer.close()
        elif then == "stall":
            await asyncio.sleep(30)

    return behave


async def test_an_answer_comes_back_whole():
    answer_line = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nslow"
    async with receiver(writes(answer_line)) as (url, requests):
        answer = await post(url)
    assert (answer.status, answer.headers["retry-after"], answer.body) == (429, "7", b"slow")
    assert requests[0][0].startswith(b"POST /push/x HTTP/1.1\r\n")
    assert requests[0][1] == b"body"


async def test_a_connection_is_kept_for_the_next_request():
    peers = set()

    async def behave(writer, number):
        peers.add(writer.get_extra_info("peername"))
        writer.write(CREATED)

    async with receiver(behave) as (url, requests):
        await post(url, times=5)
    assert (len(peers), len(requests)) == (1, 5)


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (writes(then="reset"), "reset"),
        (writes(then="close"), "reset"),
        (writes(b"HTTP/1.1 20", then="close"), {"cut", "reset"}),
        (writes(b"HTTP/1.1 20", then="reset"), "reset"),
        (writes(b"250 this is mail\r\n\r\n"), "cut"),
        (writes(b"HTTP/1.1 201 Created\r\nX: " + b"x" * 20_000 + b"\r\n\r\n"), "cut"),
        (writes(then="stall"), "timeout"),
        (writes(b"HTTP/1.1 2", then="stall"), "timeout"),
    ],
)
async def test_a_receiver_that_dies_after_the_request_leaves_it_in_doubt(behaviour, kind):
    async with receiver(behaviour) as (url, requests):
        failure = await post(url, timeout_s=0.3)
    assert isinstance(failure, Failure)
    assert failure.sent
    assert failure.kind in ({kind} if isinstance(kind, str) else kind)
    assert len(requests) == 1  # never repeated behind our back


@pytest.mark.parametrize("then", ["close", "reset", "stall"])
async def test_a_status_that_came_counts_even_if_the_body_breaks_off(then):
    part = b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\nhalf"
    async with receiver(writes(part, then=then)) as (url, _):
        answer = await post(url, timeout_s=0.3)
    assert isinstance(answer, Answer)
    assert answer.status == 201


async def test_an_endless_answer_is_read_to_its_bound_and_no_further():
    async def behave(writer, number):
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            await writer.drain()

    async with receiver(behave) as (url, _):
        answer = await post(url)
    assert len(answer.body) == MAX_ANSWER


async def test_a_packed_answer_is_not_unpacked():
    packed = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"
    async with receiver(writes(packed)) as (url, _):
        assert (await post(url)).body == b"abc"


async def test_a_dripping_answer_ends_at_the_time_limit():
    async def behave(writer, number):
        for _ in range(100):
            writer.write(b"X-Drip: 1\r\n" if _ else b"HTTP/1.1 201 Created\r\n")
            await asyncio.sleep(0.05)

    async with receiver(behave) as (url, _):
        assert await post(url, timeout_s=0.3, connect_timeout_s=0.2) == Failure("timeout", sent=True)


async def test_a_redirect_is_an_answer_and_is_not_followed():
    redirect = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/x\r\nContent-Length: 0\r\n\r\n"
    async with receiver(writes(redirect)) as (url, requests):
        assert (await post(url)).status == 307
    assert len(requests) == 1


async def test_a_closed_port_took_nothing():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/x"
        assert await post(url) == Failure("connect", sent=False)


async def test_a_host_that_never_completes_the_handshake_took_nothing():
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        fillers = [socket.socket() for _ in range(3)]  # the queue is full now: further SYNs are dropped
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(deaf.getsockname())
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/x"
        assert await post(url, connect_timeout_s=0.3) == Failure("connect_timeout", sent=False)
        for filler in fillers:
            filler.close()


async def test_waiting_for_a_free_connection_is_not_in_doubt():
    async with receiver(writes(then="stall")) as (url, _):
        sender = sender_to(url, per_origin=1, connect_timeout_s=0.2)
        first = asyncio.create_task(sender.post(url, {}, b"1", 1.0))
        await asyncio.sleep(0.05)
        assert await sender.post(url, {}, b"2", 1.0) == Failure("connect_timeout", sent=False)
        assert await first == Failure("timeout", sent=True)
        await sender.close()


async def greeted_with(greeting, context=None):
    """What a POST over https to a server comes to that says `greeting` at once."""

    async def greet(reader, writer):
        writer.write(greeting)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=context)
    try:
        return await post(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/x", connect_timeout_s=1.0)
    finally:
        server.close()


async def test_a_receiver_that_speaks_no_tls_took_nothing():
    assert await greeted_with(b"220 mail.example.com ESMTP\r\n") == Failure("tls", sent=False)


async def test_a_receiver_whose_certificate_nobody_vouches_for_took_nothing(self_signed):
    assert await greeted_with(CREATED, self_signed) == Failure("tls", sent=False)


async def test_a_tls_handshake_that_never_ends_took_nothing():
    async with receiver(writes(CREATED)) as (url, requests):
        failure = await post(url.replace("http:", "https:"), connect_timeout_s=0.3)
    assert failure == Failure("connect_timeout", sent=False)
    assert requests == []


async def test_a_name_that_does_not_resolve_took_nothing():
    async def fails(host, port):
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    sender = GuardedSender(Guard(Mode.LIVE, resolve=fails))
    assert await sender.post("https://push.example.com/x", {}, b"", 1.0) == Failure("dns", sent=False)
    await sender.close()


async def test_a_name_that_turns_inward_is_refused_at_the_door():
    async def inward(host, port):
        return ["127.0.0.1"]

    sender = GuardedSender(Guard(Mode.LIVE, resolve=inward))
    assert await sender.post("https://push.example.com/x", {}, b"", 1.0) == GUARDED
    await sender.close()


@pytest.mark.parametrize("url", ["https://push.example.com/x", "http://127.0.0.1:1/x", "nonsense", "http://[::1/x"])
async def test_the_guard_stands_before_every_call(url):
    sender = sender_to("http://127.0.0.1:9/x")
    assert await sender.post(url, {}, b"", 1.0) == GUARDED
    await sender.close()


async def test_a_header_that_would_end_its_line_is_not_sent():
    async with receiver(writes(CREATED)) as (url, requests):
        sender = sender_to(url)
        assert await sender.post(url, {"Topic": "a\r\nX-Evil: 1"}, b"", 1.0) == GUARDED
        await sender.close()
    assert requests == []


async def test_cancelling_gives_the_connection_up():
    async with receiver(writes(then="stall")) as (url, _):
        sender = sender_to(url, per_origin=1)
        sending = asyncio.create_task(sender.post(url, {}, b"", 5.0))
        await asyncio.sleep(0.05)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        again = asyncio.create_task(sender.post(url, {}, b"", 0.2))
        assert await again == Failure("timeout", sent=True)
        await sender.close()
