"""Subscribing without script and without account, the inbox, and leaving."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from geo.tables import position
from notifiers.model import Outcome, Result
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


def test_the_words_agreed_to_are_kept_as_they_were_shown_whatever_the_alerts_are_in(house, reader):
    page = reader.get("/subscribe?lang=es").text
    assert 'name="shown_in" value="es"' in page
    reader.post("/subscribe", data=ASKED | {"language": "fr", "shown_in": "es"})
    [row] = house.rows(subscription)
    assert row.consent_words.startswith("Quiero recibir alertas")
    assert row.language == "fr"


def test_what_is_missing_is_told_in_the_language_of_the_page_in_the_order_of_the_form(reader):
    page = reader.post("/subscribe", data={"shown_in": "de", "language": "es"}).text
    told = [
        page.index(said)
        for said in ('<html lang="de"', "Geben Sie den Ort oder die Postleitzahl ein", "Setzen Sie hier ein Häkchen")
    ]
    assert told == sorted(told)


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


PUSH = {"endpoint": "http://127.0.0.1:9/push/abc", "keys": {"p256dh": "B" + "A" * 86, "auth": "A" * 22}}


@pytest.fixture
def pushed(house, site):
    """What left for browsers, in the place of a push service."""
    sent = []

    def push(address, plaintext):
        sent.append((address["endpoint"], json.loads(plaintext)))
        return Outcome(Result.SENT)

    site.state.services = house.services = replace(house.services, push=push)
    return sent


def test_the_inbox_says_when_the_test_notification_came_back(reader, pushed):
    page = reader.post("/subscribe", data=ASKED | {"push_subscription": json.dumps(PUSH)}).text
    assert "We sent a test notification" in page
    before = reader.get("/inbox/shape").text
    assert reader.post("/push/heard", data={"echo": pushed[0][1]["echo"]}).status_code == 204
    assert "Notifications reach this device" in reader.get("/inbox").text
    assert reader.get("/inbox/shape").text != before


def test_a_token_that_is_not_ours_is_not_found(reader, pushed):
    assert reader.post("/push/heard", data={"echo": "00" * 20}).status_code == 404
    assert reader.post("/push/heard", data={"echo": "é" * 65}).status_code == 422


def test_a_second_test_within_the_hour_is_refused_with_when_to_come_again(reader, pushed):
    reader.post("/subscribe", data=ASKED | {"push_subscription": json.dumps(PUSH)})
    answer = reader.post("/inbox/test")
    assert answer.status_code == 429
    assert 3500 < int(answer.headers["retry-after"]) <= 3600
    assert len(pushed) == 1


def test_a_new_endpoint_takes_the_place_of_the_old_one_and_only_in_its_own_browser(house, reader, browser, pushed):
    reader.post("/subscribe", data=ASKED | {"push_subscription": json.dumps(PUSH)})
    new = {"push_subscription": json.dumps(PUSH | {"endpoint": "http://127.0.0.1:9/push/new"})}
    assert browser().post("/push/renewed", data=new).status_code == 404
    assert reader.post("/push/renewed", data=new).status_code == 204
    assert [endpoint.rpartition("/")[2] for endpoint, _said in pushed] == ["abc", "new"]
    assert sum(row.channel == "web_push" for row in house.rows(subscription)) == 1
