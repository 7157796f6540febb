"""Somebody's own places: several, each coarse, and one message however many of them an area touches."""

from __future__ import annotations

import json
import re

import pytest
from cast import DENVER

from alerts.pages.own_places import MOST
from alerts.service import decide, people, submit
from alerts.service.drafting import read_document
from geo.tables import position
from notifiers.tables import batch

AT = "/inbox/places"


@pytest.fixture
def mine(browser, house):
    """The browser of somebody who signed up in Denver."""
    lon, lat = DENVER
    wanted = {"lon": lon, "lat": lat, "language": "en", "consent": "yes", "inbox": True, "push": None, "email": ""}
    done = people.subscribe(house.services, people.sign_up_from(wanted | {"test": True}), "203.0.113.9")
    found = browser()
    found.cookies.set("lookout_place", f"{done.public_id}.{done.token}")
    return found


def test_a_place_is_added_by_its_town_kept_coarse_and_removed(mine, house):
    assert "Around Boulder" in mine.post(AT, data={"place": "Boulder, CO"}).text
    rows = house.rows(position)
    assert {(row.kind, row.number) for row in rows} == {("home", 0), ("followed", 1)}
    assert all(row.radius_m > 500 for row in rows)
    assert "Around Boulder" not in mine.post(f"{AT}/followed/1/remove").text


def test_a_postcode_is_a_place_too_and_is_kept_as_coarse(mine, house):
    assert "Around" in mine.post(AT, data={"place": "81301"}).text  # Durango
    [row] = [row for row in house.rows(position) if row.kind == "followed"]
    assert abs(row.lon + 107.8) < 0.5
    assert row.radius_m > 500


def test_one_who_is_touched_in_two_places_is_told_once(mine, house, make_record):
    mine.post(AT, data={"place": "Aurora, Arapahoe"})
    body = json.dumps(make_record(area={"circles": [{"lon": -104.9, "lat": 39.72, "radius_m": 60_000}]})).encode()
    left = submit.submit(
        house.services, house.submitter, read_document(house.services, house.submitter, body, "application/json")
    )
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    assert sum(row.size for row in house.rows(batch)) == 1


def test_the_only_place_stays_and_there_is_a_most(mine, house):
    mine.post(f"{AT}/home/0/remove")
    assert len(house.rows(position)) == 1
    for town in ("Boulder, CO", "Fort Collins", "Pueblo, CO", "Grand Junction", "Greeley"):
        page = mine.post(AT, data={"place": town}).text
    assert len(house.rows(position)) == MOST
    assert "as many as can be kept" in page


@pytest.mark.parametrize(("place", "said"), [("", "sub"), ("Nowhereville-on-Sea", "sub"), ("Springfield", "choice")])
def test_what_is_no_one_place_is_asked_about(mine, house, place, said):
    answer = mine.post(AT, data={"place": place})
    assert answer.status_code == 422
    assert len(house.rows(position)) == 1
    if said == "choice":
        [first, *_] = re.findall(r'name="choice" value="([^"]+)"', answer.text)
        assert mine.post(AT, data={"place": place, "asked_for": place, "choice": first}).status_code == 200
        assert len(house.rows(position)) == 2


def test_who_is_not_signed_up_is_led_to_sign_up(browser):
    for ask in (browser().get, browser().post):
        assert str(ask(AT).url).endswith("/subscribe")
