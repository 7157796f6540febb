from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.expecting import Expected, expected
from notifiers.policies import CHANNELS, Policy, policy_of

FCM = CHANNELS["fcm"]


def test_a_million_on_a_provider_that_takes_ten_thousand_a_second_take_a_hundred_seconds():
    found = expected({"fcm": 1_002_000}, {"fcm": FCM})
    assert (found.seconds, found.origin, found.worth_saying) == (100.0, "fcm", True)


def test_the_slowest_origin_decides():
    policies = {"fcm": FCM, "slack": Policy(1, 20)}
    assert expected({"fcm": 12_000, "slack": 80}, policies).origin == "slack"


def test_what_is_slower_than_every_quota_is_our_own_pace():
    assert expected({"fcm": 10_000}, {"fcm": FCM}, 100.0) == Expected(100.0, None, 100.0)


@given(st.dictionaries(st.sampled_from(["fcm", "email", "sms"]), st.integers(0, 10**7)))
def test_it_is_never_less_than_any_quota_allows(counts):
    found = expected(counts, {name: policy_of(name) for name in counts})
    for name, count in counts.items():
        policy = policy_of(name)
        assert found.seconds * policy.rate_per_s + policy.burst >= count * (1 - 1e-9)


@pytest.mark.parametrize("counts", [{}, {"inbox": 10**7}, {"fcm": 2_000}])
def test_what_leaves_at_once_is_not_worth_a_word(counts):
    assert not expected(counts, {name: policy_of(name) for name in counts}).worth_saying
