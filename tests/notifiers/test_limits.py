from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.limits import LONGEST_REST_S, OURS_REST_S, PROOF_S, TRIP_AFTER, Gate, gate, grant
from notifiers.model import Outcome, Result
from notifiers.policies import Policy

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SENT, LATER, OURS, SILENCE = (Outcome(result) for result in (Result.SENT, Result.LATER, Result.OURS, Result.IN_DOUBT))


def failing(limit: Gate, times: int, now_s: float = 0.0, outcome: Outcome = LATER) -> Gate:
    for _ in range(times):
        limit = limit.after(outcome, now_s)
    return limit


@given(
    st.lists(st.tuples(st.floats(0, 0.5), st.integers(0, 40)), min_size=1, max_size=100),
    st.sampled_from([(10.0, 5.0), (3.0, 1.0), (10_000.0, 2_000.0), (0.5, 1.0)]),
)
def test_never_more_than_the_burst_and_the_rate(visits, figures):
    policy, spent, at, taken = Policy(*figures), None, NOW, 0
    for pause_s, wanted in visits:
        at += timedelta(seconds=pause_s)
        found = grant(policy, spent, at, wanted)
        spent, taken = found.spent_until, taken + found.count
        assert taken <= policy.burst + policy.rate_per_s * (at - NOW).total_seconds() + 1e-3


def test_a_full_bucket_gives_its_burst_at_once_and_then_says_until_when_it_is_dry():
    first = grant(Policy(10, 5), None, NOW, 8)
    assert first.count == 5
    empty = grant(Policy(10, 5), first.spent_until, NOW, 1)
    assert (empty.count, empty.dry_until) == (0, NOW + timedelta(seconds=0.1))
    assert grant(Policy(10, 5), first.spent_until, empty.dry_until, 1).count == 1


def test_a_clock_that_was_set_back_stops_nobody_for_long():
    ahead = NOW + timedelta(hours=1)
    empty = grant(Policy(10, 5), ahead, NOW, 1)
    assert grant(Policy(10, 5), empty.spent_until, NOW + timedelta(seconds=0.2), 1).count == 1


def test_failures_in_a_row_close_it_and_one_answer_opens_it():
    limit = failing(gate(256), TRIP_AFTER - 1)
    assert limit.wait_s(0.0) == 0
    assert limit.after(SENT, 0.0).failures == 0
    closed = failing(limit, 1)
    assert closed.wait_s(0.0) == 1.0
    assert closed.trial().after(SENT, 1.1).wait_s(1.1) == 0


def test_each_failed_trial_rests_longer_up_to_a_bound():
    limit, now_s, rests = failing(gate(256), TRIP_AFTER), 0.0, []
    for _ in range(10):
        now_s += limit.wait_s(now_s)
        limit = limit.trial().after(LATER, now_s)
        rests.append(limit.wait_s(now_s))
    assert rests == sorted(rests)
    assert rests[-1] == LONGEST_REST_S


def test_what_was_under_way_when_it_closed_does_not_lengthen_the_rest():
    closed = failing(gate(256), TRIP_AFTER)
    assert failing(closed, 200, 0.2).closed_until_s == closed.closed_until_s


def test_an_origin_that_refuses_us_stops_at_once_and_raises_an_alarm():
    stopped = gate(256).after(OURS, 0.0)
    assert stopped.wait_s(0.0) == OURS_REST_S
    assert stopped.alarms == 1


def test_a_retry_after_that_trips_it_is_obeyed():
    limit = failing(gate(256), TRIP_AFTER - 1).after(Outcome(Result.LATER, "503", 20.0), 0.0)
    assert limit.wait_s(0.0) == 20.0


def test_what_all_workers_know_closes_and_opens_this_one():
    closed = gate(256).told(1, 5.0, 100.0)
    assert closed.wait_s(101.0) == 4.0
    assert closed.told(0, 0.0, 102.0).wait_s(102.0) == 0


def test_an_origin_earns_its_part_of_the_window_and_loses_it_by_silence():
    new = gate(256)
    assert new.room(0.0) == 16
    proven = failing(new, 1000, 0.0, SENT)
    assert proven.room(0.0) == 192
    assert failing(proven, 2, 0.0, SILENCE).room(0.0) == 48
    assert failing(proven, 2, 0.0, LATER).room(0.0) == 192
    assert proven.room(PROOF_S) == 16


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (1, 0)])
def test_a_policy_that_lets_nothing_through_is_refused(rate, burst):
    with pytest.raises(ValueError, match="rate"):
        Policy(rate, burst)
