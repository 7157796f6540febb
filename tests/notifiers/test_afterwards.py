"""Receipts and bounces: the states go on adding up, whatever is reported, and however often."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from test_ledger import IN_DOUBT, LATER, SENT, Desk

from notifiers import ledger
from notifiers.clock import database_now
from notifiers.model import FINAL, Outcome, Result
from notifiers.tables import exception, subscription
from notifiers.transactions import reading, writing

DELIVERED = Outcome(Result.SENT, "delivered")
BOUNCED = Outcome(Result.GONE, "5.1.1")
UNWANTED = Outcome(Result.REFUSED, "5.7.1")


@pytest.fixture
def desk(world):
    return Desk(world)


def report(desk, claim, position, outcome):
    with writing(desk.world.engine) as connection:
        return ledger.receipt(connection, claim.batch_id, position, outcome, database_now(connection))


def sent(desk, outcomes=None, people=10, **named):
    """A notice of which these positions were settled so."""
    notice_id = desk.planned(people)
    claim = desk.claim(window=people)
    desk.tell(claim, outcomes or dict.fromkeys(range(people), SENT), **named)
    return notice_id, claim


def delivered(desk, notice_id):
    with reading(desk.world.engine) as connection:
        return ledger.count_delivered(connection, notice_id).get("push", 0)


def adds_up(tally):
    return tally.planned == tally.waiting + tally.in_flight + sum(getattr(tally, one.value) for one in FINAL)


def test_a_receipt_counts_as_delivered_and_once(desk):
    notice_id, claim = sent(desk)
    assert report(desk, claim, 3, DELIVERED).result is Result.SENT
    assert report(desk, claim, 3, DELIVERED) is None
    report(desk, claim, 4, DELIVERED)
    assert (delivered(desk, notice_id), desk.tally(notice_id).sent) == (2, 10)
    with reading(desk.world.engine) as connection:
        assert connection.execute(select(exception)).all() == []  # sparse: only what did not go well


def test_what_was_sent_and_bounced_is_gone_and_its_subscription_retired(desk):
    notice_id, claim = sent(desk)
    told = report(desk, claim, 3, BOUNCED)
    assert (told.subscription_id, told.result) == (int(claim.ids[3]), Result.GONE)
    tally = desk.tally(notice_id)
    assert (tally.sent, tally.gone, adds_up(tally)) == (9, 1, True)
    with reading(desk.world.engine) as connection:
        why = connection.scalar(select(subscription.c.retired_why).where(subscription.c.id == told.subscription_id))
        assert (why, ledger.failures(connection, notice_id)[0].reason) == ("5.1.1", "5.1.1")
    assert int(claim.ids[3]) not in desk.told()


def test_the_first_final_word_stands(desk):
    notice_id, claim = sent(desk)
    report(desk, claim, 1, DELIVERED)
    report(desk, claim, 2, UNWANTED)
    assert (
        report(desk, claim, 1, BOUNCED) is report(desk, claim, 2, DELIVERED) is report(desk, claim, 2, BOUNCED) is None
    )
    tally = desk.tally(notice_id)
    assert (tally.sent, tally.refused, tally.gone, delivered(desk, notice_id)) == (9, 1, 0, 1)


def test_a_receipt_settles_what_is_in_doubt(desk):
    notice_id, claim = sent(desk, {0: IN_DOUBT, 1: IN_DOUBT}, 2, collapses=False)
    report(desk, claim, 0, DELIVERED)
    report(desk, claim, 1, UNWANTED)
    tally = desk.tally(notice_id)
    assert (tally.in_doubt, tally.sent, tally.refused, adds_up(tally)) == (0, 1, 1, True)
    with reading(desk.world.engine) as connection:
        assert [one.reason for one in ledger.failures(connection, notice_id)] == ["5.7.1"]
        assert ledger.latency(connection, notice_id)["push"].total == 1


def test_what_has_arrived_is_not_repeated(desk):
    notice_id, claim = sent(desk, {0: IN_DOUBT}, 1)  # it waits to be sent again
    assert desk.tally(notice_id).waiting == 1
    report(desk, claim, 0, DELIVERED)
    assert (desk.tally(notice_id).sent, desk.claim()) == (1, None)
    with reading(desk.world.engine) as connection:
        assert not ledger.stirring(connection)


def test_a_receipt_may_come_before_the_worker_has_told(desk):
    notice_id, claim = sent(desk, {0: SENT}, 3)
    report(desk, claim, 1, DELIVERED)
    progress = desk.tell(claim, {1: IN_DOUBT, 2: SENT}, collapses=False)
    assert (progress.open, progress.sent) == (False, (2,))
    tally = desk.tally(notice_id)
    assert (tally.sent, tally.in_doubt, adds_up(tally), delivered(desk, notice_id)) == (3, 0, True, 1)


def test_a_worker_that_dies_leaves_what_has_arrived_settled(desk):
    notice_id = desk.planned(3)
    claim = desk.claim(window=3, lease_s=-1)
    for position in range(3):
        report(desk, claim, position, DELIVERED)
    assert desk.takeover() == 1
    assert (desk.tally(notice_id).sent, desk.claim()) == (3, None)


@pytest.mark.parametrize(("batch_id", "position"), [(999, 0), (None, 10), (None, 65_535)])
def test_a_report_on_what_is_not_there_changes_nothing(desk, batch_id, position):
    notice_id, claim = sent(desk)
    with writing(desk.world.engine) as connection:
        now = database_now(connection)
        assert ledger.receipt(connection, batch_id or claim.batch_id, position, BOUNCED, now) is None
    assert desk.tally(notice_id).sent == 10


@pytest.mark.parametrize("outcome", [LATER, IN_DOUBT, Outcome(Result.DROPPED)])
def test_a_report_that_is_not_final_changes_nothing(desk, outcome):
    notice_id, claim = sent(desk)
    assert report(desk, claim, 0, outcome) is None
    assert desk.tally(notice_id).sent == 10


def test_nothing_is_learned_of_what_never_left(desk):
    notice_id = desk.planned(3)
    claim = desk.claim(window=1)
    assert report(desk, claim, 2, DELIVERED) is None
    assert (desk.tally(notice_id).waiting, delivered(desk, notice_id)) == (2, 0)


def test_a_late_word_about_an_earlier_try_takes_nothing_back_from_the_later_one(desk):
    notice_id = desk.planned(3)
    desk.claim(lease_s=-1)
    assert desk.takeover() == 1  # who claimed it died: all three may have been told, and are told again
    again = desk.claim()
    report(desk, again, 1, UNWANTED)
    assert desk.tally(notice_id).in_flight == 3
    desk.tell(again, dict.fromkeys(range(3), SENT))
    report(desk, again, 1, UNWANTED)
    tally = desk.tally(notice_id)
    assert (tally.sent, tally.in_doubt, tally.refused, adds_up(tally)) == (2, 1, 0, True)
    assert int(again.ids[1]) in desk.told()


def test_a_late_word_about_what_was_put_back_into_the_queue_leaves_it_in_doubt(desk):
    notice_id, claim = sent(desk, {0: UNWANTED, 1: SENT}, people=2)
    with writing(desk.world.engine) as connection:
        assert ledger.requeue(connection, notice_id, "5.7.1") == 1
    again = desk.claim()
    desk.tell(again, {0: SENT})
    report(desk, claim, 0, UNWANTED)
    assert (desk.tally(notice_id).in_doubt, desk.tally(notice_id).refused) == (1, 0)
