"""Quiet hours on the page of who this browser belongs to."""

from __future__ import annotations

import pytest

from notifiers.tables import quiet_hours

NIGHT = {"starts": "22:30", "ends": "06:45", "zone": "Europe/Amsterdam"}


@pytest.fixture
def reader(browser):
    opened = browser()
    opened.post("/subscribe", data={"place": "Denver", "language": "en", "consent": "yes"})
    return opened


def test_hours_are_kept_shown_again_and_given_up(house, reader):
    assert "Your quiet hours are kept." in reader.post("/inbox/when", data=NIGHT).text
    assert [(row.starts, row.ends, row.zone) for row in house.rows(quiet_hours)] == [(1350, 405, "Europe/Amsterdam")]
    assert 'value="22:30"' in reader.get("/inbox/when").text
    assert "You have no quiet hours now." in reader.post("/inbox/when", data={"off": "yes"}).text
    assert house.rows(quiet_hours) == []


def test_every_fault_stands_beside_its_field(house, reader):
    answer = reader.post("/inbox/when", data={"starts": "25:00", "ends": "", "zone": "Nowhere"})
    assert answer.status_code == 422
    assert answer.text.count('class="fault"') == 3
    assert house.rows(quiet_hours) == []


def test_whoever_is_not_signed_up_is_led_there(browser):
    assert browser().get("/inbox/when", follow_redirects=False).headers["location"] == "/subscribe"
    assert str(browser().post("/inbox/when", data=NIGHT).url).endswith("/subscribe")


def test_it_goes_with_the_person(house, reader):
    reader.post("/inbox/when", data=NIGHT)
    reader.post("/inbox/leave")
    assert house.rows(quiet_hours) == []
