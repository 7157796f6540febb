from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.limits import LONGEST_REST_S, OURS_REST_S, TRIP_AFTER, Gate, gate
from notifiers.model import Outcome, Result

SENT, LATER, OURS = (Outcome(result) for result in (Result.SENT, Result.LATER, Result.OURS))


def failing(limit: Gate, times: int, now_s: float = 0.0) -> Gate:
    for _ in range(times):
        limit = limit.after(LATER, now_s)
    return limit


@given(st.lists(st.floats(0, 0.3), min_size=1, max_size=300))
def test_never_more_than_the_burst_and_the_rate(pauses):
    limit, now_s, taken = gate(10, 5, 0.0), 0.0, 0
    for pause in pauses:
        now_s += pause
        if limit.wait_s(now_s) == 0:
            limit, taken = limit.take(now_s), taken + 1
        assert taken <= 5 + 10 * now_s + 1e-6


def test_waiting_as_long_as_told_is_enough():
    limit = gate(10, 1, 0.0).take(0.0)
    assert limit.wait_s(limit.wait_s(0.0) + 1e-9) == 0


def test_failures_in_a_row_close_it_and_one_answer_opens_it():
    limit = failing(gate(100, 100, 0.0), TRIP_AFTER - 1)
    assert limit.wait_s(0.0) == 0
    assert limit.after(SENT, 0.0).failures == 0
    closed = failing(limit, 1)
    assert closed.wait_s(0.0) == 1.0
    assert closed.take(1.0).after(SENT, 1.1).wait_s(1.1) == 0


def test_after_a_rest_one_single_send_tries():
    closed = failing(gate(100, 100, 0.0), TRIP_AFTER)
    assert closed.wait_s(1.0) == 0
    assert closed.take(1.0).wait_s(1.0) > 0


def test_each_failed_trial_rests_longer_up_to_a_bound():
    limit, now_s, rests = failing(gate(100, 100, 0.0), TRIP_AFTER), 0.0, []
    for _ in range(10):
        now_s += limit.wait_s(now_s)
        limit = limit.take(now_s).after(LATER, now_s)
        rests.append(limit.wait_s(now_s))
    assert rests == sorted(rests)
    assert rests[-1] == LONGEST_REST_S


def test_what_was_under_way_when_it_closed_does_not_lengthen_the_rest():
    closed = failing(gate(100, 100, 0.0), TRIP_AFTER)
    assert failing(closed, 200, 0.2).closed_until_s == closed.closed_until_s


def test_an_origin_that_refuses_us_stops_at_once_and_raises_an_alarm():
    stopped = gate(100, 100, 0.0).after(OURS, 0.0)
    assert stopped.wait_s(0.0) == OURS_REST_S
    assert stopped.alarms == 1


def test_a_retry_after_that_trips_it_is_obeyed():
    limit = failing(gate(100, 100, 0.0), TRIP_AFTER - 1).after(Outcome(Result.LATER, "503", 20.0), 0.0)
    assert limit.wait_s(0.0) == 20.0


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (1, 0)])
def test_a_gate_that_lets_nothing_through_is_refused(rate, burst):
    with pytest.raises(ValueError, match="rate"):
        gate(rate, burst, 0.0)
