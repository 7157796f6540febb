"""The countdown on the page, without script: it comes again by itself, and one button stops it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update
from test_console import approve, at, submit  # noqa: F401 fixtures

from alerts.service import countdown
from alerts.tables import countdown as rows
from notifiers.clock import database_now
from notifiers.transactions import writing


@pytest.fixture
def counting(house):
    house.services = replace(house.services, settings=replace(house.services.settings, countdown_s=600.0))


def test_an_approval_is_counted_down_on_a_page_that_comes_again_and_can_be_stopped(
    counting,
    house,
    submit,  # noqa: F811
    approve,  # noqa: F811
    signed_in,
):
    path = submit()
    assert approve(path).headers["location"] == f"{path}?done=counting"
    page = signed_in("approver").get(path).text
    assert re.search(r'<meta http-equiv="refresh" content="60[0-2]">', page)
    assert f'action="{path}/stop?' in page
    assert "/approve" not in page
    answer = signed_in("submitter").post(path + "/stop", follow_redirects=False)
    assert answer.headers["location"] == f"{path}?done=stopped"
    assert "Waiting for approval" in signed_in("approver").get(path).text


def test_a_stop_that_comes_too_late_says_so(counting, house, submit, approve, signed_in):  # noqa: F811
    path = submit()
    approve(path)
    with writing(house.services.engine) as connection:
        connection.execute(update(rows).values(due_at=database_now(connection) - timedelta(seconds=1)))
    assert countdown.let_due(house.services) == 1
    assert "Approved. It is being sent now." in signed_in("approver").get(path + "?done=counting").text
    answer = signed_in("approver").post(path + "/stop", follow_redirects=False)
    assert answer.status_code == 409
    assert "Nothing could be stopped any more" in answer.text
