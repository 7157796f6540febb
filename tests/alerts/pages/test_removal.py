"""A family asks for removal: a deadline is stated, the answer is shown, and what they wrote is gone with it."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from alerts import removals
from alerts.console_tables import removal
from alerts.pages.words import words
from alerts.service import decide, end, submit
from alerts.service.drafting import read_document
from notifiers.catalogues import ALL, NAMES

WISH = {"asked": "The photo on https://elsewhere.example/x", "contact": "+1 303 555 0199"}


@pytest.fixture
def alert(house, make_record):
    document = read_document(house.services, house.submitter, json.dumps(make_record()).encode(), "application/json")
    left = submit.submit(house.services, house.submitter, document)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    return left


@pytest.fixture
def asked(browser, alert):
    """The path of the status page of one request."""
    return browser().post(f"/a/{alert.token}/removal", data=WISH, follow_redirects=False).headers["location"]


def test_the_form_is_on_the_page_also_after_the_end_and_states_a_deadline(house, browser, alert):
    for finish in (True, False):
        assert f'href="/a/{alert.token}/removal"' in browser().get(f"/a/{alert.token}").text
        assert "within 72 hours" in browser().get(f"/a/{alert.token}/removal").text
        if finish:
            end.cancel(house.services, house.submitter, alert.id)


def test_the_status_page_says_until_when_and_nothing_of_what_was_written(house, browser, asked):
    page = browser().get(asked).text
    due = house.clock() + timedelta(hours=72)
    assert f"{due.day} {due:%b %Y, %H:%M} UTC" in page
    assert WISH["contact"] not in page


def test_an_operator_answers_and_what_was_written_can_be_read_by_nobody_any_more(house, browser, signed_in, asked):
    operator = signed_in("operator")
    listed = operator.get("/operations/removals").text
    assert WISH["contact"] in listed
    action = re.search(r'action="(/operations/removals/[^"]+)"', listed)[1]
    [before] = house.rows(removal)
    assert operator.post(action, data={"outcome": "removed"}, follow_redirects=False).status_code == 303
    assert "has been removed" in browser().get(asked).text
    assert not house.services.vault.exists(before.key_name)
    assert "Nobody waits" in operator.get("/operations/removals").text


def test_what_was_written_lies_sealed(house, asked):
    [row] = house.rows(removal)
    assert b"elsewhere" not in row.sealed
    assert asked.rpartition("/")[2].encode() not in row.token_hash


def test_a_request_that_says_nothing_is_shown_again_and_a_sixth_must_wait(browser, alert):
    reader, path = browser(), f"/a/{alert.token}/removal"
    assert reader.post(path, data={"asked": " "}).status_code == 422
    answers = [reader.post(path, data=WISH, follow_redirects=False).status_code for _ in range(6)]
    assert answers == [303] * 5 + [429]
    assert WISH["asked"] in reader.post(path, data=WISH).text  # nobody writes it twice


def test_form_and_status_page_speak_the_readers_language(browser, alert):
    reader, path = browser(), f"/a/{alert.token}/removal"
    form = reader.get(path, headers={"accept-language": "es-MX"}).text
    assert "72 horas" in form
    assert '<html lang="es">' in form
    after = reader.post(path, data=WISH | {"lang": "es"}).text
    assert words("es", ALL)["rem_bookmark"] in after
    assert words("es", ALL)["rem_asked_missing"] in reader.post(path, data={"asked": "", "lang": "es"}).text


def test_every_outcome_has_words():
    assert all(f"rem_{outcome}" in words(tag, ALL) for outcome in removals.OUTCOMES for tag in NAMES)


def test_what_is_no_alert_and_no_request_is_not_found(browser):
    assert browser().get("/a/nothing/removal").status_code == 404
    assert browser().get("/removal/nothing").status_code == 404
