"""What becomes of those told before when the area changes: seen before the approval, done after it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from alerts import inbox as inboxes
from alerts import outlet_rows, programme, reading
from alerts.service import decide, submit
from notifiers import addresses, bits, notices
from notifiers.tables import batch, inbox, subscription
from notifiers.transactions import reading as reading_of

WEST, EAST, FAR = (-105.05, 39.7392), (-104.93, 39.7392), (-104.75, 39.7392)


@pytest.fixture
def told(house, in_force):
    """Two people in the west and three in the east have the alert; four further east do not."""
    house.enrol([WEST] * 2)
    house.enrol([EAST] * 3)
    house.enrol([FAR] * 4)
    left = in_force()
    with house.services.engine.begin() as connection:
        connection.execute(batch.update().values(sent=bits.pack(0xFF, 8), n_sent=batch.c.size, state="done"))
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
    return sum(row.size for row in house.rows(batch) if row.notice_id == notice_id)


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


def test_they_are_told_that_it_no_longer_covers_them_in_every_language_of_the_update(house, moved):
    done = decide.approve(house.services, house.approver, moved.id, moved.content_hash)
    new = [row for row in house.rows(batch) if row.notice_id == done.notice_id]
    assert sum(row.size for row in new if row.outside) == 2
    with reading_of(house.services.engine) as connection:
        said = notices.get(connection, house.services.vault, done.notice_id)
    assert list(said.outside_texts) == list(said.texts)
    assert said.outside_texts["en"].headline.startswith("The search area no longer includes")


def test_their_inbox_says_so_as_well(house, moved):
    done = decide.approve(house.services, house.approver, moved.id, moved.content_hash)
    mine = house.rows(subscription)[0]
    item = {"recipient_id": mine.recipient_id, "subscription_id": mine.id, "notice_id": done.notice_id}
    with house.services.engine.begin() as connection:
        connection.execute(inbox.insert().values(arrived_at=house.clock(), outside=True, **item))
    [read] = inboxes.read(house.services, mine.recipient_id)
    assert read.text.headline.startswith("The search area no longer includes")


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


@pytest.fixture
def signs(house):
    """One in the east, which the first area holds, and one far east of it."""
    for name, place in (("near", EAST), ("far", FAR)):
        sign = outlet_rows.Outlet("mqtt", f"city/{name}", *place, 0, "en", test=True)
        with house.services.engine.begin() as connection:
            number = outlet_rows.add(connection, sign, addresses.secret(house.services.vault), house.clock())
        owner = next(row.recipient_id for row in house.rows(subscription) if row.id == number)
        house.services.index.move(np.array([owner], np.uint32), *np.array([place]).T)


def test_of_an_enlargement_signs_are_told_again_and_counted_beside_the_people(house, signs, told, make_square):
    wider = submit.enlarge(house.services, house.submitter, told.id, make_square(0.6))
    change = change_of(house, wider)
    assert (change.newly, change.still, change.outside) == (4, 5, 0)
    assert (change.outlets, change.outlets_again, change.outlets_outside) == (2, 1, 0)
    done = decide.approve(house.services, house.approver, wider.id, wider.content_hash)
    assert planned(house, done.notice_id) == 4 + 2


def test_of_an_update_that_moves_the_area_those_signs_are_counted_that_it_leaves(house, signs, told, take, make_square):
    far = submit.update(house.services, house.submitter, told.id, take(area={"geojson": make_square(0.1, FAR)}))
    change = change_of(house, far)
    assert (change.newly, change.still, change.outside) == (4, 0, 5)
    assert (change.outlets, change.outlets_again, change.outlets_outside) == (1, 0, 1)


def test_a_first_alert_and_one_that_is_decided_change_nothing(house, submitted, told, moved):
    assert change_of(house, told) is None
    assert change_of(house, submitted()) is None
