"""What becomes of those told before when the area changes: seen before the approval, done after it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from alerts import programme, reading
from alerts.service import decide, submit
from notifiers.tables import batch

WEST, EAST, FAR = (-105.05, 39.7392), (-104.93, 39.7392), (-104.75, 39.7392)


@pytest.fixture
def told(house, in_force):
    """Two people in the west and three in the east have the alert; four further east do not."""
    house.enrol([WEST] * 2)
    house.enrol([EAST] * 3)
    house.enrol([FAR] * 4)
    left = in_force()
    with house.services.engine.begin() as connection:
        connection.execute(batch.update().values(sent=b"\xff", n_sent=batch.c.size, state="done"))
    return left


@pytest.fixture
def moved(house, told, take, make_square):
    """An update whose area leaves out the west and holds the far east."""
    return submit.update(
        house.services, house.submitter, told.id, take(area={"geojson": make_square(0.24, (-104.82, 39.7392))})
    )


def silent_outside(monkeypatch) -> None:
    rules = replace(programme.US_AMBER, tells_outside=False)
    monkeypatch.setattr(programme, "PROGRAMMES", {**programme.PROGRAMMES, rules.id: rules})


def planned(house, notice_id: int) -> int:
    return sum(
        len(np.frombuffer(row.subscription_ids, "<u4")) for row in house.rows(batch) if row.notice_id == notice_id
    )


def change_of(house, alert):
    return reading.get_alert(house.services, house.approver, alert.id).change


def test_before_the_approval_it_is_said_who_is_newly_covered_inside_still_and_inside_no_longer(house, moved):
    change = change_of(house, moved)
    assert (change.newly, change.still, change.outside) == (4, 3, 2)
    assert change.tells_again
    assert change.tells_outside


def test_by_default_an_update_goes_to_whom_it_no_longer_covers_as_well(house, moved):
    done = decide.approve(house.services, house.approver, moved.id, moved.content_hash)
    assert planned(house, done.notice_id) == 9


def test_a_programme_may_leave_alone_whom_it_no_longer_covers(house, moved, monkeypatch):
    silent_outside(monkeypatch)
    assert not change_of(house, moved).tells_outside
    done = decide.approve(house.services, house.approver, moved.id, moved.content_hash)
    assert planned(house, done.notice_id) == 7


def test_but_that_it_is_over_they_are_told_all_the_same(house, moved, monkeypatch):
    from alerts.service import end

    silent_outside(monkeypatch)
    decide.approve(house.services, house.approver, moved.id, moved.content_hash)
    over = end.cancel(house.services, house.submitter, moved.id)
    assert planned(house, over.notice_id) == 5  # the first version's; the second had not left yet


def test_an_enlargement_tells_the_newly_covered_alone_and_says_so_before(house, told, make_square):
    wider = submit.enlarge(house.services, house.submitter, told.id, make_square(0.6))
    change = change_of(house, wider)
    assert (change.newly, change.still, change.outside, change.tells_again) == (4, 5, 0, False)
    done = decide.approve(house.services, house.approver, wider.id, wider.content_hash)
    assert planned(house, done.notice_id) == 4


def test_a_first_alert_and_one_that_is_decided_change_nothing(house, submitted, told, moved):
    assert change_of(house, told) is None
    assert change_of(house, submitted()) is None
