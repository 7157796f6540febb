"""History, CSV, reviews and the public report."""

from __future__ import annotations

import csv
import io
import json

import pytest
from cast import DENVER

from alerts import history
from alerts.console_tables import review
from alerts.history import COLUMNS
from alerts.service import decide, end, submit
from alerts.service.drafting import read_document
from alerts.tables import incident


@pytest.fixture
def running(house, make_record):
    """An approved alert with somebody to tell; its public token and id."""
    house.enrol([DENVER] * 3)
    document = read_document(house.services, house.submitter, json.dumps(make_record()).encode(), "application/json")
    left = submit.submit(house.services, house.submitter, document)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    return left


@pytest.fixture
def ended(house, running):
    end.cancel(house.services, house.approver, running.id)
    return running


def test_what_was_never_let_go_is_no_history(house, signed_in, make_record):
    document = read_document(house.services, house.submitter, json.dumps(make_record()).encode(), "application/json")
    submit.submit(house.services, house.submitter, document)
    assert "No alert was ever let go" in signed_in("operator").get("/operations/history").text


def test_the_history_shows_reach_and_times_and_nothing_of_the_child(signed_in, ended):
    page = signed_in("operator").get("/operations/history").text
    assert "0 sent of 3 planned" in page
    assert "not reviewed yet" in page
    assert "Robin" not in page


def test_the_csv_has_every_column_and_a_row_an_alert(signed_in, ended):
    answer = signed_in("operator").get("/operations/history.csv")
    head, row = csv.reader(io.StringIO(answer.text))
    assert (tuple(head), answer.headers["content-type"]) == (COLUMNS, "text/csv; charset=utf-8")
    told = dict(zip(head, row, strict=True))
    assert (told["alert"], told["planned"], told["ended_why"], told["p50_s"]) == (ended.token, "3", "cancelled", "")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\tx"])
def test_a_spreadsheet_takes_no_text_for_a_formula(text):
    assert history._plain(text) == f"'{text}"


def test_a_review_is_kept_with_the_facts_and_a_later_one_takes_its_place(house, signed_in, ended):
    operator = signed_in("operator")
    at = f"/operations/history/{ended.token}/review"
    operator.post(at, data={"outcome": "unknown", "part": "unknown"})
    page = operator.post(at, data={"outcome": "found_safe", "part": "led"}).text
    assert "Found, alive and well" in page
    [kept] = house.rows(review)
    assert (kept.outcome, kept.part, json.loads(kept.facts)["planned"]) == ("found_safe", "led", 3)


def test_the_form_shows_what_is_known_and_what_was_chosen_before(signed_in, ended):
    operator = signed_in("operator")
    at = f"/operations/history/{ended.token}"
    assert "0 sent of 3 planned" in operator.get(at).text
    operator.post(f"{at}/review", data={"outcome": "not_found", "part": "none"})
    assert '<option value="not_found" selected>' in operator.get(at).text


def test_a_review_without_its_classes_shows_both_faults(house, signed_in, ended):
    answer = signed_in("operator").post(f"/operations/history/{ended.token}/review", data={"outcome": "much"})
    assert (answer.status_code, answer.text.count("Choose one of these.")) == (422, 2)
    assert house.rows(review) == []


def test_an_alert_in_force_is_not_reviewed(house, signed_in, running):
    answer = signed_in("operator").post(
        f"/operations/history/{running.token}/review", data={"outcome": "unknown", "part": "none"}
    )
    assert (answer.status_code, house.rows(review)) == (409, [])


def test_an_alert_that_is_none_is_not_found(signed_in):
    assert signed_in("operator").get("/operations/history/nothing").status_code == 404


def test_the_public_report_is_for_anyone_and_tells_no_small_number(house, browser, signed_in, ended):
    assert "No alert was reviewed yet" in browser().get("/transparency").text
    signed_in("operator").post(
        f"/operations/history/{ended.token}/review", data={"outcome": "found_dead", "part": "none"}
    )
    page = browser().get("/transparency").text
    assert "fewer than 10" in page
    assert "Found dead" not in page


def test_history_goes_on_from_where_it_stopped(house, signed_in, ended):
    number = house.rows(incident)[0].id
    assert "No alert was ever let go" in signed_in("operator").get(f"/operations/history?before={number}").text
