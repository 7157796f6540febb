"""What an officer is told of people in their quiet hours, and that the fan-out does just that."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from cast import DENVER

from alerts import reading
from alerts.service import decide, submit
from alerts.service.drafting import read_document
from notifiers import quieting
from notifiers.quiet import DAY, QuietHours
from notifiers.tables import batch, recipient
from notifiers.transactions import writing

NEAR, FAR = DENVER, (DENVER[0], DENVER[1] + 0.095)  # 10.5 km to the north, inside still


def waiting(house, make_record, **changes):
    body = json.dumps(make_record(**changes)).encode()
    return submit.submit(
        house.services, house.submitter, read_document(house.services, house.submitter, body, "application/json")
    )


@pytest.fixture
def asleep(house):
    """Two near and three far, by e-mail, all in their quiet hours; one is up."""
    house.enrol([NEAR] * 2 + [FAR] * 3 + [NEAR], "email")
    now = datetime.now(UTC)
    minute = now.hour * 60 + now.minute
    night = QuietHours((minute - 60) % DAY, (minute + 60) % DAY, "UTC")
    ids = sorted(row.id for row in house.rows(recipient))
    with writing(house.services.engine) as connection:
        for id_ in ids[:5]:
            quieting.write(connection, id_, night)


def seen_there(make_record, *, danger=True):
    whole = make_record()
    abduction = whole["abduction"] | {"point": {"lon": DENVER[0], "lat": DENVER[1]}}
    return {"abduction": abduction, "attestation": whole["attestation"] | {"imminent_danger": danger}}


def test_who_is_near_is_woken_where_the_danger_is_imminent_and_the_officer_is_told(house, asleep, make_record):
    left = waiting(house, make_record, **seen_there(make_record))
    told = reading.get_alert(house.services, house.approver, left.id).sleepers
    assert (told.later, told.woken, told.within_m) == (3, 2, 10_000.0)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    held = {row.quiet_until: row.size for row in house.rows(batch)}
    assert held == {None: 3, told.last_at: 3}


def test_without_a_place_where_the_child_was_seen_nobody_is_woken(house, asleep, make_record):
    abduction = {name: value for name, value in make_record()["abduction"].items() if name != "point"}
    left = waiting(house, make_record, abduction=abduction)
    told = reading.get_alert(house.services, house.approver, left.id).sleepers
    assert (told.later, told.woken) == (5, 0)


def test_where_nobody_sleeps_nothing_is_said(house, make_record):
    house.enrol([NEAR])
    left = waiting(house, make_record)
    assert reading.get_alert(house.services, house.approver, left.id).sleepers is None


def test_the_approval_page_says_it_in_words(house, asleep, make_record):
    from alerts.pages.alert_view import sleep_lines

    left = waiting(house, make_record, **seen_there(make_record))
    later, woken = sleep_lines(reading.get_alert(house.services, house.approver, left.id).sleepers)
    assert later.startswith("In their quiet hours now: 3 people.")
    assert (
        woken
        == "Woken in their quiet hours: 2 people, within 10 km of where the child was last seen; the danger is imminent."
    )
