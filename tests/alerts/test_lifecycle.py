"""The life of an incident, event by event, and what no sequence of events can do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import errors
from alerts.lifecycle import (
    ENDED,
    OPEN,
    TRANSITIONS,
    Approve,
    Cancel,
    Content,
    Edit,
    Enlarge,
    Event,
    Expire,
    Incident,
    Reject,
    Repeat,
    Return,
    State,
    Submit,
    apply,
    can,
)
from notifiers.model import Kind

NOW = datetime(2026, 1, 16, tzinfo=UTC)
SUBMITTER, APPROVER, THIRD = 1, 2, 3
CONTENT = Content("c" * 64, "a" * 64, 100, NOW + timedelta(hours=24))
OTHER = replace(CONTENT, content_hash="d" * 64)


def approve(officer: int = APPROVER, number: int = 1, content: Content = CONTENT) -> Approve:
    return Approve(officer, number, content.content_hash, content.area_digest, content.reach)


def after(*events: Event, now: datetime = NOW) -> Incident:
    incident = Incident()
    for event in events:
        incident = apply(incident, event, now)
    return incident


def active() -> Incident:
    return after(Submit(SUBMITTER, CONTENT), approve())


def test_a_submitted_alert_waits_for_a_second_person() -> None:
    message = after(Submit(SUBMITTER, CONTENT)).get(1)
    assert (message.state, message.kind, message.version) == (State.PENDING, Kind.ALERT, 1)


def test_an_approved_alert_is_in_force_with_the_reach_it_was_approved_on() -> None:
    incident = apply(after(Submit(SUBMITTER, CONTENT)), replace(approve(), reach=77), NOW)
    assert incident.in_force is not None
    assert (incident.in_force.decided_by, incident.in_force.content.reach) == (APPROVER, 77)


def test_nobody_approves_their_own_alert() -> None:
    with pytest.raises(errors.FourEyes):
        after(Submit(SUBMITTER, CONTENT), approve(SUBMITTER))


def test_nobody_approves_words_of_theirs_that_another_took_over() -> None:
    theirs = frozenset({APPROVER})
    with pytest.raises(errors.FourEyes):
        after(Submit(SUBMITTER, CONTENT), Edit(SUBMITTER, 1, OTHER, co_authors=theirs), approve(content=OTHER))
    update = Submit(SUBMITTER, OTHER, Kind.UPDATE, co_authors=theirs)
    with pytest.raises(errors.FourEyes):
        apply(apply(active(), update, NOW), approve(number=2, content=OTHER), NOW)
    assert apply(apply(active(), update, NOW), approve(THIRD, 2, OTHER), NOW).get(2).state is State.ACTIVE


def test_nobody_approves_what_they_edited() -> None:
    incident = after(Submit(SUBMITTER, CONTENT), Edit(APPROVER, 1, OTHER))
    for officer in (SUBMITTER, APPROVER):
        with pytest.raises(errors.FourEyes):
            apply(incident, approve(officer, content=OTHER), NOW)
    assert apply(incident, approve(THIRD, content=OTHER), NOW).in_force


def test_an_edit_makes_the_approval_of_the_old_content_stale() -> None:
    with pytest.raises(errors.StaleContent):
        after(Submit(SUBMITTER, CONTENT), Edit(SUBMITTER, 1, OTHER), approve())


def test_an_approval_of_another_area_is_stale() -> None:
    with pytest.raises(errors.StaleContent):
        after(Submit(SUBMITTER, CONTENT), replace(approve(), area_digest="b" * 64))


def test_a_draft_stays_with_its_author_until_it_is_sent_for_approval() -> None:
    draft = after(Submit(SUBMITTER, CONTENT, draft=True), Edit(SUBMITTER, 1, OTHER, draft=True))
    assert draft.get(1).state is State.DRAFT
    with pytest.raises(errors.WrongState):
        apply(draft, approve(content=OTHER), NOW)
    assert apply(draft, Edit(SUBMITTER, 1, OTHER), NOW).get(1).state is State.PENDING


def test_a_returned_alert_comes_back_by_being_edited() -> None:
    incident = after(Submit(SUBMITTER, CONTENT), Return(APPROVER, 1))
    assert incident.get(1).state is State.RETURNED
    assert apply(incident, Edit(SUBMITTER, 1, OTHER), NOW).get(1).state is State.PENDING


def test_a_rejected_first_alert_ends_the_incident() -> None:
    incident = after(Submit(SUBMITTER, CONTENT), Reject(APPROVER, 1))
    assert incident.over
    with pytest.raises(errors.Over):
        apply(incident, Submit(SUBMITTER, CONTENT), NOW)


def test_an_approved_update_takes_the_place_of_the_alert() -> None:
    incident = apply(active(), Submit(APPROVER, OTHER, Kind.UPDATE), NOW)
    incident = apply(incident, approve(SUBMITTER, 2, OTHER), NOW)
    assert [(m.state, m.version) for m in incident.messages] == [(State.UPDATED, 1), (State.ACTIVE, 2)]


def test_an_enlarged_area_is_a_new_number_of_the_same_version() -> None:
    incident = apply(active(), Enlarge(SUBMITTER, OTHER), NOW)
    assert (incident.messages[-1].number, incident.messages[-1].version) == (2, 1)
    assert incident.messages[-1].kind is Kind.UPDATE


def test_a_rejected_update_leaves_the_alert_in_force_and_gives_its_version_back() -> None:
    incident = apply(active(), Submit(SUBMITTER, OTHER, Kind.UPDATE), NOW)
    incident = apply(incident, Reject(APPROVER, 2), NOW)
    assert incident.in_force is not None
    assert incident.in_force.number == 1
    assert (incident.next_number, incident.next_version) == (3, 2)


def test_one_proposal_at_a_time() -> None:
    incident = apply(active(), Enlarge(SUBMITTER, OTHER), NOW)
    with pytest.raises(errors.OpenProposal):
        apply(incident, Submit(SUBMITTER, OTHER, Kind.UPDATE), NOW)


def test_an_update_needs_an_alert_in_force_and_a_first_alert_an_empty_incident() -> None:
    for incident, kind in ((Incident(), Kind.UPDATE), (active(), Kind.ALERT), (active(), Kind.CANCEL)):
        with pytest.raises(errors.WrongState):
            apply(incident, Submit(SUBMITTER, CONTENT, kind), NOW)


def test_one_person_cancels_alert_and_proposal_together() -> None:
    incident = apply(apply(active(), Enlarge(SUBMITTER, OTHER), NOW), Cancel(SUBMITTER), NOW)
    assert incident.over
    assert [m.state for m in incident.messages] == [State.CANCELLED, State.CANCELLED]


def test_nothing_happens_to_a_cancelled_alert() -> None:
    incident = apply(active(), Cancel(SUBMITTER), NOW)
    for event in (Cancel(APPROVER), Submit(SUBMITTER, OTHER, Kind.UPDATE), Enlarge(SUBMITTER, OTHER), approve()):
        with pytest.raises(errors.Conflict):
            apply(incident, event, NOW)
    assert apply(incident, Expire(), NOW + timedelta(days=9)) == incident


def test_the_notice_of_the_end_is_a_version_of_its_own() -> None:
    incident = apply(active(), Cancel(SUBMITTER), NOW)
    assert (incident.next_number, incident.next_version) == (2, 2)


def test_an_alert_expires_at_its_time_and_not_before() -> None:
    ends_at = CONTENT.expires_at
    assert apply(active(), Expire(), ends_at - timedelta(seconds=1)) == active()
    assert apply(active(), Expire(), ends_at).get(1).state is State.EXPIRED


def test_what_is_open_expires_with_the_alert_it_would_change() -> None:
    later = replace(OTHER, expires_at=CONTENT.expires_at + timedelta(hours=1))
    incident = apply(apply(active(), Submit(SUBMITTER, later, Kind.UPDATE), NOW), Expire(), CONTENT.expires_at)
    assert incident.over


def test_an_alert_whose_time_ran_out_is_not_approved() -> None:
    with pytest.raises(errors.Over):
        apply(after(Submit(SUBMITTER, CONTENT)), approve(), CONTENT.expires_at)


def test_a_repeat_is_the_next_version_in_force_by_the_approval_that_there_was() -> None:
    incident = apply(active(), Repeat(SUBMITTER, OTHER), NOW)
    again = incident.get(2)
    assert incident.get(1).state is State.UPDATED
    assert (again.state, again.kind, again.version) == (State.ACTIVE, Kind.UPDATE, 2)
    assert (again.authors, again.decided_by) == (frozenset({SUBMITTER}), APPROVER)


@pytest.mark.parametrize("change", [{"area_digest": "b" * 64}, {"reach": 101}, {"expires_at": NOW + timedelta(days=9)}])
def test_a_repeat_is_for_no_other_area_reach_or_time(change: dict) -> None:
    with pytest.raises(errors.StaleContent):
        apply(active(), Repeat(SUBMITTER, replace(CONTENT, **change)), NOW)


def test_nothing_is_repeated_that_is_not_in_force_or_while_another_message_waits() -> None:
    for incident, why in (
        (after(Submit(SUBMITTER, CONTENT)), errors.WrongState),
        (apply(active(), Cancel(SUBMITTER), NOW), errors.Over),
        (apply(active(), Submit(SUBMITTER, OTHER, Kind.UPDATE), NOW), errors.OpenProposal),
    ):
        with pytest.raises(why):
            apply(incident, Repeat(SUBMITTER, CONTENT), NOW)
    with pytest.raises(errors.Over):
        apply(active(), Repeat(SUBMITTER, CONTENT), CONTENT.expires_at)


def test_every_open_state_can_be_cancelled_and_expire_and_no_ended_one_can_change() -> None:
    assert all((state, event) in TRANSITIONS for state in OPEN for event in (Cancel, Expire))
    assert not [state for state, _ in TRANSITIONS if state in ENDED | {State.UPDATED, State.REJECTED}]


def test_pages_offer_only_what_the_table_allows() -> None:
    pending = after(Submit(SUBMITTER, CONTENT)).get(1)
    assert can(pending, Approve)
    assert not can(active().get(1), Return)


OFFICERS = st.integers(1, 3)
NUMBERS = st.integers(1, 4)
CONTENTS = st.sampled_from([CONTENT, OTHER])
EVENTS = st.one_of(
    st.builds(Submit, OFFICERS, CONTENTS, st.sampled_from([Kind.ALERT, Kind.UPDATE]), st.booleans()),
    st.builds(Enlarge, OFFICERS, CONTENTS),
    st.builds(Edit, OFFICERS, NUMBERS, CONTENTS),
    st.builds(approve, OFFICERS, NUMBERS, CONTENTS),
    st.builds(Return, OFFICERS, NUMBERS),
    st.builds(Reject, OFFICERS, NUMBERS),
    st.builds(Repeat, OFFICERS, CONTENTS),
    st.builds(Cancel, OFFICERS),
    st.just(Expire()),
)


@given(st.lists(EVENTS, max_size=25))
def test_no_sequence_of_events_puts_a_single_handed_alert_on_the_air(events: list[Event]) -> None:
    incident = Incident()
    for event in events:
        try:
            incident = apply(incident, event, NOW)
        except (errors.Conflict, errors.NotAllowed, errors.NotFound):
            continue
        states = [m.state for m in incident.messages]
        assert states.count(State.ACTIVE) <= 1
        assert sum(state in OPEN for state in states) <= 1
        for message in incident.messages:
            if message.state in {State.ACTIVE, State.UPDATED}:
                assert message.decided_by not in message.authors | {None}
