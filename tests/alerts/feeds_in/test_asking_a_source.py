"""Asking the source of a feed, over real sockets: conditional, bounded, and each death a word."""

import gzip
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from feed_source import answer, source

from alerts.feeds_in.fetching import Fetched, Validators, fetch, user_agent
from notifiers.fetching import make_client
from notifiers.guard import Guard, Mode

MODIFIED = "Fri, 16 Jan 2026 00:30:00 GMT"
NOTHING = Validators()
ASKED = {"accept": "application/atom+xml", "limit_bytes": 1000}


async def got(told, validators=NOTHING, **more):
    """What one answer comes to."""
    async with source({"/feed": told}) as (server, client):
        return await fetch(client, f"{server.url}/feed", validators, **{**ASKED, **more})


async def test_what_is_new_comes_with_its_validators():
    told = answer("200 OK", b"<feed/>", ETag='W/"1"', Last_Modified=MODIFIED, Content_Type="application/atom+xml")
    assert await got(told) == Fetched(
        "ok", 200, b"<feed/>", Validators('W/"1"', MODIFIED), content_type="application/atom+xml"
    )


async def test_what_is_known_is_not_sent_again():
    def told(head):
        known = 'if-none-match: "1"' in head and f"if-modified-since: {MODIFIED.lower()}" in head
        return answer("304 Not Modified", ETag='"2"') if known else answer("200 OK", b"all of it")

    fetched = await got(told, Validators('"1"', MODIFIED))
    assert (fetched.word, fetched.body) == ("not_modified", None)
    assert fetched.validators == Validators('"2"', MODIFIED)


async def test_not_modified_to_who_knows_nothing_is_a_fault():
    assert (await got(answer("304 Not Modified"))).word == "status_304"


@pytest.mark.parametrize(("etag", "modified"), [("1", "yesterday"), ('"a b"', "x" * 60), ('"' + "a" * 300 + '"', "")])
async def test_validators_that_are_none_are_not_kept(etag, modified):
    assert (await got(answer("200 OK", b"x", ETag=etag, Last_Modified=modified))).validators == Validators()


@pytest.mark.parametrize("size", [1000, 1001, 200_000])
async def test_more_than_the_limit_is_not_read(size):
    fetched = await got(answer("200 OK", b"x" * size))
    assert fetched.word == ("ok" if size == 1000 else "too_large")
    assert (fetched.body is None) is (size > 1000)


async def test_a_packed_answer_is_unpacked_within_the_limit():
    packed = answer("200 OK", gzip.compress(b"<feed/>"), Content_Encoding="gzip")
    assert (await got(packed)).body == b"<feed/>"


async def test_a_bomb_stays_packed():
    bomb = gzip.compress(b"\0" * 30_000_000)
    assert (await got(answer("200 OK", bomb, Content_Encoding="gzip"), limit_bytes=100_000)).word == "too_large"


@pytest.mark.parametrize(
    ("body", "encoding", "word"),
    [
        (b"no gzip at all", "gzip", "packed"),
        (gzip.compress(b"a", mtime=0) + b"and more", "gzip", "packed"),
        (gzip.compress(b"a" * 500, mtime=0)[:-9], "gzip", "cut"),
        (b"x", "br", "packed"),
        (gzip.compress(b"a", mtime=0), "gzip, gzip", "packed"),
    ],
)
async def test_what_is_packed_wrongly_is_refused(body, encoding, word):
    assert (await got(answer("200 OK", body, Content_Encoding=encoding))).word == word


async def test_a_source_that_stalls_is_left():
    assert (await got(None, timeout_s=0.2)).word == "timeout"


@pytest.mark.parametrize("told", [b"250 mail\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"])
async def test_what_is_no_answer_is_cut(told):
    assert (await got(told, timeout_s=0.5)).word in {"cut", "timeout"}


@pytest.mark.parametrize("status", ["404 Not Found", "500 Internal Server Error", "206 Partial Content"])
async def test_any_other_status_is_named(status):
    fetched = await got(answer(status, b"<feed/>"), Validators('"1"'))
    assert (fetched.word, fetched.body, fetched.validators) == (f"status_{status[:3]}", None, Validators('"1"'))


async def test_retry_after_is_read_as_seconds_and_as_a_date():
    fetched = await got(answer("429 Too Many Requests", Retry_After="120"))
    assert (fetched.word, fetched.retry_after_s) == ("status_429", 120)
    date = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
    assert 3600 < (await got(answer("503 Service Unavailable", Retry_After=date))).retry_after_s <= 7200


async def test_a_redirect_is_followed_once_and_only_to_the_same_origin():
    answers = {"/feed": answer("301 Moved", Location="/new"), "/new": answer("200 OK", b"there")}
    async with source(answers) as (server, client):
        assert (await fetch(client, f"{server.url}/feed", **ASKED)).body == b"there"
        answers["/new"] = answer("302 Found", Location="/feed")
        assert (await fetch(client, f"{server.url}/feed", **ASKED)).word == "redirect"
    assert len(server.heads) == 4


@pytest.mark.parametrize(
    "location",
    ["http://10.0.0.1/", "//169.254.169.254/latest", "file:///etc/passwd", "http://127.0.0.1:1/", "", "http://["],
)
async def test_a_redirect_elsewhere_is_not_followed(location):
    assert (await got(answer("302 Found", Location=location))).word == "redirect"


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("https://127.0.0.1/feed", "address_loopback"),
        ("https://[::1]/feed", "address_loopback"),
        ("https://169.254.169.254/latest", "address_link_local"),
        ("http://alerts.example/feed", "not_https"),
        ("https://inside.example/feed", "address_private"),
        ("https://alerts.example:8443/feed", "port"),
    ],
)
async def test_a_live_lookout_asks_nobody_in_a_private_network(url, detail):
    async def resolve(host, port):
        return ["10.1.2.3"]

    async with make_client(Guard(Mode.LIVE, resolve=resolve)) as client:
        fetched = await fetch(client, url, **ASKED)
    assert (fetched.word, fetched.detail, fetched.status) == ("refused", detail, 0)


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", "https://", "https://[", "https://a b/", "ftp://a.example/"]
)
async def test_what_is_no_url_is_refused(url):
    async with make_client(Guard(Mode.LIVE)) as client:
        assert (await fetch(client, url, **ASKED)).word == "refused"


async def test_a_name_without_an_address_and_a_closed_port_are_told_apart():
    async def fails(host, port):
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    async with make_client(Guard(Mode.LIVE, resolve=fails)) as client:
        assert (await fetch(client, "https://alerts.example/", **ASKED)).word == "dns"
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        async with make_client(Guard(Mode.SANDBOX, frozenset({("127.0.0.1", port)}))) as client:
            assert (await fetch(client, f"http://127.0.0.1:{port}/", **ASKED)).word == "connect"


async def test_the_source_is_told_who_asks_and_for_what():
    async with source({"/feed": answer("200 OK")}) as (server, client):
        await fetch(client, f"{server.url}/feed", **ASKED, headers=user_agent("desk@agency.example\r\nX: 1"))
    assert "user-agent: lookout (desk@agency.examplex: 1)\r\n" in server.heads[0]
    assert "accept: application/atom+xml\r\n" in server.heads[0]
    assert "accept-encoding: gzip\r\n" in server.heads[0]
