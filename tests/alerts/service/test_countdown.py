"""An approval counted down: nothing before its time, stopping wins, and what changed meanwhile stays."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from alerts import agencies, audit, errors, reading
from alerts.service import countdown, decide, end, submit
from alerts.service.decide import Yes
from alerts.tables import countdown as rows
from notifiers.clock import database_now
from notifiers.tables import notice
from notifiers.transactions import reading as reading_from
from notifiers.transactions import writing


@pytest.fixture
def counted(house, submitted):
    """An alert whose approval is counted down; its time is over only when a test says so."""
    house.services = replace(house.services, settings=replace(house.services.settings, countdown_s=600.0))
    left = submitted()
    countdown.begin(house.services, house.approver, left.id, Yes(left.content_hash))
    return left


def time_is_over(house) -> None:
    with writing(house.services.engine) as connection:
        connection.execute(update(rows).values(due_at=database_now(connection) - timedelta(seconds=1)))


def state(house, left) -> str:
    return reading.get_alert(house.services, house.submitter, left.id).row.state


def test_nothing_is_on_the_air_before_it_is_over(house, counted):
    assert countdown.let_due(house.services) == 0
    assert state(house, counted) == "pending approval"
    assert house.rows(notice) == []
    with pytest.raises(errors.NotFound):
        reading.public_alert(house.services, counted.token)


def test_when_it_is_over_it_goes_once_and_the_log_says_who_and_from_where(house, counted):
    time_is_over(house)
    assert (countdown.let_due(house.services), countdown.let_due(house.services)) == (1, 0)
    assert state(house, counted) == "active"
    assert len(house.rows(notice)) == 1
    with reading_from(house.services.engine) as connection:
        said = [(one.action, one.actor) for one in audit.entries(connection)]
    who = f"officer:{house.approver.id}"
    assert [one for one in said if one[1] == who] == [("count_down", who), ("approve", who)]


def test_whoever_stops_it_has_won(house, counted):
    countdown.stop(house.services, house.submitter, counted.id)
    time_is_over(house)
    assert countdown.let_due(house.services) == 0
    assert state(house, counted) == "pending approval"
    assert countdown.find(house.services, house.submitter, counted.id) is None


def test_stopped_and_due_at_the_same_moment_exactly_one_wins(house, counted):
    time_is_over(house)
    stopped: list[bool] = []

    def stop() -> None:
        try:
            countdown.stop(house.services, house.submitter, counted.id)
        except errors.Conflict:
            stopped.append(False)
        else:
            stopped.append(True)

    other = threading.Thread(target=stop)
    other.start()
    gone = countdown.let_due(house.services)
    other.join(60)
    assert stopped == [not gone]
    assert state(house, counted) == ("active" if gone else "pending approval")


def test_what_was_changed_or_ended_meanwhile_stays(house, counted, take):
    submit.edit(house.services, house.submitter, counted.id, take(case_number="EX-2"))
    time_is_over(house)
    assert countdown.let_due(house.services) == 0
    assert state(house, counted) == "pending approval"
    assert house.rows(rows) == []


def test_what_ended_meanwhile_is_not_let_go(house, counted):
    end.cancel(house.services, house.submitter, counted.id)
    time_is_over(house)
    assert countdown.let_due(house.services) == 0
    assert state(house, counted) == "cancelled"


def test_who_was_disabled_meanwhile_lets_nothing_go(house, counted):
    with writing(house.services.engine) as connection:
        agencies.disable(connection, house.approver.id, house.clock())
    time_is_over(house)
    assert countdown.let_due(house.services) == 0
    assert state(house, counted) == "pending approval"


def test_what_an_approval_would_be_refused_for_is_refused_at_once(house, submitted):
    left = submitted()
    with pytest.raises(errors.FourEyes):
        countdown.begin(house.services, house.submitter, left.id, Yes(left.content_hash))
    with pytest.raises(errors.StaleContent):
        countdown.begin(house.services, house.approver, left.id, Yes("0" * 64))
    assert house.rows(rows) == []


def test_pressed_twice_it_is_counted_once(house, counted):
    with pytest.raises(errors.Conflict):
        countdown.begin(house.services, house.approver, counted.id, Yes(counted.content_hash))
    assert len(house.rows(rows)) == 1


def test_a_stranger_stops_nothing(house, counted):
    with pytest.raises(errors.NotFound):
        countdown.stop(house.services, house.stranger, counted.id)
    assert len(house.rows(rows)) == 1


def test_the_api_approves_at_once_as_before(house, submitted):
    left = submitted()
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    assert state(house, left) == "active"
