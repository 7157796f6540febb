"""A place tapped on a map: without a script, nearer with each tap, and kept as coarse as any other."""

from __future__ import annotations

import re

import pytest

from alerts.pages import place_map
from geo.tables import position

FORM = {"place": "", "language": "es", "consent": "yes", "shown_in": "en"}
MIDDLE = {"middle.x": "156", "middle.y": "117"}


def hidden(answer) -> dict[str, str]:
    return {name: re.search(rf'name="{name}" value="([^"]*)"', answer.text)[1] for name in ("here", "near")}


def test_each_tap_comes_nearer_keeps_what_was_chosen_and_the_last_one_counts(browser, house):
    reader = browser()
    opened = reader.post("/subscribe/map", data=FORM)
    assert "Tap where your place is." in opened.text
    assert hidden(opened) == {"here": "", "near": ""}
    once = reader.post("/subscribe/map", data=FORM | MIDDLE)
    assert (hidden(once)["near"], 'value="es" selected' in once.text, " checked" in once.text) == ("1", True, True)
    twice = reader.post("/subscribe/map", data=FORM | hidden(once) | {"wide.x": "0", "wide.y": "210"})
    assert (hidden(twice)["near"], "Around" in twice.text) == ("2", True)
    lon, lat = map(float, hidden(twice)["here"].split(","))
    reader.post("/subscribe", data=FORM | hidden(twice))
    (row,) = house.rows(position)
    assert (abs(row.lon - lon) < 0.02, abs(row.lat - lat) < 0.02, row.radius_m > 500) == (True, True, True)


def test_the_mark_is_taken_away_again_and_the_map_stays_wide_enough_to_tap(browser):
    reader, form = browser(), FORM
    for _ in range(5):
        form = FORM | hidden(reader.post("/subscribe/map", data=form | MIDDLE))
    assert int(form["near"]) <= 3
    gone = reader.post("/subscribe/map", data=form | {"unmark": "1"})
    assert (hidden(gone), "Tap where your place is." in gone.text) == ({"here": "", "near": ""}, True)


def test_the_first_map_shows_all_that_the_agencies_answer_for(browser, house):
    once = browser().post("/subscribe/map", data=FORM | MIDDLE)
    lon, lat = map(float, hidden(once)["here"].split(","))
    west, south, east, north = house.submitter.agency.jurisdiction.bounds[0]
    assert west < lon < east
    assert south < lat < north


def test_what_was_tapped_is_shown_again_where_something_else_is_missing(browser):
    reader = browser()
    once = reader.post("/subscribe/map", data=FORM | MIDDLE)
    answer = reader.post("/subscribe", data=FORM | hidden(once) | {"consent": ""})
    assert (answer.status_code, hidden(answer)) == (422, hidden(once))
    assert "✓ Around" in answer.text


def test_a_place_is_added_to_ones_own_by_a_tap(browser, house):
    reader = browser()
    reader.post("/subscribe", data=FORM | {"place": "Denver"})
    once = reader.post("/inbox/places/map", data=MIDDLE)
    reader.post("/inbox/places", data=hidden(once))
    assert {(row.kind, row.number) for row in house.rows(position)} == {("home", 0), ("followed", 1)}


def test_no_address_holds_the_place_and_nothing_is_kept_of_a_look(browser, house):
    once = browser().post("/subscribe/map", data=FORM | MIDDLE)
    assert hidden(once)["here"] not in str(once.url)
    assert 'src="data:image/svg+xml,' in once.text
    assert house.rows(position) == []


@pytest.mark.parametrize("here", ["x", "200,10", "nan,1", "1"])
def test_a_place_that_our_page_did_not_write_is_none(browser, here):
    assert hidden(browser().post("/subscribe/map", data=FORM | {"here": here, "near": "1"}))["here"] == ""


def test_so_many_maps_are_drawn_for_one_address(browser, monkeypatch):
    monkeypatch.setattr(place_map, "TAPS_A_MINUTE", 2)
    reader = browser()
    said = [reader.post("/subscribe/map", data=FORM).text for _ in range(3)]
    assert ["Too many maps" in one for one in said] == [False, False, True]


def test_who_is_not_signed_up_is_led_there(browser):
    assert browser().post("/inbox/places/map", data=MIDDLE, follow_redirects=False).headers["location"] == "/subscribe"
