"""Subscribing without script and without account, the inbox, and leaving."""

from __future__ import annotations

import pytest

from geo.tables import position
from notifiers.tables import recipient, subscription

ASKED = {"place": "Denver", "language": "en", "consent": "yes"}


@pytest.fixture
def reader(browser):
    return browser()


def test_subscribing_takes_one_form_and_leads_to_the_inbox(house, reader):
    answer = reader.post("/subscribe", data=ASKED)
    assert "Alerts for your place arrive here" in answer.text
    assert len(house.rows(subscription)) == 1


def test_only_a_rough_place_is_kept(house, reader):
    reader.post("/subscribe", data=ASKED | {"here": "-104.990333,39.739222"})
    [kept] = house.rows(position)
    assert kept.radius_m > 100
    assert (kept.lon, kept.lat) != (-104.990333, 39.739222)


def test_the_words_agreed_to_are_kept_as_they_were_shown(house, reader):
    reader.post("/subscribe", data=ASKED | {"language": "es"})
    [row] = house.rows(subscription)
    assert row.consent_words.startswith("Quiero recibir alertas")


def test_nothing_is_kept_without_consent(house, reader):
    answer = reader.post("/subscribe", data=ASKED | {"consent": ""})
    assert answer.status_code == 422
    assert "Tick this" in answer.text
    assert not house.rows(recipient)


def test_a_name_of_many_towns_is_asked_about(house, reader):
    answer = reader.post("/subscribe", data=ASKED | {"place": "Springfield"})
    assert "Which of these do you mean?" in answer.text
    assert not house.rows(recipient)


def test_a_choice_made_for_another_name_does_not_count(house, reader):
    reader.post("/subscribe", data=ASKED | {"choice": "-93.29,37.21", "asked_for": "Springfield"})
    [kept] = house.rows(position)
    assert kept.lon < -104


@pytest.mark.parametrize("here", ["nan,nan", "1e999,0", "200,100", "x", ",", "1,2,3"])
def test_a_position_that_is_none_is_passed_over(house, reader, here):
    assert reader.post("/subscribe", data=ASKED | {"place": "", "here": here}).status_code == 422
    assert not house.rows(recipient)


def test_leaving_deletes_everything_at_once(house, reader):
    reader.post("/subscribe", data=ASKED)
    assert "You have left" in reader.post("/inbox/leave").text
    assert not house.rows(recipient)
    assert not house.rows(position)


def test_an_inbox_without_cookie_leads_to_the_form(reader):
    assert reader.get("/inbox", follow_redirects=False).headers["location"] == "/subscribe"
    reader.cookies.set("lookout_place", "somebody.else")
    assert reader.get("/inbox", follow_redirects=False).headers["location"] == "/subscribe"


def test_another_site_cannot_subscribe_or_remove_anybody(house, reader):
    reader.post("/subscribe", data=ASKED)
    reader.headers["origin"] = "https://evil.example"
    assert reader.post("/subscribe", data=ASKED).status_code == 403
    assert reader.post("/inbox/leave").status_code == 403
    assert len(house.rows(recipient)) == 1
