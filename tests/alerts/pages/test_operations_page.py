"""The operator's page: what runs, pause and resume."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest

from alerts.pages import render
from alerts.service import decide, submit
from alerts.service.drafting import read_document
from alerts.tables import audit, incident
from notifiers.tables import notice, origin
from notifiers.transactions import writing


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


def test_pause_and_resume_say_what_they_do_and_are_one_press_more(house, signed_in, running):
    operator = signed_in("operator")
    assert "Resume sending" in operator.post(f"/operations/notices/{running}/pause").text
    assert house.rows(notice)[0].paused
    assert "Pause sending" in operator.post(f"/operations/notices/{running}/resume").text


def test_nothing_of_the_child_is_on_the_operators_page(signed_in, running):
    operator = signed_in("operator")
    assert "Robin" not in operator.get("/operations").text + operator.get("/operations/live.json").text


def test_a_notice_that_is_none_is_not_found(signed_in):
    assert signed_in("operator").post("/operations/notices/999/pause").status_code == 404


def test_a_recall_says_what_it_does_ends_the_alert_and_is_logged(house, signed_in, running):
    operator = signed_in("operator")
    assert "ends the whole alert, for good" in operator.get("/operations").text
    page = operator.post(f"/operations/notices/{running}/recall").text
    assert "Recall the alert" not in page
    [ended] = house.rows(incident)
    assert (ended.ended_why, ended.key_destroyed_at is not None) == ("cancelled", True)
    assert [(one.actor, one.incident_id) for one in house.rows(audit) if one.action == "recall"] == [
        (f"officer:{house.operator.id}", ended.id)
    ]


def test_a_second_recall_is_told_that_it_is_over(signed_in, running):
    operator = signed_in("operator")
    operator.post(f"/operations/notices/{running}/recall")
    assert operator.post(f"/operations/notices/{running}/recall").status_code == 409


def test_a_provider_is_throttled_for_all_workers_and_back(house, signed_in, running):
    operator = signed_in("operator")
    page = operator.post("/operations/providers/throttle", data={"name": "inbox", "rate": "2.5"}).text
    assert "set by hand" in page
    assert house.rows(origin)[0].rate_per_s == 2.5
    operator.post("/operations/providers/throttle", data={"name": "inbox", "rate": ""})
    assert house.rows(origin)[0].rate_per_s is None


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "inf", "much"])
def test_a_rate_that_is_none_changes_nothing(house, signed_in, running, rate):
    answer = signed_in("operator").post("/operations/providers/throttle", data={"name": "inbox", "rate": rate})
    assert answer.status_code == 422
    assert house.rows(origin)[0].rate_per_s is None


def test_a_provider_that_rests_says_why_and_is_woken(house, signed_in, running):
    with writing(house.services.engine) as connection:
        connection.execute(
            origin.update().values(rests=2, why="429", closed_until=house.clock() + timedelta(minutes=5))
        )
    operator = signed_in("operator")
    assert "too many requests" in operator.get("/operations").text
    assert "Wake" not in operator.post("/operations/providers/wake", data={"name": "inbox"}).text
    assert house.rows(origin)[0].rests == 0


def test_a_receiver_that_is_none_is_not_found(signed_in):
    for act in ("throttle", "wake"):
        assert signed_in("operator").post(f"/operations/providers/{act}", data={"name": "nobody"}).status_code == 404


def test_the_page_reloads_by_itself_where_there_is_no_script(signed_in, running):
    assert '<noscript><meta http-equiv="refresh"' in signed_in("operator").get("/operations").text


def test_the_chart_library_is_the_published_one():
    """As npm publishes uplot 1.6.32; a change of ours would be lost with the next version."""
    digest = hashlib.sha256(render.static_file("uPlot.iife.min.js")).hexdigest()
    assert digest == "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f"
