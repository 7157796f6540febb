"""While an update or a larger area is being entered it is shown what becomes of those told before, as before its approval."""

from __future__ import annotations

import json

import pytest
from cast import DENVER

from alerts.pages.alert_view import change_lines
from alerts.reports import AreaChange
from alerts.service import decide, submit
from alerts.service.drafting import read_document
from notifiers import bits
from notifiers.tables import batch

LON, LAT = DENVER
EAST = (LON + 0.15, LAT)


@pytest.fixture
def told(house, make_record):
    """Two in Denver have the alert; three east of it do not."""
    house.enrol([DENVER] * 2)
    house.enrol([EAST] * 3)
    document = read_document(house.services, house.submitter, json.dumps(make_record()).encode(), "application/json")
    left = submit.submit(house.services, house.submitter, document)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    with house.services.engine.begin() as connection:
        connection.execute(batch.update().values(sent=bits.pack(0xFF, 8), n_sent=batch.c.size, state="done"))
    return left


def entered(**fields):
    east = {"latitude": str(LAT), "longitude": str(LON + 0.15), "radius": "2", "radius_unit": "km"}
    return east | {"status": "Actual"} | fields


def test_an_update_that_moves_the_area_shows_the_split(signed_in, told):
    piece = signed_in("submitter").post("/console/area", data=entered(changes=told.id)).text
    assert "Newly covered: 3 people." in piece
    assert "Told before and still inside: nobody, told the new version." in piece
    assert "Told before and no longer inside: 2 people, told so in words of their own." in piece


def test_a_larger_area_shows_whom_it_newly_covers(signed_in, told):
    piece = signed_in("submitter").post("/console/area", data=entered(add_to=told.id)).text
    assert "Newly covered: 3 people." in piece
    assert "Told before and still inside: 2 people, not told again." in piece
    assert "no longer inside" not in piece


def test_the_form_of_an_update_begins_with_it_and_says_which_alert_it_is_about(signed_in, told):
    page = signed_in("submitter").get(f"/console/alerts/{told.id}/update").text
    assert f'data-changes="{told.id}"' in page
    assert "Told before and still inside: 2 people, told the new version." in page


def test_a_new_alert_has_no_split_and_a_stranger_sees_nobody_s(signed_in, told):
    assert "data-area-change" not in signed_in("submitter").post("/console/area", data=entered()).text
    assert signed_in("stranger").post("/console/area", data=entered(changes=told.id)).status_code == 404


def test_signs_posts_and_webhooks_have_lines_of_their_own():
    wider = AreaChange(3, 2, 0, tells_again=False, tells_outside=False, outlets=1200, outlets_again=9)
    moved = AreaChange(3, 2, 0, tells_again=True, tells_outside=True, outlets_outside=4)
    none = AreaChange(3, 2, 0, tells_again=True, tells_outside=True)
    assert change_lines(wider)[-1] == "Signs, posts and webhooks told: 1,200, 9 of them again."
    assert change_lines(moved)[-1] == "Signs, posts and webhooks no longer inside: 4, sent the update itself."
    assert len(change_lines(none)) == 2
