"""Tables of where a call may go."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.guard import (
    HTTPS_PORTS,
    MAX_URL,
    SMTP_PORTS,
    Guard,
    Mode,
    Refused,
    check_text,
    literal,
    refused_address,
)

LIVE = Guard(Mode.LIVE)
SANDBOX = Guard(Mode.SANDBOX, frozenset({("127.0.0.1", 9001), ("127.0.0.1", 9025)}))


def reason_of(guard, url):
    with pytest.raises(Refused) as refusal:
        guard.allow_url(url)
    return refusal.value.reason


def answering(*addresses):
    async def resolve(host, port):
        return addresses

    return resolve


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "192.0.1.1", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "64:ff9b::808:808"],
)
def test_a_public_address_is_fine(address):
    assert refused_address(address) is None


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"),
        ("0.0.0.0", "unspecified"),
        ("0.1.2.3", "unspecified"),
        ("10.0.0.1", "private"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"),
        ("100.64.0.1", "carrier_nat"),
        ("100.127.255.255", "carrier_nat"),
        ("169.254.169.254", "link_local"),
        ("192.0.0.8", "special"),
        ("192.0.2.1", "documentation"),
        ("198.18.0.1", "benchmarking"),
        ("198.51.100.1", "documentation"),
        ("203.0.113.1", "documentation"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.255", "multicast"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "reserved"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("::7f00:1", "reserved"),
        ("::ffff:127.0.0.1", "mapped"),
        ("::ffff:8.8.8.8", "mapped"),
        ("64:ff9b::7f00:1", "loopback"),
        ("64:ff9b::a00:1", "private"),
        ("64:ff9b:1::1", "special"),
        ("2001::1", "special"),
        ("2001:db8::1", "documentation"),
        ("2002:7f00:1::", "tunnel"),
        ("fc00::1", "private"),
        ("fd12::1", "private"),
        ("fe80::1", "link_local"),
        ("fe80::1%eth0", "link_local"),
        ("ff02::1", "multicast"),
        ("not an address", "malformed"),
    ],
)
def test_no_live_call_goes_to_an_address_that_is_not_public(address, reason):
    assert refused_address(address) == reason


@given(st.ip_addresses())
def test_what_python_calls_private_is_never_let_through(address):
    if not address.is_global or address.is_multicast:
        translated = address.version == 6 and str(address).startswith("64:ff9b::")
        assert translated or refused_address(str(address))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://push.example.com/x", "not_https"),
        ("ftp://push.example.com/x", "url_malformed"),
        ("file:///etc/passwd", "url_malformed"),
        ("//push.example.com/x", "url_malformed"),
        ("https://", "url_malformed"),
        ("https:///x", "url_malformed"),
        ("https://push.example.com:99999/x", "url_malformed"),
        ("https://push.example.com:8443/x", "port"),
        ("https://push.example.com:80/x", "port"),
        ("https://user@push.example.com/x", "url_userinfo"),
        ("https://user:word@push.example.com/x", "url_userinfo"),
        ("https://@push.example.com/x", "url_userinfo"),
        ("https://push.example.com\\@127.0.0.1/x", "url_characters"),
        ("https://push.example.com/x\r\nHost: evil", "url_characters"),
        ("https://push.example.com/ x", "url_characters"),
        ("https://push.exämple.com/x", "url_characters"),
        ("https://push.example.com/x#part", "url_fragment"),
        ("https://127.0.0.1/x", "address_loopback"),
        ("https://[::1]/x", "address_loopback"),
        ("https://[::ffff:127.0.0.1]/x", "address_mapped"),
        ("https://169.254.169.254/latest", "address_link_local"),
        ("https://127.1/x", "host_malformed"),
        ("https://2130706433/x", "host_malformed"),
        ("https://0x7f000001/x", "host_malformed"),
        ("https://0177.0.0.1/x", "host_malformed"),
        ("https://127.0.0.1./x", "host_malformed"),
        ("https://push_%41.example.com/x", "host_malformed"),
        ("https://push.example.com/" + "x" * MAX_URL, "url_too_long"),
        ("", "url_characters"),
    ],
)
def test_a_url_that_lookout_live_must_not_call_is_refused(url, reason):
    assert reason_of(LIVE, url) == reason


@pytest.mark.parametrize(
    "url",
    [
        "https://fcm.googleapis.com/fcm/send/abc:def",
        "https://8.8.8.8/x",
        "https://updates.push.services.mozilla.com:443/wpush/v2/g%41",
    ],
)
def test_a_live_push_endpoint_is_requested_exactly_as_it_was_given(url):
    assert str(LIVE.allow_url(url)).replace(":443", "") == url.replace(":443", "")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9002/push/x",
        "http://127.0.0.2:9001/push/x",
        "http://localhost:9001/push/x",
        "http://[::1]:9001/push/x",
        "https://fcm.googleapis.com/x",
        "http://8.8.8.8:9001/x",
    ],
)
def test_a_sandbox_calls_nobody_but_its_own_receivers(url):
    assert reason_of(SANDBOX, url) == "not_a_sandbox_receiver"


def test_a_sandbox_calls_its_own_receivers():
    assert str(SANDBOX.allow_url("http://127.0.0.1:9001/push/x")) == "http://127.0.0.1:9001/push/x"


def test_the_refusal_never_tells_the_url():
    with pytest.raises(Refused) as refusal:
        LIVE.allow_url("https://127.0.0.1/secret-token")
    assert "secret-token" not in str(refusal.value)


def test_live_has_no_receivers_of_its_own():
    with pytest.raises(ValueError, match="no receivers"):
        Guard(Mode.LIVE, frozenset({("127.0.0.1", 80)}))


async def test_a_public_name_is_pinned_to_its_addresses():
    guard = Guard(Mode.LIVE, resolve=answering("8.8.8.8", "2606:4700::1"))
    assert await guard.pin("push.example.com", 443, ports=HTTPS_PORTS) == ("8.8.8.8", "2606:4700::1")


async def test_one_bad_address_refuses_the_whole_name():
    guard = Guard(Mode.LIVE, resolve=answering("8.8.8.8", "10.0.0.1"))
    with pytest.raises(Refused, match="address_private"):
        await guard.pin("rebinding.example.com", 443, ports=HTTPS_PORTS)


async def test_a_name_without_addresses_is_no_destination():
    with pytest.raises(OSError, match="no address"):
        await Guard(Mode.LIVE, resolve=answering()).pin("empty.example.com", 443, ports=HTTPS_PORTS)


async def test_a_sandbox_name_must_resolve_to_a_receiver():
    guard = Guard(
        Mode.SANDBOX, frozenset({("localhost", 9001), ("127.0.0.1", 9001)}), answering("127.0.0.1", "8.8.8.8")
    )
    with pytest.raises(Refused, match="not_a_sandbox_receiver"):
        await guard.pin("localhost", 9001, ports=HTTPS_PORTS)


async def test_the_real_resolver_leads_localhost_nowhere_in_live():
    with pytest.raises((Refused, socket.gaierror)):
        await LIVE.pin("localhost", 443, ports=HTTPS_PORTS)


@pytest.mark.parametrize("port", [80, 443, 1025, 2525])
def test_live_mail_leaves_by_mail_ports_only(port):
    with pytest.raises(Refused, match="port"):
        LIVE.allow("mail.example.com", port, ports=SMTP_PORTS)


@given(st.text(max_size=60))
def test_whatever_the_url_the_answer_is_a_refusal_or_https(text):
    try:
        allowed = LIVE.allow_url(f"https://{text}")
    except Refused:
        return
    assert allowed.scheme == "https"
    assert allowed.port == 443
    assert literal(allowed.host) is None or refused_address(allowed.host) is None


@pytest.mark.parametrize(
    "url", ["https://push.example.com/x#", "https://push.example.com#/x", "https://a b/", "x" * 3000]
)
def test_text_that_parsers_could_disagree_about_is_refused_before_any_reads_it(url):
    with pytest.raises(Refused):
        check_text(url)
