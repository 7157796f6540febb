from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.model import Outcome, Result
from notifiers.retry import LONGEST_S, OURS_S, RETRIED, GiveUp, Retry, decide

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)


def wait_s(outcome: Outcome, attempts: int = 1) -> float:
    decision = decide(outcome, attempts, NOW, TOMORROW, Random(1))
    assert isinstance(decision, Retry)
    return (decision.at - NOW).total_seconds()


@given(
    st.sampled_from(RETRIED),
    st.integers(1, 10_000),
    st.floats(0, 1e12) | st.none(),
    st.integers(0, 99),
    st.integers(1, 86_400),
)
def test_no_try_comes_before_now_or_when_the_alert_is_over(result, attempts, retry_after_s, seed, left_s):
    expires_at = NOW + timedelta(seconds=left_s)
    decision = decide(Outcome(result, "x", retry_after_s), attempts, NOW, expires_at, Random(seed))
    assert isinstance(decision, GiveUp) or NOW <= decision.at < expires_at


@given(st.integers(1, 60), st.integers(0, 10_000))
def test_the_back_off_is_full_jitter_below_a_doubling_bound(attempts, seed):
    decision = decide(Outcome(Result.LATER), attempts, NOW, TOMORROW, Random(seed))
    assert (decision.at - NOW).total_seconds() <= min(2.0 ** (attempts - 1), LONGEST_S)


def test_jitter_spreads_those_who_failed_together():
    rng = Random(7)
    waits = [(decide(Outcome(Result.LATER), 5, NOW, TOMORROW, rng).at - NOW).total_seconds() for _ in range(2000)]
    assert min(waits) < 1
    assert max(waits) > 15
    assert 7 < sum(waits) / len(waits) < 9


def test_a_retry_after_is_obeyed():
    assert 30 <= wait_s(Outcome(Result.LATER, "429", 30.0)) <= 35


def test_a_retry_after_beyond_the_alert_gives_up():
    assert decide(Outcome(Result.LATER, "429", 90_000), 1, NOW, TOMORROW, Random(1)) == GiveUp("expired")


def test_our_own_fault_is_not_tried_again_at_once():
    assert wait_s(Outcome(Result.OURS, "403")) >= OURS_S


@pytest.mark.parametrize("result", [Result.SENT, Result.GONE, Result.REFUSED])
def test_what_is_settled_is_not_decided_again(result):
    with pytest.raises(ValueError, match="settled"):
        decide(Outcome(result), 1, NOW, TOMORROW, Random(1))
