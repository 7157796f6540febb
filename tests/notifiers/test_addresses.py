from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers import addresses

SECRET = secrets.token_bytes(64)


@given(st.integers(1, 2**32 - 1))
def test_an_unsubscribe_token_leads_back_to_its_subscription(id_):
    token = addresses.make_unsubscribe_token(SECRET, id_)
    assert addresses.read_unsubscribe_token(SECRET, token) == id_


@given(st.text(max_size=60))
def test_any_other_text_leads_nowhere(token):
    assert addresses.read_unsubscribe_token(SECRET, token) is None


def test_a_token_of_another_house_or_with_one_bit_changed_leads_nowhere():
    token = addresses.make_unsubscribe_token(SECRET, 7)
    other = f"{int(token, 16) ^ 1:040x}"
    assert addresses.read_unsubscribe_token(SECRET, other) is None
    assert addresses.read_unsubscribe_token(secrets.token_bytes(64), token) is None


@pytest.mark.parametrize(
    ("endpoint", "origin"),
    [
        ("https://push.example.org/x/y", "https://push.example.org:443"),
        ("http://127.0.0.1:8123/x", "http://127.0.0.1:8123"),
        ("https://[2001:db8::1]/x", "https://[2001:db8::1]:443"),
        ("https://PUSH.example.org?x=/y", "https://push.example.org:443"),
    ],
)
def test_the_origin_is_what_is_throttled_together(endpoint, origin):
    assert addresses.origin("web_push", {"endpoint": endpoint}) == origin


@pytest.mark.parametrize("endpoint", ["", "nowhere", "//host/x", "ftp://host/x", "https://host:99999/"])
def test_an_endpoint_that_is_no_url_is_refused(endpoint):
    with pytest.raises(ValueError, match=r"URL|ort"):
        addresses.origin("web_push", {"endpoint": endpoint})


def test_keyed_hashes_differ_by_channel_and_by_house():
    here = addresses.keyed_hash(SECRET, "email", "ann@example.org")
    assert here != addresses.keyed_hash(SECRET, "sms", "ann@example.org")
    assert here != addresses.keyed_hash(secrets.token_bytes(64), "email", "ann@example.org")


def test_apples_tokens_are_one_in_either_case_and_googles_are_not():
    same = {addresses.identity("apns", {"token": token}, "") for token in ("ab" * 32, "AB" * 32)}
    other = {addresses.identity("fcm", {"token": token}, "") for token in ("abcdefgh", "ABCDEFGH")}
    assert (len(same), len(other)) == (1, 2)
    assert (addresses.origin("fcm", {"token": "x"}), addresses.origin("apns", {"token": "x"})) == ("fcm", "apns")
