from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from notifiers.job import Use, share

USES = st.lists(st.builds(Use, st.sampled_from("abc"), st.integers(0, 64)), max_size=8)


def shared(window, uses, idle=0, most=lambda _origin: 10_000):
    return share(window, [Use(str(n), one) if isinstance(one, int) else one for n, one in enumerate(uses)], idle, most)


@given(st.integers(16, 512), USES, st.integers(0, 3), st.integers(0, 300))
def test_never_more_than_the_window_is_given_out(window, uses, idle, most):
    rooms, left = shared(window, uses, idle, lambda _origin: most)
    assert min([0, *rooms, left]) == 0
    assert sum(rooms) + left <= max(0, window - sum(use.open for use in uses))


@given(USES, st.integers(0, 200))
def test_no_origin_gets_more_than_it_has_earned_in_all_its_jobs_together(uses, most):
    rooms, _left = shared(256, uses, 0, lambda _origin: most)
    before, given_ = Counter(), Counter()
    for use, room in zip(uses, rooms, strict=True):
        before[use.origin] += use.open
        given_[use.origin] += room
    assert all(given_[origin] <= max(0, most - before[origin]) for origin in before)


def test_jobs_share_equally_and_leave_some_for_idle_channels():
    assert shared(256, [0, 0], 1) == ([120, 120], 16)


def test_a_slow_job_does_not_take_the_part_of_the_others():
    assert shared(256, [128, 0]) == ([0, 128], 0)


def test_one_with_more_than_its_part_gets_nothing():
    assert shared(64, [60, 0])[0] == [0, 4]


def test_with_no_job_the_whole_window_is_free():
    assert shared(256, [], 3) == ([], 256)
