"""Subscribing by e-mail: the field, the one message, the page with one button."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from notifiers.model import Outcome, Result
from notifiers.tables import recipient, subscription

ASKED = {"place": "Denver", "language": "en", "consent": "yes", "email": "ana@example.org"}


@pytest.fixture
def reader(browser):
    return browser()


@pytest.fixture
def mailed(house, site):
    """The paths that were sent, in the place of a relay."""
    sent = []

    def mail(to, subject, words, language):
        sent.append(re.search(r"/confirm/[0-9a-f]+", words)[0])
        return Outcome(Result.SENT)

    site.state.services = house.services = replace(house.services, mail=mail)
    return sent


def channels(house):
    return sorted(row.channel for row in house.rows(subscription))


def test_the_field_stands_there_only_where_mail_can_be_sent(reader, house, site):
    assert 'name="email"' not in reader.get("/subscribe").text
    site.state.services = replace(house.services, mail=lambda *message: Outcome(Result.SENT))
    assert 'name="email"' in reader.get("/subscribe").text


def test_opening_the_link_confirms_nothing_and_the_button_does_without_cookie(house, reader, browser, mailed):
    assert "a message is on its way" in reader.post("/subscribe", data=ASKED).text
    [path] = mailed
    elsewhere = browser()
    page = elsewhere.get(path)
    assert (page.status_code, page.headers["referrer-policy"]) == (200, "no-referrer")
    assert "Yes, send me alerts" in page.text
    assert channels(house) == ["inbox"]
    assert "Alerts reach you by e-mail" in elsewhere.post(path).text
    assert channels(house) == ["email", "inbox"]


def test_a_link_whose_day_is_over_says_so(house, reader, mailed):
    reader.post("/subscribe", data=ASKED)
    house.clock.pass_time(hours=24)
    assert reader.get(mailed[0]).status_code == 410
    assert "no longer counts" in reader.post(mailed[0]).text
    assert channels(house) == ["inbox"]


def test_a_link_that_is_not_ours_is_not_found(reader, mailed):
    assert reader.get("/confirm/" + "00" * 40).status_code == 404
    assert reader.post("/confirm/" + "00" * 40).status_code == 404


def test_an_address_that_is_none_is_said_beside_its_field(house, reader, mailed):
    answer = reader.post("/subscribe", data=ASKED | {"email": "ana at example"})
    assert answer.status_code == 422
    assert "no e-mail address that we can write to" in answer.text
    assert 'value="ana at example"' in answer.text
    assert (mailed, house.rows(recipient)) == ([], [])
