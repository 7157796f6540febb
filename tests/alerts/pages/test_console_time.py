"""More time for an alert, from its page: one press, and a second officer."""

from __future__ import annotations

import json
import re

import pytest

from alerts.service import decide, submit
from alerts.service.drafting import read_document


@pytest.fixture
def active(house, make_record):
    document = read_document(house.services, house.submitter, json.dumps(make_record()).encode(), "application/json")
    left = submit.submit(house.services, house.submitter, document)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    return left


def test_more_time_is_asked_for_from_the_page_and_waits_for_a_second_officer(signed_in, active):
    officer, path = signed_in("submitter"), f"/console/alerts/{active.id}"
    form = officer.get(path).text.partition(f'action="{path}/extend')[2].partition("</form>")[0]
    seen = re.search(r'name="seen" value="([^"]*)"', form)[1]
    answer = officer.post(f"{path}/extend", data={"seen": seen, "hours": "2"}, follow_redirects=False)
    assert answer.status_code == 303
    page = officer.get(answer.headers["location"]).text
    assert "Waiting for approval" in page or "pending" in page.lower()


@pytest.mark.parametrize("hours", ["0", "49", "x", ""])
def test_a_time_that_is_none_is_refused(signed_in, active, hours):
    officer, path = signed_in("submitter"), f"/console/alerts/{active.id}"
    assert officer.post(f"{path}/extend", data={"seen": "", "hours": hours}).status_code == 422
