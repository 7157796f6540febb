"""The connection goes to the judged address and to no other, whatever the name says a moment later."""

import asyncio
import socket
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.guard import Guard, Mode, Refused, target_of
from notifiers.sender import GUARDED, Failure, HttpClient, Limits
from notifiers.senders import make_sender, pinned
from notifiers.senders.pinned import MAX_WAYS, PIN_S, Ways, _same_target
from senders.receivers import CREATED, pem_of

NAME = "push.example.com"


class Names:
    """A resolver whose answer a test changes."""

    def __init__(self, *addresses):
        self.addresses, self.asked = addresses, 0

    async def __call__(self, host, port):
        self.asked += 1
        return self.addresses


@asynccontextmanager
async def house(*addresses, tls=None):
    """A receiver on each address, all on one port; yields the port and who was connected to, in order."""
    connected = []

    def serve(address):
        async def answer(reader, writer):
            connected.append(address)
            while await reader.read(65536):
                writer.write(CREATED)
            writer.close()

        return answer

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    servers = [await asyncio.start_server(serve(one), one, port, ssl=tls) for one in addresses]
    try:
        yield port, connected
    finally:
        for server in servers:
            server.close()


def guard(port, names, *hosts):
    receivers = {(host, port) for host in ("127.0.0.1", "127.0.0.2", "127.0.0.3", NAME, f"{NAME}.", *hosts)}
    return Guard(Mode.SANDBOX, frozenset(receivers), resolve=names)


async def test_a_name_that_says_otherwise_after_it_was_judged_is_not_asked_again(client):
    names = Names("127.0.0.2")  # what the system says of localhost is another address, and a receiver is there too
    async with house("127.0.0.1", "127.0.0.2") as (port, connected):
        sender = make_sender(guard(port, names, "localhost"), client)
        url = f"http://localhost:{port}/x"
        assert (await sender.post(url, {}, b"1", 1.0)).status == 201
        names.addresses = ("127.0.0.1",)
        assert (await sender.post(url, {}, b"2", 1.0)).status == 201
        await sender.close()
    assert (connected, names.asked) == (["127.0.0.2"], 1)


@pytest.mark.parametrize("host", [NAME, f"{NAME}.", NAME.upper()])
async def test_a_name_that_no_system_knows_is_reached_where_it_was_judged(client, host):
    async with house("127.0.0.1") as (port, connected):
        sender = make_sender(guard(port, Names("127.0.0.1")), client)
        assert (await sender.post(f"http://{host}:{port}/x", {}, b"1", 1.0)).status == 201
        await sender.close()
    assert connected == ["127.0.0.1"]


async def test_tls_asks_for_the_name_and_not_for_the_address(client, vouched, authority):
    async with house("127.0.0.2", tls=vouched) as (port, connected):
        sender = make_sender(guard(port, Names("127.0.0.2")), client, Limits(trust=pem_of(authority)))
        assert (await sender.post(f"https://{NAME}:{port}/x", {}, b"1", 1.0)).status == 201
        await sender.close()
    assert connected == ["127.0.0.2"]


async def test_a_judgement_grows_old_but_connections_to_an_address_that_stands_are_kept(monkeypatch):
    now_s = 1000.0
    monkeypatch.setattr(pinned, "awake_s", lambda: now_s)
    names = Names("127.0.0.2")
    async with house("127.0.0.1", "127.0.0.2") as (port, connected):
        sender = make_sender(guard(port, names))
        url = f"http://{NAME}:{port}/x"
        for addresses in (("127.0.0.2",), ("127.0.0.1", "127.0.0.2"), ("127.0.0.1",)):
            names.addresses = addresses
            now_s += PIN_S + 1
            assert (await sender.post(url, {}, b"1", 1.0)).status == 201
        await sender.close()
    assert (connected, names.asked) == (["127.0.0.2", "127.0.0.1"], 3)


async def test_a_name_that_turned_inward_is_refused_when_its_judgement_is_old(monkeypatch):
    now_s = 1000.0
    monkeypatch.setattr(pinned, "awake_s", lambda: now_s)
    names = Names("127.0.0.1")
    async with house("127.0.0.1") as (port, _):
        sender = make_sender(guard(port, names))
        url = f"http://{NAME}:{port}/x"
        assert (await sender.post(url, {}, b"1", 1.0)).status == 201
        names.addresses, now_s = ("10.0.0.1",), now_s + PIN_S + 1
        assert await sender.post(url, {}, b"2", 1.0) == GUARDED
        await sender.close()


@pytest.mark.parametrize("client", list(HttpClient))
async def test_a_name_that_turns_inward_is_refused_at_the_door(client):
    sender = make_sender(Guard(Mode.LIVE, resolve=Names("8.8.8.8", "127.0.0.1")), client)
    assert await sender.post(f"https://{NAME}/x", {}, b"", 1.0) == GUARDED
    await sender.close()


async def test_when_the_first_address_takes_no_connection_the_next_judged_one_does(client):
    async with house("127.0.0.2") as (port, connected):
        names = Names("127.0.0.1", "127.0.0.2")
        sender = make_sender(guard(port, names), client)
        url = f"http://{NAME}:{port}/x"
        answers = await asyncio.gather(*(sender.post(url, {}, b"1", 1.0) for _ in range(5)))
        assert {answer.status for answer in answers} == {201}
        await sender.close()
    assert (set(connected), names.asked) == ({"127.0.0.2"}, 1)


async def test_when_no_address_takes_a_connection_it_ends(client):
    async with house() as (port, _):
        sender = make_sender(guard(port, Names("127.0.0.1", "127.0.0.2", "127.0.0.3")), client)
        assert await sender.post(f"http://{NAME}:{port}/x", {}, b"1", 1.0) == Failure("connect", sent=False)
        await sender.close()


async def test_invented_origins_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(pinned, "MAX_WAYS", 3)
    ways = Ways(Guard(Mode.LIVE, resolve=Names("8.8.8.8")), Limits())
    for number in range(5):
        await ways.find(f"https://{number}.example.com/x")
    assert list(ways._ways) == [f"https://{number}.example.com" for number in (2, 3, 4)]
    assert MAX_WAYS >= 64


def judged(url):
    """The origin's text and target if a live guard would let it through, else None."""
    try:
        Guard(Mode.LIVE).allow_url(url)
        return pinned._written_origin(url), target_of(url)[1]
    except Refused:
        return None


@given(
    st.from_regex(r"https://[0-9A-Za-z.:_\[\]%@?/-]{1,30}", fullmatch=True),
    st.sampled_from(["", "/", "/x", "?x=/y", "//127.0.0.1/", "/@127.0.0.1/", "/..//x"]),
)
def test_whatever_is_judged_is_the_same_target_to_the_client_or_refused(start, rest):
    found = judged(start + rest)
    if found is None:
        return
    try:
        _same_target(*found)
    except Refused:
        return
    from pyreqwest.http import Url

    seen = Url(start + rest)  # as it is requested
    assert seen.host_str.strip("[]") == found[1].host
    assert seen.port_or_known_default == found[1].port
