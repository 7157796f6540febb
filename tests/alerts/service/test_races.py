"""Approve, edit, cancel and expire at the same moment, all on the state that they saw: exactly one counts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from cast import BOTH

from alerts import errors, reading, tables
from alerts.service import decide, end, submit
from notifiers.tables import notice
from notifiers.vault import KeyGone

pytestmark = BOTH
IS_OVER = (errors.Over, KeyGone)  # its key may go before its state is looked at: both are answered as over


@pytest.mark.parametrize("turn", range(4))
def test_of_approve_edit_and_cancel_on_one_state_exactly_one_counts(house, submitted, take, turn):
    left, services = submitted(), house.services
    seen = {reading.get_alert(services, house.approver, left.id).tag}
    changed, together = take(case_number="EX-2"), Barrier(3)
    acts = [
        lambda: decide.approve(services, house.approver, left.id, left.content_hash, seen=seen),
        lambda: submit.edit(services, house.submitter, left.id, changed, seen=seen),
        lambda: end.cancel(services, house.submitter, left.id, seen),
    ]

    def act(one):
        together.wait()
        return one()

    with ThreadPoolExecutor(3) as pool:
        done = [pool.submit(act, one) for one in acts[turn % 3 :] + acts[: turn % 3]]
    lost = [one.exception() for one in done if one.exception()]
    assert len(lost) == 2
    assert all(isinstance(one, (errors.Changed, *IS_OVER)) for one in lost), lost  # its key gone: answered as over
    logged = [row.action for row in house.rows(tables.audit)]
    assert len([one for one in logged if one in {"approve", "edit", "cancel"}]) == 1
    assert len(house.rows(notice)) == logged.count("approve")


def test_expiry_and_approval_at_one_moment_leave_one_of_both(house, submitted):
    left, together = submitted(), Barrier(2)
    house.run_out(left.id)

    def approve():
        together.wait()
        return decide.approve(house.services, house.approver, left.id, left.content_hash)

    def expire():
        together.wait()
        return end.expire_due(house.services)

    with ThreadPoolExecutor(2) as pool:
        approved, expired = pool.submit(approve), pool.submit(expire)
    assert expired.result() == 1
    assert isinstance(approved.exception(), IS_OVER)
    assert house.rows(notice) == []


def test_a_request_that_waited_too_long_lapses_and_is_asked_for_again(house, submitted):
    from datetime import timedelta

    from sqlalchemy import update

    from notifiers.transactions import writing

    left = submitted()
    with writing(house.services.engine) as connection:
        connection.execute(update(tables.message).values(asked_at=house.clock() - timedelta(minutes=15, seconds=1)))
    assert end.lapse_due(house.services) == 1
    assert reading.get_alert(house.services, house.approver, left.id).row.state == "lapsed"
    submit.ask(house.services, house.submitter, left.id)
    assert decide.approve(house.services, house.approver, left.id, left.content_hash).state == "active"
