"""The provider token: right for Apple, the same in every worker, renewed between 20 and 60 minutes."""

import itertools
import json

import pytest
from credentials import apple_key
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from notifiers.channels.apple_token import ProviderToken
from notifiers.channels.web_push_crypto import decode

KEY = apple_key()
MINUTE = 60


class Clock:
    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


def claims_of(authorization):
    return json.loads(decode(authorization.split(".")[1]))


def test_the_token_is_es256_of_team_and_time():
    authorization = ProviderToken(KEY, "KEY1234567", "TEAM123456", clock=Clock(1_800_000_000)).authorization()
    signed, _, signature = authorization.removeprefix("bearer ").rpartition(".")
    r, s = (int.from_bytes(decode(signature)[half]) for half in (slice(0, 32), slice(32, 64)))
    KEY.public_key().verify(encode_dss_signature(r, s), signed.encode(), ec.ECDSA(hashes.SHA256()))
    assert json.loads(decode(signed.split(".")[0])) == {"alg": "ES256", "typ": "JWT", "kid": "KEY1234567"}
    assert claims_of(authorization) == {"iss": "TEAM123456", "iat": 1_800_000_000 - 60}
    with pytest.raises(InvalidSignature):
        apple_key().public_key().verify(encode_dss_signature(r, s), signed.encode(), ec.ECDSA(hashes.SHA256()))


@given(st.lists(st.integers(0, 5 * MINUTE), min_size=1, max_size=200), st.integers(1_700_000_000, 1_900_000_000))
def test_it_is_never_older_than_an_hour_nor_renewed_within_twenty_minutes(steps, start):
    clock = Clock(start)
    token, issued = ProviderToken(KEY, "K", "T", clock=clock), []
    for step in steps:
        clock.now += step
        at = claims_of(token.authorization())["iat"]
        assert clock.now - 60 * MINUTE < at <= clock.now
        issued.append(at)
    times = sorted(set(issued))
    assert all(later - sooner >= 20 * MINUTE for sooner, later in itertools.pairwise(times))


def test_workers_that_start_at_other_times_make_the_same_token():
    early, late = (ProviderToken(KEY, "K", "T", clock=Clock(1_800_000_000 + wait)) for wait in (1, 39 * MINUTE))
    assert early.authorization() == late.authorization()


def test_a_clock_that_goes_after_is_made_up_for_but_not_within_twenty_minutes():
    clock = Clock(1_800_000_000 + 5 * MINUTE)
    token = ProviderToken(KEY, "K", "T", clock=clock)
    first = token.authorization()
    token.expired(first)
    assert token.authorization() == first
    clock.now += 16 * MINUTE
    token.expired(first)
    assert claims_of(token.authorization())["iat"] == clock.now
    second = token.authorization()
    token.expired(first)  # another send's answer, late
    assert token.authorization() == second


def test_a_clock_that_is_a_minute_ahead_of_apples_issues_nothing_in_the_future():
    for now in range(1_800_000_000 - 5, 1_800_000_000 + 5):
        assert claims_of(ProviderToken(KEY, "K", "T", clock=Clock(now)).authorization())["iat"] <= now - 60


def test_a_clock_set_back_signs_anew():
    clock = Clock(1_800_000_000)
    token = ProviderToken(KEY, "K", "T", clock=clock)
    token.authorization()
    clock.now -= 120 * MINUTE
    assert claims_of(token.authorization())["iat"] <= clock.now
