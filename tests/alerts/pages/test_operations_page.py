"""The operator's page: what runs, pause and resume."""

from __future__ import annotations

import json

import pytest

from alerts.service import decide, submit
from alerts.service.drafting import read_document
from notifiers.tables import notice


@pytest.fixture
def running(house, make_record):
    """An approved alert with somebody to tell; the id of its notice."""
    house.enrol([(-104.99, 39.74)])
    document = read_document(house.services, house.submitter, json.dumps(make_record()).encode(), "application/json")
    left = submit.submit(house.services, house.submitter, document)
    return decide.approve(house.services, house.approver, left.id, left.content_hash).notice_id


def test_nothing_running_says_so(signed_in):
    assert "Nothing is being delivered" in signed_in("operator").get("/operations").text


def test_the_page_and_its_live_numbers_agree(signed_in, running):
    operator = signed_in("operator")
    page, live = operator.get("/operations").text, operator.get("/operations/live.json").json()
    assert f'data-shape="{live["shape"]}"' in page
    assert f'data-live="{running}-planned">{live["values"][f"{running}-planned"]}<' in page
    assert live["values"][f"{running}-planned"] == "1"


def test_pause_and_resume_are_one_press_each(house, signed_in, running):
    operator = signed_in("operator")
    assert "Resume sending" in operator.post(f"/operations/notices/{running}/pause").text
    assert house.rows(notice)[0].paused
    assert "Pause sending" in operator.post(f"/operations/notices/{running}/resume").text


def test_nothing_of_the_child_is_on_the_operators_page(signed_in, running):
    operator = signed_in("operator")
    assert "Robin" not in operator.get("/operations").text + operator.get("/operations/live.json").text


def test_a_notice_that_is_none_is_not_found(signed_in):
    assert signed_in("operator").post("/operations/notices/999/pause").status_code == 404
