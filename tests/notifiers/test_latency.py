from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.latency import MARKS_S, NONE, Latency, added, counted

START = datetime(2026, 5, 1, tzinfo=UTC)
EMPTY = NONE


def of(*waits_s: float) -> bytes:
    return counted(EMPTY, START, [START + timedelta(seconds=wait) for wait in waits_s])


@given(st.lists(st.floats(0.001, 6e5), min_size=1, max_size=50), st.floats(0.01, 1))
def test_a_percentile_is_right_to_a_factor_of_two_and_a_half(waits, share):
    waits = sorted(waits)
    exact = waits[max(0, int(share * len(waits) + 0.999999) - 1)]
    assert exact / 2.5 - 0.001 <= added([of(*waits)]).quantile_s(share) <= exact * 2.5 + 0.001


@given(
    st.lists(
        st.sampled_from([*MARKS_S, 1, 86_400]).flatmap(lambda s: st.sampled_from([-1, 0, 1]).map(lambda us: (s, us))),
        min_size=1,
    )
)
def test_who_was_reached_within_a_mark_is_counted_to_the_microsecond(waits):
    waits = [timedelta(seconds=seconds, microseconds=off) for seconds, off in waits]
    found = added([counted(EMPTY, START, [START + wait for wait in waits])])
    assert found.within_marks == {mark: sum(wait <= timedelta(seconds=mark) for wait in waits) for mark in MARKS_S}


def test_there_is_no_exact_count_where_there_is_no_edge():
    with pytest.raises(ValueError, match="index"):
        Latency().within(61)


def test_batches_add_up():
    assert added([of(0.5), of(0.5, 3.0)]).total == 3


def test_nothing_sent_has_no_latency():
    assert Latency().quantile_s(0.5) is None
    assert added([]) == Latency()


@pytest.mark.parametrize("wait_s", [-5.0, 0.0, 1e9])
def test_the_odd_moment_is_counted_too(wait_s):
    assert added([of(wait_s)]).total == 1
