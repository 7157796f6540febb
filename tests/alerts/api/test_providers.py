"""What an operator's program does about receivers and alerts."""

from __future__ import annotations

import pytest
from cast import DENVER

AT, NOTICES = "/v1/operations/providers", "/v1/operations/notices"


@pytest.fixture
def sent(house, in_force):
    """An alert planned for two by e-mail."""
    house.enrol([DENVER] * 2, "email")
    return in_force()


@pytest.fixture
def listed(client, house):
    return lambda: client.get(AT, headers=house.headers("operator")).json()


def test_a_receiver_is_throttled_and_let_go_again(post, sent, listed):
    assert [(one["name"], one["channel"], one["rate_per_s"]) for one in listed()] == [("smtp", "email", None)]
    assert post(f"{AT}/throttle", "operator", {"name": "smtp", "rate_per_s": 2.5}).status_code == 204
    assert listed()[0]["rate_per_s"] == 2.5
    post(f"{AT}/throttle", "operator", {"name": "smtp"})
    assert listed()[0]["rate_per_s"] is None


@pytest.mark.parametrize("rate", [0, -1, 1e9, "fast"])
def test_a_rate_that_is_none_is_refused(post, sent, listed, rate):
    assert post(f"{AT}/throttle", "operator", {"name": "smtp", "rate_per_s": rate}).status_code == 422
    assert listed()[0]["rate_per_s"] is None


@pytest.mark.parametrize("act", ["throttle", "wake"])
def test_a_receiver_that_nobody_has_is_not_found(post, act):
    assert post(f"{AT}/{act}", "operator", {"name": "https://nobody.example"}).status_code == 404


def test_a_recall_ends_the_alert_once(post, client, house, sent):
    notice_id = house.fanned_out[-1]
    assert post(f"{NOTICES}/{notice_id}/recall", "operator").status_code == 204
    assert client.get(f"/v1/alerts/{sent['id']}", headers=house.headers("submitter")).json()["state"] == "cancelled"
    assert post(f"{NOTICES}/{notice_id}/recall", "operator").status_code == 409


def test_no_officer_does_any_of_it(post, sent):
    for path, body in ((f"{AT}/throttle", {"name": "smtp"}), (f"{AT}/wake", {"name": "smtp"})):
        assert post(path, "approver", body).status_code == 403
