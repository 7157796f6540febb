from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.latency import BUCKETS, Latency, added, counted

START = datetime(2026, 5, 1, tzinfo=UTC)
EMPTY = bytes(4 * BUCKETS)


def of(*waits_s: float) -> bytes:
    return counted(EMPTY, START, [START + timedelta(seconds=wait) for wait in waits_s])


@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=50), st.floats(0.01, 1))
def test_a_percentile_is_right_to_a_factor_of_two(waits, share):
    waits = sorted(waits)
    exact = waits[max(0, int(share * len(waits) + 0.999999) - 1)]
    assert exact / 2.01 <= added([of(*waits)]).quantile_s(share) <= exact * 2.01 + 0.001


def test_batches_add_up():
    assert added([of(0.5), of(0.5, 3.0)]).total == 3


def test_nothing_sent_has_no_latency():
    assert Latency().quantile_s(0.5) is None
    assert added([]) == Latency()


@pytest.mark.parametrize("wait_s", [-5.0, 0.0, 1e9])
def test_the_odd_moment_is_counted_too(wait_s):
    assert added([of(wait_s)]).total == 1
