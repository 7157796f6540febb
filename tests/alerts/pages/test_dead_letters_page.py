"""What did not arrive, as the operator finds it and sends it again."""

from __future__ import annotations

import json

import pytest
from cast import DENVER

from alerts.service import decide, end, submit
from alerts.service.drafting import read_document
from alerts.tables import audit
from notifiers import ledger
from notifiers.clock import database_now
from notifiers.ledger import Settled, Turn, Want
from notifiers.model import Outcome, Result
from notifiers.tables import batch
from notifiers.transactions import writing


@pytest.fixture
def submitted(house, make_record):
    house.enrol([DENVER] * 6, "email")
    document = read_document(house.services, house.submitter, json.dumps(make_record()).encode(), "application/json")
    return submit.submit(house.services, house.submitter, document)


@pytest.fixture
def refused(house, submitted):
    """The id of a notice to six, of whom four were refused and one is gone."""
    notice_id = decide.approve(house.services, house.approver, submitted.id, submitted.content_hash).notice_id
    outcomes = [Outcome(Result.REFUSED, "550 5.7.1")] * 4 + [Outcome(Result.GONE, "550 5.1.1"), Outcome(Result.SENT)]
    with writing(house.services.engine) as connection:
        held = ledger.claim(connection, Want("anna", ("email",), 10, 60))
        now = database_now(connection)
        settled = [Settled(position, outcome, now) for position, outcome in enumerate(outcomes)]
        ledger.checkpoint(connection, held, Turn(settled), collapses=True, rng=None)
    return notice_id


def at(notice_id, rest="dead-letters"):
    return f"/operations/notices/{notice_id}/{rest}"


def test_they_are_shown_with_their_reason_and_never_an_address(signed_in, refused):
    page = signed_in("operator").get(at(refused)).text
    assert "550 5.7.1" in page
    assert "5 in all" in page
    assert "@" not in page.replace("@media", "")


def test_they_are_found_by_reason(signed_in, refused):
    operator = signed_in("operator")
    assert "1 in all" in operator.get(at(refused), params={"reason": "5.1.1"}).text
    assert "Nothing like that" in operator.get(at(refused), params={"origin": "elsewhere"}).text


CHOSEN = {"reason": "550 5.7.1", "channel": "email", "origin": "smtp"}


def test_sending_again_is_asked_first_and_done_once(house, signed_in, refused):
    operator = signed_in("operator")
    assert "Send to 4 again?" in operator.get(at(refused), params=CHOSEN | {"ask": "1"}).text
    assert "4 wait to be sent again" in operator.post(at(refused, "requeue"), data=CHOSEN).text
    assert "nothing left to send again" in operator.post(at(refused, "requeue"), data=CHOSEN).text
    [row] = house.rows(batch)
    assert (row.n_refused, row.n_gone, row.n_sent, row.state) == (0, 1, 1, "waiting")


def test_it_stands_in_the_log_once(house, signed_in, refused):
    for _ in range(2):
        signed_in("operator").post(at(refused, "requeue"), data=CHOSEN)
    [row] = [row for row in house.rows(audit) if row.action == "requeue"]
    assert json.loads(row.detail)["count"] == 4


def test_what_is_gone_has_no_button(signed_in, refused):
    page = signed_in("operator").get(at(refused), params={"reason": "5.1.1"}).text
    assert "Not again" in page
    assert "Send again" not in page


def test_nothing_is_sent_again_once_the_alert_is_over(house, signed_in, refused, submitted):
    operator = signed_in("operator")
    end.cancel(house.services, house.submitter, submitted.id)
    answer = operator.post(at(refused, "requeue"), data=CHOSEN)
    assert answer.status_code == 409
    assert "Send again" not in answer.text


def test_an_officer_of_an_agency_is_not_let_in(signed_in, refused):
    assert signed_in("approver").get(at(refused)).status_code == 403


def test_a_notice_that_is_none_is_not_found(signed_in):
    assert signed_in("operator").get(at(999)).status_code == 404
