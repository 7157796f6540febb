from concurrent.futures import ThreadPoolExecutor

import pytest
from cast import BOTH, DENVER

from alerts import audit, reading, tables
from alerts.errors import FourEyes, NotFound, Over, StaleContent, WrongState
from alerts.service import decide, submit
from alerts.service.decide import ReachGrown
from notifiers import bits, ledger, notices, transactions
from notifiers.tables import batch, notice

pytestmark = BOTH


def test_nobody_approves_their_own_alert(house, submitted):
    left = submitted()
    with pytest.raises(FourEyes):
        decide.approve(house.services, house.submitter, left.id, left.content_hash)
    assert house.rows(notice) == []


def test_nobody_approves_what_they_edited(house, submitted, take):
    left = submitted()
    edited = submit.edit(house.services, house.approver, left.id, take(case_number="EX-2"))
    with pytest.raises(FourEyes):
        decide.approve(house.services, house.approver, left.id, edited.content_hash)


def test_a_stranger_from_another_agency_finds_no_alert_to_approve(house, submitted):
    left = submitted()
    with pytest.raises(NotFound):
        decide.approve(house.services, house.stranger, left.id, left.content_hash)


def test_an_approval_queues_the_notice_and_plans_who_is_inside(house, submitted):
    house.enrol([DENVER, (-104.95, 39.75), (-100.0, 35.0)])
    left = submitted()
    done = decide.approve(house.services, house.approver, left.id, left.content_hash)
    [queued] = house.rows(notice)
    assert (queued.id, queued.state, queued.reach, queued.matched) == (done.notice_id, "planned", 2, 2)
    assert sum(row.size for row in house.rows(batch)) == 2


def test_an_approval_of_what_was_changed_since_is_refused(house, submitted, take):
    left = submitted()
    submit.edit(house.services, house.submitter, left.id, take(case_number="EX-2"))
    with pytest.raises(StaleContent):
        decide.approve(house.services, house.approver, left.id, left.content_hash)


def test_an_approval_on_a_reach_that_has_grown_asks_again(house, submitted):
    house.enrol([DENVER] * 5)
    left = submitted()
    house.enrol([DENVER] * 5)
    with pytest.raises(ReachGrown) as grown:
        decide.approve(house.services, house.approver, left.id, left.content_hash)
    assert grown.value.reach == 10
    assert reading.get_alert(house.services, house.approver, left.id).row.reach == 10
    assert decide.approve(house.services, house.approver, left.id, left.content_hash).reach == 10


def test_nobody_approves_twice(house, in_force):
    left = in_force()
    with pytest.raises(WrongState):
        decide.approve(house.services, house.approver, left.id, left.content_hash)
    assert len(house.rows(notice)) == 1


def test_an_approval_after_the_end_of_its_time_is_refused(house, submitted):
    left = submitted()
    house.clock.pass_time(days=4)
    with pytest.raises(Over):
        decide.approve(house.services, house.approver, left.id, left.content_hash)


def test_an_approved_update_supersedes_and_reaches_those_told_before(house, in_force, take, make_square):
    house.enrol([DENVER, (-104.9, 39.74)], "email")
    left = in_force()
    [first] = house.rows(notice)
    tell_everyone(house)
    smaller = submit.update(house.services, house.submitter, left.id, take(area={"geojson": make_square(0.02)}))
    decide.approve(house.services, house.approver, smaller.id, smaller.content_hash)
    assert [row.over for row in house.rows(notice)] == ["superseded", None]
    assert planned(house, first.id) == 2
    assert planned(house, house.fanned_out[-1]) == 2  # one is still inside, the other was told of version 1


def test_an_enlargement_tells_only_those_not_told_yet(house, in_force, make_square):
    house.enrol([DENVER, (-104.8, 39.74)])
    left = in_force()
    wider = submit.enlarge(house.services, house.submitter, left.id, make_square(0.5))
    decide.approve(house.services, house.approver, wider.id, wider.content_hash)
    assert [planned(house, notice_id) for notice_id in house.fanned_out] == [1, 1]
    assert [row.over for row in house.rows(notice)] == [None, None]


def test_a_returned_message_tells_its_authors_why(house, submitted, take):
    left = submitted()
    decide.return_(house.services, house.approver, left.id, "The plate is missing.")
    view = reading.get_alert(house.services, house.submitter, left.id)
    assert (view.row.state, view.note) == ("returned", "The plate is missing.")
    assert submit.edit(house.services, house.submitter, left.id, take()).state == "pending approval"


def test_a_rejected_first_message_ends_its_incident_and_its_data_goes(house, submitted):
    left = submitted()
    decide.reject(house.services, house.approver, left.id, "Does not meet the criteria.")
    view = reading.get_alert(house.services, house.submitter, left.id)
    assert (view.row.state, view.row.headline, view.note, view.actions) == ("rejected", None, None, ())
    assert not [name for name in house.services.vault.names() if name.startswith("incident-")]


def test_every_step_is_in_the_log_and_the_chain_holds(house, in_force):
    in_force()
    assert [row.action for row in house.rows(tables.audit)] == ["submit", "approve"]
    assert all("Robin" not in row.detail for row in house.rows(tables.audit))
    with transactions.reading(house.services.engine) as connection:
        assert audit.verify(connection) == 2


def test_a_crash_before_the_commit_leaves_the_message_waiting(house, submitted, monkeypatch):
    left = submitted()
    monkeypatch.setattr(notices, "add", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        decide.approve(house.services, house.approver, left.id, left.content_hash)
    assert reading.get_alert(house.services, house.approver, left.id).row.state == "pending approval"
    assert house.rows(notice) == []


def test_what_was_not_committed_is_not_watched(house, submitted, monkeypatch):
    left = submitted()
    monkeypatch.setattr(house.services.watch, "add", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        decide.approve(house.services, house.approver, left.id, left.content_hash)
    assert house.rows(notice) == []
    assert len(house.services.watch) == 0


def test_of_many_approvals_at_once_one_counts(house, submitted):
    left = submitted()
    with ThreadPoolExecutor(8) as pool:
        approvals = [
            pool.submit(decide.approve, house.services, house.approver, left.id, left.content_hash) for _ in range(8)
        ]
    errors = [type(one.exception()) for one in approvals if one.exception()]
    assert errors == [WrongState] * 7
    assert len(house.rows(notice)) == 1


def planned(house, notice_id: int) -> int:
    return sum(row.size for row in house.rows(batch) if row.notice_id == notice_id)


def tell_everyone(house) -> None:
    """Mark every planned send as sent, as a worker would have."""
    from sqlalchemy import update

    with transactions.writing(house.services.engine) as connection:
        for row in house.rows(batch):
            sent = bits.pack(bits.full(row.size), row.size)
            connection.execute(
                update(batch).where(batch.c.id == row.id).values(state="done", sent=sent, n_sent=row.size)
            )
        assert ledger.tally(connection, house.fanned_out[-1])["email"].sent == 2
