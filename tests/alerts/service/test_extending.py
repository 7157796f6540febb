"""More time for an alert in force: every word stays, a second person approves, and the first end still holds until then."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cast import DENVER

from alerts import reading
from alerts.errors import NotAllowed, Refused
from alerts.service import decide, submit


@pytest.fixture
def told(house, in_force):
    house.enrol([DENVER])
    return in_force()


def until(house, alert):
    return reading.get_alert(house.services, house.submitter, alert.id).row.expires_at


def test_it_lasts_longer_once_a_second_officer_has_approved_it_and_says_the_same(house, told):
    before = reading.get_alert(house.services, house.submitter, told.id)
    later = before.row.expires_at + timedelta(hours=2)
    asked = submit.extend(house.services, house.submitter, told.id, later)
    assert (asked.state, asked.version) == ("pending approval", 2)
    decide.approve(house.services, house.approver, asked.id, asked.content_hash)
    after = reading.get_alert(house.services, house.submitter, asked.id)
    assert after.row.expires_at == later
    assert after.public.texts == before.public.texts
    assert after.public.children == before.public.children


def test_who_asked_cannot_approve_it(house, told):
    asked = submit.extend(house.services, house.approver, told.id, until(house, told) + timedelta(hours=2))
    with pytest.raises(NotAllowed):
        decide.approve(house.services, house.approver, asked.id, asked.content_hash)


@pytest.mark.parametrize("hours", [0, -1])
def test_what_is_no_later_is_refused(house, told, hours):
    with pytest.raises(Refused) as refused:
        submit.extend(house.services, house.submitter, told.id, until(house, told) + timedelta(hours=hours))
    assert [one.path for one in refused.value.problems] == ["/expires_at"]


def test_the_programmes_longest_time_holds(house, told):
    with pytest.raises(Refused) as refused:
        submit.extend(house.services, house.submitter, told.id, house.clock() + timedelta(days=30))
    assert "expires_at.late" in [one.type for one in refused.value.problems]
