"""Versions with their differences: before the approval, after it, and nothing of the child once it is over."""

from __future__ import annotations

import re

import pytest
from cast import DENVER
from hypothesis import given
from hypothesis import strategies as st
from test_console import approve, at, form, submit  # noqa: F401 fixtures
from visitors import seen

from alerts.pages.differences import NEW, OLD, SAME, by_word

LON, LAT = DENVER


@pytest.fixture
def update(house, signed_in, submit, approve, at):  # noqa: F811 fixtures
    """An alert in force and an update of it that waits: the paths of both."""
    house.enrol([DENVER, (LON + 0.5, LAT), (LON + 0.5, LAT)])
    first = submit(**{"vehicles.0.plate": "EX4MPLE"})
    approve(first)
    author = signed_in("submitter")
    changed = {"vehicles.0.plate": "NEW9999", "longitude": str(LON + 0.5), "abduction.at": at, "abduction.zone": "UTC"}
    answer = author.post(
        first + "/update", data=form(**changed) | seen(author, first + "/update"), follow_redirects=False
    )
    assert answer.status_code == 303, re.findall(r'class="fault".*', answer.text)
    return first, answer.headers["location"].partition("?")[0]


def test_what_waits_is_shown_against_what_is_in_force_before_anyone_approves(signed_in, update):
    page = signed_in("approver").get(update[1]).text
    assert "What it changes of what is in force" in page
    assert re.search(r"<del>.*?EX4MPLE", page)
    assert re.search(r"<ins>.*?NEW9999", page)


def test_the_area_is_drawn_over_the_old_one_with_the_people_of_each_part(signed_in, update):
    page = signed_in("approver").get(update[1] + "/versions").text
    for style in ("m-added", "m-removed", "m-before"):
        assert f'class="{style}"' in page
    assert "Added</b> (crossing lines): 2 people." in page
    assert "Removed</b> (dots): one person." in page


def test_every_version_says_who_wrote_and_who_let_go(house, signed_in, update, approve):  # noqa: F811
    assert approve(update[1]).status_code == 303
    page = signed_in("submitter").get(update[1] + "/versions").text
    assert page.count("<dt>Let go</dt>") == 2
    assert page.index("message 2") < page.index("message 1")
    assert house.approver.name in page
    assert house.submitter.name in page


def test_after_the_end_the_list_stays_and_nothing_of_the_child(signed_in, update, approve):  # noqa: F811
    approve(update[1])
    officer = signed_in("submitter")
    assert "EX4MPLE" in officer.get(update[1] + "/versions").text
    officer.post(update[1] + "/cancel")
    page = officer.get(update[1] + "/versions").text
    for gone in ("EX4MPLE", "NEW9999", "Robin", "m-area"):
        assert gone not in page
    assert "message 2" in page


def test_a_stranger_sees_no_versions(signed_in, update):
    assert signed_in("stranger").get(update[1] + "/versions").status_code == 404


@given(st.text(), st.text())
def test_what_stays_and_went_is_the_old_text_and_what_stays_and_came_the_new_one(old, new):
    pieces = by_word(old, new)
    for text, kind in ((old, OLD), (new, NEW)):
        assert "".join(one.words for one in pieces if one.kind in {SAME, kind}).split() == text.split()
