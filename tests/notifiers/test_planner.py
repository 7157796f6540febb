from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.planner import plan

LANES = (("push", "https://a:443"), ("push", "https://b:443"), ("email", "smtp"))
people = st.lists(st.tuples(st.integers(0, 2), st.floats(0, 1e6)), max_size=200)


def planned(rows, size):
    ids = np.arange(1, len(rows) + 1, dtype=np.uint32)
    lane = np.array([row[0] for row in rows], np.intp)
    rank = np.array([row[1] for row in rows], np.float64)
    return plan(ids, lane, LANES, rank, size)


@given(people, st.integers(1, 50))
def test_everyone_is_in_exactly_one_batch_of_their_lane(rows, size):
    batches = planned(rows, size)
    met = {int(id_): (batch.channel, batch.origin) for batch in batches for id_ in batch.ids}
    assert met == {number + 1: LANES[lane] for number, (lane, _) in enumerate(rows)}
    assert sum(len(batch.ids) for batch in batches) == len(rows)
    assert all(len(batch.ids) <= size for batch in batches)


@given(people, st.integers(1, 50))
def test_the_nearest_leave_first(rows, size):
    batches = planned(rows, size)
    assert [batch.rank for batch in batches] == sorted(batch.rank for batch in batches)
    for lane in LANES:
        ranks = [rows[id_ - 1][1] for batch in batches if (batch.channel, batch.origin) == lane for id_ in batch.ids]
        assert ranks == sorted(ranks)


def test_arrays_that_are_not_parallel_are_refused():
    with pytest.raises(ValueError, match="parallel"):
        plan(np.zeros(2, np.uint32), np.zeros(1, np.intp), LANES, np.zeros(2))
