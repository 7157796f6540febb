"""Which places of a person count, and for how long: the policy, as a person would expect it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from geo import kinds
from geo.kinds import Held, judge

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def held(kind: str, age: timedelta, number: int = 0, **more: datetime) -> Held:
    moved_at = NOW - age
    return Held(kind, number, moved_at, more.get("expires_at", kinds.expires_at(kind, moved_at)))


def test_home_and_followed_places_count_until_they_are_changed():
    ancient = [held("home", 4000 * DAY), held("followed", 4000 * DAY, 1)]
    assert judge(ancient, NOW) == ((), ())


def test_a_device_counts_beside_home_for_a_day():
    assert judge([held("home", DAY), held("device", DAY - HOUR)], NOW).over == ()
    stale = held("device", DAY)
    assert judge([held("home", DAY), stale], NOW) == ((stale,), ())


def test_where_somebody_was_last_seen_counts_longer_if_nothing_else_is_known():
    last = held("device", 2 * DAY)
    found = judge([last], NOW)
    assert found.over == ()
    assert found.kept == (last._replace(expires_at=NOW + DAY),)


def test_it_does_not_count_for_ever():
    assert judge([held("device", 29 * DAY + 23 * HOUR)], NOW).kept[0].expires_at == NOW + HOUR
    gone = held("device", 30 * DAY)
    assert judge([gone], NOW) == ((gone,), ())


def test_a_last_place_goes_within_a_day_of_another_being_told():
    last = held("device", 3 * DAY, expires_at=NOW)
    assert judge([last, held("home", HOUR)], NOW).over == (last,)


def test_the_place_that_stands_for_a_person_is_the_device_then_home_then_what_they_follow():
    places = [held("followed", HOUR, 2), held("home", HOUR), held("followed", HOUR, 1), held("device", HOUR)]
    assert [(one.kind, one.number) for one in kinds.by_rank(places)] == [
        ("device", 0),
        ("home", 0),
        ("followed", 1),
        ("followed", 2),
    ]


@pytest.mark.parametrize(("kind", "numbers"), [("home", [0]), ("device", [0]), ("followed", list(range(1, 9)))])
def test_the_number_of_places_is_bounded(kind, numbers):
    assert list(kinds.numbers_of(kind)) == numbers
    assert kinds.MOST == 10
