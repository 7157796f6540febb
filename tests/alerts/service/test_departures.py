"""Who leaves soon after a notice is counted with it, in sum and never by person."""

from __future__ import annotations

import pytest
from cast import BOTH, DENVER

from alerts.service import people
from notifiers import attention, departures
from notifiers.attention import LEFT
from notifiers.tables import look_count
from notifiers.transactions import reading, writing

PEOPLE = 12


@pytest.fixture
def told(house, in_force):
    """An alert planned for twelve by e-mail; the ids of their recipients."""
    enrolled = house.enrol([DENVER] * PEOPLE, "email")
    in_force()
    return [one.recipient_id for one in enrolled]


def counted(house) -> list[tuple[str, int | None]]:
    with reading(house.services.engine) as connection:
        found = attention.read(connection, house.fanned_out)
    return [(one.way, one.count) for one in found.get(house.fanned_out[-1], ()) if one.what == LEFT]


@BOTH
def test_who_leaves_after_a_notice_counts_with_it_from_ten_on(house, told):
    for recipient_id in told[:9]:
        people.leave(house.services, recipient_id)
    assert counted(house) == [("email", None)]
    for recipient_id in told[9:]:
        people.leave(house.services, recipient_id)
    assert counted(house) == [("email", 10)]  # twelve, in tens


def test_again_changes_nothing_and_the_row_tells_no_person(house, told):
    for _ in range(2):
        people.leave(house.services, told[0])
    assert [(row.way, row.what, row.count) for row in house.rows(look_count)] == [("email", LEFT, 1)]
    assert set(look_count.c.keys()) == {"notice_id", "way", "what", "hour", "count"}


def test_a_day_later_it_is_no_longer_about_the_alert(house, told):
    house.clock.pass_time(hours=25)
    people.leave(house.services, told[0])
    assert house.rows(look_count) == []


def test_who_was_told_of_nothing_is_counted_nowhere(house, told):
    [stranger] = house.enrol([(0.0, 0.0)], "email")
    people.leave(house.services, stranger.recipient_id)
    with writing(house.services.engine) as connection:
        departures.note(connection, subscription_id=2_000_000_000, now=house.clock())
    assert house.rows(look_count) == []
