from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from notifiers.job import share


@given(st.integers(16, 512), st.lists(st.integers(0, 64), max_size=8), st.integers(0, 3))
def test_never_more_than_the_window_is_given_out(window, open_counts, idle):
    rooms, left = share(window, open_counts, idle)
    assert min([0, *rooms, left]) == 0
    assert sum(rooms) + left <= max(0, window - sum(open_counts))


def test_jobs_share_equally_and_leave_some_for_idle_channels():
    assert share(256, [0, 0], 1) == ([120, 120], 16)


def test_a_slow_job_does_not_take_the_part_of_the_others():
    rooms, left = share(256, [128, 0], 0)
    assert (rooms, left) == ([0, 128], 0)


def test_one_with_more_than_its_part_gets_nothing():
    assert share(64, [60, 0], 0)[0] == [0, 4]


def test_with_no_job_the_whole_window_is_free():
    assert share(256, [], 3) == ([], 256)
