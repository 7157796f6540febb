"""What comes of others becomes a draft of nobody, once; what cannot be on the air goes to the log and nowhere else."""

import json
from datetime import timedelta

import feeding
import pytest
from feeding import cap, reference
from sqlalchemy import update

from alerts.errors import FourEyes
from alerts.feed_log import Outcome
from alerts.feed_tables import feed_import
from alerts.service import decide, end, same, submit
from alerts.service.brought import Lost
from alerts.service.drafting import read_document
from alerts.service.same import ELSEWHERE
from alerts.tables import agency, audit, incident, message
from notifiers.transactions import writing


@pytest.fixture
def feeds(house):
    return feeding.make(house)


@pytest.fixture
def signed(feeds):
    return feeds.add()


def alert_of(house, line):
    [row] = [row for row in house.rows(message) if row.id == line.message_id]
    return row


def approve(house, line):
    row = alert_of(house, line)
    submit.ask(house.services, house.submitter, row.public_id)
    return decide.approve(house.services, house.approver, row.public_id, row.content_hash)


def test_a_signed_alert_becomes_a_draft_that_one_asks_for_and_another_approves(house, feeds, signed):
    line = feeds.take(signed, feeds.sign(cap(house.clock())))
    assert (line.outcome, line.faults) == (Outcome.DRAFTED, ())
    assert alert_of(house, line).state == "draft"
    assert approve(house, line).state == "active"


def test_who_asked_for_a_draft_of_a_feed_does_not_approve_it(house, feeds, signed):
    line = feeds.take(signed, feeds.sign(cap(house.clock())))
    row = alert_of(house, line)
    submit.ask(house.services, house.submitter, row.public_id)
    with pytest.raises(FourEyes):
        decide.approve(house.services, house.submitter, row.public_id, row.content_hash)


def test_the_log_and_the_audit_say_what_became_of_it_and_nothing_of_the_child(house, feeds, signed):
    feeds.take(signed, feeds.sign(cap(house.clock(), words="Her name is Ximena Example, she wears a green coat.")))
    [entry] = feeds.log(signed)
    assert entry.line.outcome is Outcome.DRAFTED
    assert "feed_import" in {row.action for row in house.rows(audit)}
    told = repr(house.rows(feed_import)) + repr(house.rows(audit)) + repr(entry)
    assert "Ximena" not in told
    assert "X-1" not in told


def test_the_same_message_again_changes_nothing_and_says_so(house, feeds, signed):
    body = feeds.sign(cap(house.clock()))
    first = feeds.take(signed, body)
    again = feeds.take(signed, feeds.sign(body[: body.index(b"<Signature")] + b"</alert>"))
    assert again.outcome is Outcome.REPLAYED
    assert again.incident_id == first.incident_id
    assert len(house.rows(incident)) == 1


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"near": "41.0,-111.5 5"}, "area-jurisdiction"),
        ({"status": "Draft"}, "status"),
    ],
)
def test_what_is_not_for_this_agency_is_refused_and_logged(house, feeds, signed, change, fault):
    line = feeds.take(signed, feeds.sign(cap(house.clock(), **change)))
    assert line.outcome is Outcome.REFUSED
    assert any(fault in one for one in line.faults), line.faults
    assert house.rows(incident) == []


def test_what_a_source_that_signs_sends_unsigned_is_refused(house, feeds, signed):
    line = feeds.take(signed, cap(house.clock()))
    assert line.outcome is Outcome.REFUSED
    assert line.faults[0].startswith("signature-")


def test_what_is_older_than_an_hour_goes_to_the_archive(house, feeds, signed):
    line = feeds.take(signed, feeds.sign(cap(house.clock() - timedelta(minutes=61))))
    assert line.outcome is Outcome.ARCHIVED
    assert house.rows(incident) == []


def test_what_is_not_about_an_abducted_child_is_passed_over(house, feeds, signed):
    line = feeds.take(signed, feeds.sign(cap(house.clock(), event=b"Tornado Warning")))
    assert line.outcome is Outcome.OTHER
    assert feeds.log(signed) == []


