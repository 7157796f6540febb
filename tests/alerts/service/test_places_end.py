"""Places end by themselves: the schedule ends them, the map follows, and nobody is told of where they are no more."""

from __future__ import annotations

import pytest
from cast import BOTH, DENVER, FAR_AWAY

from alerts.errors import NotFound
from alerts.schedule import Schedule
from alerts.service import people, places
from notifiers.tables import batch, recipient

pytestmark = BOTH


@pytest.fixture
def schedule(house):
    return Schedule(house.services)


@pytest.fixture
def end_places(schedule):
    def run():
        schedule.expire_places()
        schedule.catch_up()

    return run


def test_a_phone_that_was_there_yesterday_is_not_there_today(house, end_places, in_force):
    [one] = house.enrol([FAR_AWAY])
    places.move(house.services, one.recipient_id, *DENVER, "device")
    house.clock.pass_time(hours=25)
    end_places()
    in_force()
    assert house.rows(batch) == []
    assert [place.kind for place in places.list_own(house.services, one.recipient_id)] == ["home"]


def test_a_phone_that_was_there_an_hour_ago_still_is(house, end_places, in_force):
    [one] = house.enrol([FAR_AWAY])
    places.move(house.services, one.recipient_id, *DENVER, "device")
    house.clock.pass_time(hours=1)
    end_places()
    in_force()
    assert [row.size for row in house.rows(batch)] == [1]


def test_who_was_last_seen_there_is_told_for_want_of_anything_else(house, end_places, in_force):
    [one] = house.enrol([DENVER])
    places.move(house.services, one.recipient_id, *DENVER, "device")
    places.remove(house.services, one.recipient_id, "home")
    house.clock.pass_time(days=3)
    end_places()
    in_force()
    assert [row.size for row in house.rows(batch)] == [1]


def test_who_has_no_place_left_is_off_the_map_and_stays_enrolled(house, end_places):
    [one] = house.enrol([FAR_AWAY])
    places.move(house.services, one.recipient_id, *DENVER, "device")
    places.remove(house.services, one.recipient_id, "home")
    house.clock.pass_time(days=31)
    end_places()
    assert len(house.services.index) == 0
    assert len(house.rows(recipient)) == 1


def test_a_place_that_is_not_there_is_not_removed(house):
    [one] = house.enrol([FAR_AWAY])
    with pytest.raises(NotFound):
        places.remove(house.services, one.recipient_id, "device")


def test_who_left_has_no_place_to_tell(house):
    [one] = house.enrol([FAR_AWAY])
    people.leave(house.services, one.recipient_id)
    with pytest.raises(NotFound):
        places.move(house.services, one.recipient_id, *DENVER, "followed", 1)
