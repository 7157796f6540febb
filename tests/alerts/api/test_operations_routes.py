"""What did not arrive, for programs: found and sent again."""

from __future__ import annotations

import pytest
from cast import DENVER

from notifiers import ledger
from notifiers.clock import database_now
from notifiers.ledger import Settled, Turn, Want
from notifiers.model import Outcome, Result
from notifiers.transactions import writing

AT = "/v1/operations/notices"


@pytest.fixture
def refused(house, in_force):
    """The alert and the id of its notice to three, all of whom were refused."""
    house.enrol([DENVER] * 3, "email")
    alert = in_force()
    with writing(house.services.engine) as connection:
        held = ledger.claim(connection, Want("anna", ("email",), 10, 60))
        now = database_now(connection)
        settled = [Settled(position, Outcome(Result.REFUSED, "552"), now) for position in held.starts]
        ledger.checkpoint(connection, held, Turn(settled), collapses=True, rng=None)
    return alert, held.notice_id


def test_dead_letters_are_counted_by_reason_channel_and_origin(client, house, refused):
    [found] = client.get(f"{AT}/{refused[1]}/dead-letters", headers=house.headers("operator")).json()
    assert (found["channel"], found["origin"], found["reason"], found["count"]) == ("email", "smtp", "552", 3)
    assert found["again"]


def test_they_are_sent_again_once(post, refused):
    answers = [post(f"{AT}/{refused[1]}/requeue", "operator", {"reason": "552"}) for _ in range(2)]
    assert [answer.json() for answer in answers] == [{"count": 3}, {"count": 0}]


def test_nothing_is_sent_again_when_it_is_over(post, refused):
    alert, notice_id = refused
    post(f"/v1/alerts/{alert['id']}/cancel")
    assert post(f"{AT}/{notice_id}/requeue", "operator", {"reason": "552"}).status_code == 409


def test_an_officer_may_not(post, refused):
    assert post(f"{AT}/{refused[1]}/requeue", "approver", {"reason": "552"}).status_code == 403
