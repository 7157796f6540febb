"""The alert in force once more: to whom, on what, how often, at whose word."""

from __future__ import annotations

import pytest
from cast import DENVER

from alerts import errors, reading, tables
from alerts.service import decide, repeating, submit
from alerts.service.arrivals import follow
from alerts.service.repeating import TooSoon
from geo import store as positions
from notifiers import addresses, bits, notices, subscriptions
from notifiers.subscriptions import Enrolment, NewSubscription
from notifiers.tables import batch, notice
from notifiers.transactions import reading as reading_from
from notifiers.transactions import writing

SOON, LATER = {"minutes": 59}, {"minutes": 61}


def planned(house, notice_id: int) -> dict[str, int]:
    """Subscriptions by channel that the notice was planned for."""
    found: dict[str, int] = {}
    for row in house.rows(batch):
        if row.notice_id == notice_id:
            found[row.channel] = found.get(row.channel, 0) + row.size
    return found


def tell_everybody(house) -> None:
    """Everything that waits is sent."""
    everyone = batch.update().values(sent=bits.pack(0xFF, 8), n_sent=batch.c.size, state="done")
    with house.services.engine.begin() as connection:
        connection.execute(everyone)  # eight at most in a batch here


@pytest.fixture
def told(house, in_force):
    """Eight people have the alert by push, eight by e-mail."""
    for channel in ("web_push", "email"):
        _enrol(house, channel)
    left = in_force()
    tell_everybody(house)
    house.clock.pass_time(**LATER)
    return left


def _enrol(house, channel: str, count: int = 8) -> None:
    now = house.clock()
    known = len(house.rows(subscriptions.subscription))
    people = [
        Enrolment("partner", True, "t", [NewSubscription(channel, _address(channel, n), "en", "t", "Yes.", now, now)])
        for n in range(known, known + count)
    ]
    with writing(house.services.engine) as connection:
        done = subscriptions.enrol(connection, people, secret=addresses.secret(house.services.vault), now=now)
        positions.place(connection, [positions.Position(one.recipient_id, *DENVER) for one in done], now)
    follow(house.services)


def _address(channel: str, number: int) -> dict[str, str]:
    return (
        {"endpoint": f"http://127.0.0.1:9/{number}"} if channel == "web_push" else {"email": f"p{number}@example.org"}
    )


def test_a_repeat_goes_to_those_told_before_where_it_takes_the_old_one_s_place(house, told):
    done = repeating.repeat(house.services, house.submitter, told.id)
    assert planned(house, done.notice_id) == {"web_push": 8}
    view = reading.get_alert(house.services, house.submitter, done.id)
    assert (view.row.version, view.row.number, view.row.state) == (2, 2, "active")
    assert [row.over for row in house.rows(notice)] == ["superseded", None]


def test_who_was_not_told_yet_is_told_on_every_channel(house, told):
    _enrol(house, "email", 1)
    done = repeating.repeat(house.services, house.submitter, told.id)
    assert planned(house, done.notice_id) == {"web_push": 8, "email": 1}
    _enrol(house, "email", 1)
    assert planned(house, done.notice_id) == {"web_push": 8, "email": 2}


def test_it_says_the_same_and_is_marked_to_be_shown_without_sound(house, told):
    done = repeating.repeat(house.services, house.submitter, told.id)
    with reading_from(house.services.engine) as connection:
        first, again = (notices.get(connection, house.services.vault, id_) for id_ in (1, done.notice_id))
    assert (first.silent, again.silent) == (False, True)
    assert (again.texts, again.area, again.expires_at, again.incident) == (
        first.texts, first.area, first.expires_at, first.incident
    )  # fmt: skip


def test_it_waits_for_the_interval_of_the_programme_also_after_a_repeat(house, in_force):
    left = in_force()
    house.clock.pass_time(**SOON)
    with pytest.raises(TooSoon):
        repeating.repeat(house.services, house.submitter, left.id)
    house.clock.pass_time(minutes=2)
    again = repeating.repeat(house.services, house.submitter, left.id)
    with pytest.raises(TooSoon):
        repeating.repeat(house.services, house.approver, again.id)


def test_more_people_than_the_approval_was_for_are_not_told_by_a_repeat(house, told):
    _enrol(house, "email", 4)
    with pytest.raises(decide.ReachGrown):
        repeating.repeat(house.services, house.submitter, told.id)
    assert len(house.rows(notice)) == 1


def test_it_is_logged_with_who_did_it(house, told):
    repeating.repeat(house.services, house.submitter, told.id)
    row = house.rows(tables.audit)[-1]
    assert (row.actor, row.action) == (f"officer:{house.submitter.id}", "repeat")


def test_a_stranger_repeats_nothing_and_nobody_what_is_over_or_waits(house, told, take):
    with pytest.raises(errors.NotFound):
        repeating.repeat(house.services, house.stranger, told.id)
    submit.update(house.services, house.submitter, told.id, take())
    with pytest.raises(errors.OpenProposal):
        repeating.repeat(house.services, house.submitter, told.id)


def test_it_stands_in_the_actions_of_the_alert_in_force_alone(house, told, submitted):
    assert "repeat" in reading.get_alert(house.services, house.submitter, told.id).actions
    done = repeating.repeat(house.services, house.submitter, told.id)
    assert "repeat" not in reading.get_alert(house.services, house.submitter, told.id).actions
    assert "repeat" in reading.get_alert(house.services, house.submitter, done.id).actions