def test_an_update_takes_the_place_of_the_draft_it_refers_to_and_is_asked_for_anew(house, feeds, signed):
    at = house.clock()
    first = feeds.take(signed, feeds.sign(cap(at)))
    submit.ask(house.services, house.submitter, alert_of(house, first).public_id)
    newer = cap(at + timedelta(seconds=1), kind="Update", identifier="X-2", of=reference(at), words="She wears red.")
    line = feeds.take(signed, feeds.sign(newer))
    assert (line.outcome, line.message_id) == (Outcome.UPDATED, first.message_id)
    assert alert_of(house, line).state == "draft"
    assert feeds.take(signed, feeds.sign(cap(at))).outcome is Outcome.REPLAYED


def test_an_update_of_what_is_in_force_is_a_draft_beside_it(house, feeds, signed):
    at = house.clock()
    approve(house, feeds.take(signed, feeds.sign(cap(at))))
    line = feeds.take(
        signed, feeds.sign(cap(at + timedelta(seconds=1), kind="Update", identifier="X-2", of=reference(at)))
    )
    assert line.outcome is Outcome.UPDATED
    assert [row.state for row in house.rows(message)] == ["active", "draft"]
    assert approve(house, line).state == "active"


def test_a_signed_cancel_of_the_very_source_ends_its_alert(house, feeds, signed):
    at = house.clock()
    approve(house, feeds.take(signed, feeds.sign(cap(at))))
    line = feeds.take(signed, feeds.sign(cap(at, kind="Cancel", identifier="X-2", of=reference(at))))
    assert line.outcome is Outcome.CANCELLED
    assert [row.ended_why for row in house.rows(incident)] == ["cancelled"]


def test_what_was_cancelled_before_it_came_is_for_nobody(house, feeds, signed):
    at, other = house.clock(), feeds.add("Other")
    first = feeds.take(signed, feeds.sign(cap(at, kind="Cancel", identifier="X-2", of=reference(at))))
    assert first.outcome is Outcome.REFUSED
    late = feeds.take(signed, feeds.sign(cap(at)))
    assert (late.outcome, late.faults) == (Outcome.REFUSED, ("taken-back",))
    assert house.rows(incident) == []
    assert feeds.take(other, feeds.sign(cap(at))).outcome is Outcome.DRAFTED  # another source's word is its own


def test_an_unsigned_cancel_of_what_is_on_the_air_is_asked_of_people(house, feeds):
    source, at = feeds.add("Open", trust=None), house.clock()
    line = feeds.take(source, cap(at))
    approve(house, line)
    asked = feeds.take(source, cap(at, kind="Cancel", identifier="X-2", of=reference(at)))
    assert asked.outcome is Outcome.CANCEL_ASKED
    [entry, _] = feeds.log(source)
    assert end.cancel(house.services, house.submitter, entry.alert_id).state == "cancelled"


def test_an_unsigned_source_takes_back_its_own_draft(house, feeds):
    source, at = feeds.add("Open", trust=None), house.clock()
    feeds.take(source, cap(at))
    assert feeds.take(source, cap(at, kind="Cancel", identifier="X-2", of=reference(at))).outcome is Outcome.CANCELLED


def test_another_source_takes_nothing_back(house, feeds, signed):
    at = house.clock()
    approve(house, feeds.take(signed, feeds.sign(cap(at))))
    other = feeds.add("Other")
    line = feeds.take(other, feeds.sign(cap(at, kind="Cancel", identifier="X-2", of=reference(at))))
    assert line.outcome is Outcome.CANCEL_ASKED
    assert house.rows(incident)[0].ended_at is None


SEEN = "Anna Example, nine, was taken near the river in a grey car with the plate ABC 1234; call the police at once."


def test_the_same_event_from_two_feeds_is_one_incident(house, feeds, signed):
    first = feeds.take(signed, feeds.sign(cap(house.clock(), words=SEEN)))
    line = feeds.take(feeds.add("Other"), feeds.sign(cap(house.clock(), identifier="Y-9", words=SEEN)))
    assert (line.outcome, line.incident_id) == (Outcome.ATTACHED, first.incident_id)
    assert len(house.rows(incident)) == 1


