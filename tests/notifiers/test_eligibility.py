from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifiers import eligibility
from notifiers.eligibility import Audience
from notifiers.transactions import reading


@pytest.fixture
def found(world):
    def ask(ids, *, tests_only=False):
        with reading(world.engine) as connection:
            return eligibility.eligible(connection, ids, Audience(tests_only))

    return ask


def test_a_test_reaches_only_those_enrolled_for_tests(world, found):
    people = world.enrol(3) + world.enrol(2, test=True)
    ids = [one.recipient_id for one in people]
    assert found(ids, tests_only=True).recipient_ids.tolist() == [4, 5]
    assert found(ids).recipient_ids.tolist() == [1, 2, 3, 4, 5]


def test_reach_counts_people_once_and_their_subscriptions_by_channel(world):
    ids = [one.recipient_id for one in world.enrol(3, ("push", "inbox")) + world.enrol(2, ("inbox",))]
    with reading(world.engine) as connection:
        reach = eligibility.reach(connection, ids, Audience(tests_only=False))
    assert (reach.recipients, reach.by_channel, reach.by_language) == (5, {"push": 3, "inbox": 5}, {"en": 8})


def test_lanes_tell_channel_and_origin_of_each(world, found):
    world.enrol(1, ("push", "inbox"))
    chosen = found([1])
    assert [chosen.lanes[number] for number in chosen.lane] == [("push", "http://127.0.0.1:9"), ("inbox", "inbox")]


def test_nobody_is_eligible_among_nobody(found):
    assert len(found([])) == 0


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=st.sets(st.integers(1, 60), max_size=40), far=st.sets(st.integers(10**6, 2**32 - 1), max_size=5))
def test_ranges_and_lists_find_the_same(world, found, wanted, far):
    if not world.map.points:
        world.enrol(50)
    ids = np.array([*wanted, *far], np.uint32)
    assert sorted(found(ids).recipient_ids.tolist()) == sorted(id_ for id_ in wanted if id_ <= 50)
