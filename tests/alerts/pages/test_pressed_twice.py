"""A button that is pressed twice does one thing: every form that posts has a key of its own."""

from __future__ import annotations

import re

import pytest

from alerts import tables

FORMS = re.compile(r'<form\b[^>]*?method="post"[^>]*?action="([^"]*)"')
PAGES = ("/console/new", "/console/consents", "/account")


@pytest.mark.parametrize("page", PAGES)
def test_every_form_that_posts_has_a_key_of_its_own(signed_in, page):
    actions = FORMS.findall(signed_in("submitter" if page != "/console/consents" else "approver").get(page).text)
    assert actions
    keys = [action.partition("?once=")[2] for action in actions]
    assert all(keys)
    assert len(set(keys)) == len(keys)


def consent_form(officer) -> tuple[str, dict[str, str]]:
    """Where the page's form goes, and what is in it."""
    text = officer.get("/console/consents").text
    [neighbour, *_] = re.findall(r'<option value="([^"]+)"', text)
    action = next(one for one in FORMS.findall(text) if one.startswith("/console/consents?"))
    return action, {"to": neighbour, "days": "3"}


def test_a_consent_that_is_given_twice_by_a_second_press_is_one(house, signed_in):
    officer = signed_in("approver")
    at, form = consent_form(officer)
    first, again = (officer.post(at, data=form, follow_redirects=False) for _ in range(2))
    assert (first.status_code, again.status_code) == (303, 303)
    assert again.headers["location"] == first.headers["location"]
    assert len(house.rows(tables.consent)) == 1


def test_a_form_that_was_refused_is_sent_again_with_the_same_key(house, signed_in):
    officer = signed_in("approver")
    at, form = consent_form(officer)
    assert officer.post(at, data=form | {"days": "0"}, follow_redirects=False).status_code != 303
    assert officer.post(at, data=form, follow_redirects=False).status_code == 303