def test_what_may_be_the_same_event_is_shown_and_never_merged(house, feeds, signed):
    first = feeds.take(signed, feeds.sign(cap(house.clock(), words=SEEN)))
    line = feeds.take(feeds.add("Other"), feeds.sign(cap(house.clock(), identifier="Y-9", words="A boy of two.")))
    assert (line.outcome, line.perhaps) == (Outcome.DRAFTED, (first.incident_id,))


def test_of_another_agencys_incident_only_that_there_is_one_is_told(house, feeds, signed):
    feeds.take(signed, feeds.sign(cap(house.clock(), words=SEEN)))
    with writing(house.services.engine) as connection:
        everywhere = json.dumps(house.submitter.agency.jurisdiction.to_geojson())
        connection.execute(update(agency).values(jurisdiction=everywhere))
    theirs = feeds.add("Theirs", agency=house.stranger.agency)
    line = feeds.take(theirs, feeds.sign(cap(house.clock(), identifier="Y-9", words=SEEN)))
    assert (line.outcome, line.perhaps) == (Outcome.DRAFTED, (ELSEWHERE,))


def test_an_incident_that_came_in_meanwhile_is_compared_as_well(house, feeds, signed, monkeypatch):
    other, real, bodies = feeds.add("Other"), same.find, [feeds.sign(cap(house.clock(), identifier="Y-9", words=SEEN))]

    def find(*given, **more):
        found = real(*given, **more)
        if bodies:  # another server takes the other feed in, right after this one has looked
            feeds.take(other, bodies.pop())
        return found

    monkeypatch.setattr(same, "find", find)
    assert feeds.take(signed, feeds.sign(cap(house.clock(), words=SEEN))).outcome is Outcome.ATTACHED
    assert len(house.rows(incident)) == 1


def test_an_exercise_stays_one(house, feeds, signed):
    line = feeds.take(signed, feeds.sign(cap(house.clock(), status="Exercise")))
    assert [row.status for row in house.rows(incident)] == ["Exercise"]
    assert line.outcome is Outcome.DRAFTED


def test_a_server_that_lost_its_lease_stores_nothing(house, feeds, signed):
    with pytest.raises(Lost):
        feeds.take(signed, feeds.sign(cap(house.clock())), may=lambda _connection: False)
    assert house.rows(incident) == []
    assert feeds.log(signed) == []
    assert not list(house.services.settings.keys_directory.glob("incident-*"))


def test_an_update_of_what_was_never_seen_here_is_a_draft_of_its_own(house, feeds, signed):
    at = house.clock()
    line = feeds.take(signed, feeds.sign(cap(at, kind="Update", identifier="X-2", of=reference(at))))
    assert (line.outcome, alert_of(house, line).state) == (Outcome.DRAFTED, "draft")


def test_an_update_waits_while_people_decide_on_their_own(house, feeds, signed):
    at = house.clock()
    approve(house, first := feeds.take(signed, feeds.sign(cap(at))))
    words = feeds.sign(cap(at, identifier="Z-1", words="She wears red."))
    own = read_document(house.services, house.submitter, words, "application/cap+xml")
    mine = submit.update(house.services, house.submitter, alert_of(house, first).public_id, own)
    newer = feeds.sign(cap(at, kind="Update", identifier="X-2", of=reference(at), words="She wears blue."))
    assert feeds.take(signed, newer).outcome is Outcome.WAITING
    decide.reject(house.services, house.approver, mine.id, "The feed says otherwise.")
    assert feeds.take(signed, newer).outcome is Outcome.UPDATED
    assert [entry.line.outcome for entry in feeds.log(signed)] == [Outcome.UPDATED, Outcome.DRAFTED]


def test_an_update_of_what_is_over_brings_nothing_back(house, feeds, signed):
    at = house.clock()
    approve(house, first := feeds.take(signed, feeds.sign(cap(at))))
    end.cancel(house.services, house.approver, alert_of(house, first).public_id)
    line = feeds.take(signed, feeds.sign(cap(at, kind="Update", identifier="X-2", of=reference(at))))
    assert (line.outcome, line.faults) == (Outcome.REFUSED, ("over",))
    assert len(house.rows(incident)) == 1
