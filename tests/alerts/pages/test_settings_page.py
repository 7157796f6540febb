"""All that somebody chose on one page, from their own browser or by the link of a message."""

from __future__ import annotations

import json

import pytest
from cast import DENVER, record

from alerts.service import decide, people, refusing, submit, tongues
from alerts.service.drafting import read_document
from notifiers import addresses
from notifiers.tables import batch, refused_class, subscription

AT = "/inbox/settings"
BOTH = ["abduction", "endangered"]


@pytest.fixture
def done(house):
    """Somebody who signed up in Denver."""
    lon, lat = DENVER
    wanted = {"lon": lon, "lat": lat, "language": "en", "consent": "yes", "inbox": True, "push": None, "email": ""}
    return people.subscribe(house.services, people.sign_up_from(wanted | {"test": True}), "203.0.113.9")


@pytest.fixture
def mine(browser, done):
    found = browser()
    found.cookies.set("lookout_place", f"{done.public_id}.{done.token}")
    return found


@pytest.fixture
def link(house, done):
    (row,) = house.rows(subscription)
    return "/u/" + addresses.make_unsubscribe_token(addresses.secret(house.services.vault), row.id)


def approve(house, programme: str) -> None:
    document = json.dumps(record(programme=programme)).encode()
    draft = read_document(house.services, house.submitter, document, "application/json")
    waiting = submit.submit(house.services, house.submitter, draft)
    decide.approve(house.services, house.approver, waiting.id, waiting.content_hash)


def test_everything_chosen_is_on_one_page(mine):
    page = mine.get(AT).text
    for shown in (
        "Around Denver",
        "You are told at any hour.",
        "Which alerts you get",
        "Your languages",
        "Leave and delete",
    ):
        assert shown in page
    assert page.count(" checked") == 2


def test_a_class_that_is_not_ticked_is_not_told_of(mine, house):
    assert "Your settings are kept." in mine.post(f"{AT}/what", data={"what": "endangered"}).text
    assert [row.alert_class for row in house.rows(refused_class)] == ["abduction"]
    approve(house, "us-amber")
    assert house.rows(batch) == []
    approve(house, "nl-amber")
    assert len(house.rows(batch)) == 1


def test_none_at_all_is_to_leave(mine, house):
    answer = mine.post(f"{AT}/what", data={})
    assert (answer.status_code, "Tick at least one" in answer.text) == (422, True)
    assert house.rows(refused_class) == []


def test_languages_are_kept_in_their_order_each_once(mine, house):
    mine.post(f"{AT}/languages", data={"first": "es", "second": "fr", "third": "es"})
    assert [row.language for row in house.rows(subscription)] == ["es fr"]
    page = mine.get(AT).text
    assert page.index('value="es" selected') < page.index('value="fr" selected')


def test_a_language_that_is_none_is_refused(mine, house):
    assert mine.post(f"{AT}/languages", data={"first": "xx"}).status_code == 422
    assert [row.language for row in house.rows(subscription)] == ["en"]


def test_the_link_of_a_message_leads_to_its_owners_settings_for_a_while(browser, done, link, house):
    reader = browser()
    assert AT in reader.post(f"{link}/manage", follow_redirects=False).headers["location"]
    kept = reader.post(f"{link}/manage", follow_redirects=False).headers["set-cookie"]
    assert all(part in kept for part in ("Max-Age=900", "HttpOnly", "Path=/inbox", "SameSite=strict"))
    assert "Around Denver" in reader.get(AT).text
    reader.post(f"{AT}/what", data={"what": "abduction"})
    assert refusing.wanted(house.services, done.recipient_id) == ("abduction",)


def test_the_link_does_not_take_a_browser_from_whom_it_belongs_to(browser, mine, house, link):
    other = browser()
    other.post("/subscribe", data={"place": "Boulder, CO", "language": "en", "consent": "yes"})
    other.post(f"{link}/manage")
    assert "Around Denver" in other.get(AT).text
    other.post("/inbox/leave")  # of the link's owner alone
    assert "Around Boulder" in other.get(AT).text
    assert mine.get(AT, follow_redirects=False).headers["location"] == "/subscribe"


def test_a_page_of_somebody_else_changes_and_deletes_nobody(browser, done, mine, house):
    other = browser()
    other.post("/subscribe", data={"place": "Boulder, CO", "language": "en", "consent": "yes"})
    theirs = {"of": done.public_id}  # the quarter of an hour is over, the page still stands open
    for path, chosen in (
        (f"{AT}/what", {"what": "abduction"}),
        (f"{AT}/languages", {"first": "fr"}),
        ("/inbox/leave", {}),
    ):
        assert "Around Boulder" in other.post(path, data=theirs | chosen).text
    assert house.rows(refused_class) == []
    assert [row.language for row in house.rows(subscription)] == ["en", "en"]


def test_a_link_whose_owner_left_gives_the_browser_back_at_once(browser, link):
    other = browser()
    other.post("/subscribe", data={"place": "Boulder, CO", "language": "en", "consent": "yes"})
    other.post(f"{link}/manage")
    browser().post(link)
    assert "Around Boulder" in other.get(AT).text


def test_a_forged_link_or_one_of_somebody_gone_leads_nowhere(browser, done, link):
    assert browser().post("/u/forged/manage").status_code == 404
    browser().post(link)
    assert browser().post(f"{link}/manage").status_code == 404


def test_whoever_is_not_signed_up_is_led_there(browser):
    for path in (AT,):
        assert browser().get(path, follow_redirects=False).headers["location"] == "/subscribe"
    for path in (f"{AT}/what", f"{AT}/languages"):
        assert str(browser().post(path, data={}).url).endswith("/subscribe")


def test_what_a_program_chose_is_not_lost_by_a_look(mine, done, house):
    tongues.write(house.services, done.recipient_id, ["fr-CA", "en"])
    assert 'value="fr-CA" selected' in mine.get(AT).text
    assert refusing.wanted(house.services, done.recipient_id) == tuple(BOTH)
