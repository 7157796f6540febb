"""Why did I get this, and leaving with one click: whoever has the link is its owner."""

from __future__ import annotations

import pytest
from cast import DENVER

from alerts.service import people
from notifiers import addresses
from notifiers.tables import subscription

ONE_CLICK = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def link(house):
    """The link in the e-mails of one person in Denver."""
    house.enrol([DENVER], channel="email")
    [row] = house.rows(subscription)
    return f"/u/{addresses.make_unsubscribe_token(addresses.secret(house.services.vault), row.id)}"


def test_a_link_says_why_and_asks_a_person_and_obeys_a_mail_program(browser, house, link):
    page = browser().get(link)
    assert "around Denver" in page.text
    assert "E-mail: you agreed to it on" in page.text
    assert (page.headers["referrer-policy"], page.headers["cache-control"]) == ("no-referrer", "no-store")
    assert len(house.rows(subscription)) == 1
    assert browser().post(link, content=b"List-Unsubscribe=One-Click", headers=ONE_CLICK).status_code == 200
    assert house.rows(subscription) == []


def test_after_it_the_link_still_answers_and_again_changes_nothing(browser, link):
    for _ in range(2):
        assert browser().post(link).status_code == 200
    assert "Denver" not in browser().get(link).text


def test_it_says_so_in_the_readers_language(browser, link):
    reader = browser()
    assert "Warum bekomme ich diese Alarme?" in reader.get(link, headers={"accept-language": "de"}).text
    arabic = reader.get(link, headers={"accept-language": "ar"}).text
    assert 'dir="rtl"' in arabic


def test_a_forged_link_is_not_found(browser):
    for ask in (browser().get, browser().post):
        assert ask("/u/" + "0" * 40).status_code == 404


def test_who_is_enrolled_in_this_browser_sees_why_and_nobody_elses_reasons(browser, house):
    lon, lat = DENVER
    wanted = {"lon": lon, "lat": lat, "language": "en", "consent": "yes", "inbox": True, "push": None, "email": ""}
    done = people.subscribe(house.services, people.sign_up_from(wanted), "203.0.113.9")
    mine, other = browser(), browser()
    mine.cookies.set("lookout_place", f"{done.public_id}.{done.token}")
    assert "around Denver" in mine.get("/inbox/why").text
    assert "Nobody is signed up in this browser" in other.get("/inbox/why").text
