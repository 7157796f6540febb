"""A rule approves what two people said that it may, and nothing beside: in every doubt the draft waits for people."""

from datetime import timedelta

import feeding
import pytest
from cast import DENVER
from feeding import cap, reference
from sqlalchemy import update

from alerts.changes import Kind
from alerts.errors import NotFound, Refused
from alerts.feed_tables import feed_source
from alerts.service import administer, by_rule, submit
from alerts.service import feeds as feeds_service
from alerts.service.brought import Lost
from alerts.service.drafting import read_document
from alerts.tables import agency, audit, message
from notifiers.transactions import writing


@pytest.fixture
def feeds(house):
    return feeding.make(house)


@pytest.fixture
def ruled(house, feeds):
    house.enrol([DENVER] * 3, test=False)
    return feeds.rule(feeds.add())


def word(house, feeds, source, body):
    """What the rule says of this message."""
    feeds.take(source, body)
    by_rule.decide_due(house.services, source.id)
    return feeds.log(source)[0].line.rule


def states(house):
    return [row.state for row in house.rows(message)]


def test_a_signed_alert_inside_jurisdiction_and_cap_is_on_the_air_without_an_officer(house, feeds, ruled):
    assert word(house, feeds, ruled, feeds.sign(cap(house.clock()))) == "approved"
    assert states(house) == ["active"]
    assert len(house.fanned_out) == 1
    assert {"submit", "feed_import", "approve", "feed_rule"} <= {row.action for row in house.rows(audit)}


def test_without_a_rule_nothing_is_approved(house, feeds):
    source = feeds.add()
    assert word(house, feeds, source, feeds.sign(cap(house.clock()))) is None
    assert states(house) == ["draft"]


def test_over_the_cap_it_waits_for_people(house, feeds):
    house.enrol([DENVER] * 3, test=False)
    source = feeds.rule(feeds.add(), reach_cap=2)
    assert word(house, feeds, source, feeds.sign(cap(house.clock()))) == "over cap"
    assert states(house) == ["draft"]


def test_the_cap_counts_who_is_there_at_the_moment_of_the_approval(house, feeds):
    source = feeds.rule(feeds.add(), reach_cap=4)
    feeds.take(source, feeds.sign(cap(house.clock())))
    house.enrol([DENVER] * 5, test=False)
    by_rule.decide_due(house.services, source.id)
    assert feeds.log(source)[0].line.rule == "over cap"


def test_an_exercise_waits_for_people(house, feeds, ruled):
    assert word(house, feeds, ruled, feeds.sign(cap(house.clock(), status="Exercise"))) == "not actual"
    assert states(house) == ["draft"]


def test_a_tab_in_a_coordinate_is_forgiven_and_left_to_people(house, feeds, ruled):
    assert word(house, feeds, ruled, feeds.sign(cap(house.clock(), near="39.7,-105.0\t10"))) == "deviation"
    assert states(house) == ["draft"]


def test_what_may_be_another_incident_waits_for_people(house, feeds, ruled):
    feeds.take(feeds.add("Other"), feeds.sign(cap(house.clock(), identifier="Y-9", words="A boy of two.")))
    assert word(house, feeds, ruled, feeds.sign(cap(house.clock()))) == "perhaps"


def test_what_an_officer_has_edited_is_never_approved_by_rule(house, feeds, ruled):
    feeds.take(ruled, feeds.sign(cap(house.clock())))
    [row] = house.rows(message)
    words = feeds.sign(cap(house.clock(), identifier="Z-1"))
    edited = read_document(house.services, house.submitter, words, "application/cap+xml")
    submit.edit(house.services, house.submitter, row.public_id, edited, draft=True)
    by_rule.decide_due(house.services, ruled.id)
    assert feeds.log(ruled)[0].line.rule == "people"
    assert states(house) == ["draft"]


def test_an_alert_that_grew_old_is_not_approved(house, feeds, ruled):
    feeds.take(ruled, feeds.sign(cap(house.clock())))
    house.clock.pass_time(minutes=61)
    by_rule.decide_due(house.services, ruled.id)
    assert feeds.log(ruled)[0].line.rule != "approved"
    assert states(house) == ["draft"]


def test_a_rule_that_was_switched_off_a_moment_ago_approves_nothing(house, feeds, ruled):
    feeds.take(ruled, feeds.sign(cap(house.clock())))
    feeds_service.end_rule(house.services, feeds.ada, ruled.id)
    by_rule.decide_due(house.services, ruled.id)
    assert feeds.log(ruled)[0].line.rule == "off"


def test_a_source_that_changed_has_no_rule_any_more(house, feeds, ruled):
    changed = {"url": "http://127.0.0.1:9/other", "trust": "agency", "interval_s": 10, "longest_silence_s": None}
    feeds.two(Kind.FEED_SOURCE, ruled.agency_id, source_id=ruled.id, name="IPAWS", **changed)
    assert (feeds.get("IPAWS").rule_on, feeds.get("IPAWS").reach_cap) == (False, None)


def test_a_jurisdiction_that_shrank_meanwhile_holds_it_back(house, feeds, ruled):
    feeds.take(ruled, feeds.sign(cap(house.clock())))
    utah = house.rows(agency)[1].jurisdiction
    with writing(house.services.engine) as connection:
        connection.execute(update(agency).where(agency.c.id == ruled.agency_id).values(jurisdiction=utah))
    by_rule.decide_due(house.services, ruled.id)
    assert feeds.log(ruled)[0].line.rule in {"jurisdiction", "deviation"}
    assert states(house) == ["draft"]


def test_whoever_lost_the_lease_approves_nothing(house, feeds, ruled):
    feeds.take(ruled, feeds.sign(cap(house.clock())))
    with pytest.raises(Lost):
        by_rule.decide_due(house.services, ruled.id, lambda _connection: False)
    assert states(house) == ["draft"]
    by_rule.decide_due(house.services, ruled.id)  # the next one goes on with it
    assert states(house) == ["active"]


def test_its_update_takes_the_place_of_what_is_in_force(house, feeds, ruled):
    at = house.clock()
    word(house, feeds, ruled, feeds.sign(cap(at)))
    newer = cap(at + timedelta(seconds=1), kind="Update", identifier="X-2", of=reference(at), words="She wears red.")
    assert word(house, feeds, ruled, feeds.sign(newer)) == "approved"
    assert states(house) == ["updated", "active"]


def test_no_rule_without_a_signature(house, feeds):
    source = feeds.add("Open", trust=None)
    with pytest.raises(Refused):
        feeds.rule(source)


def test_the_rows_that_a_source_acts_by_are_nobody_whom_administrators_invite(house, feeds, ruled):
    content = {"officer_id": ruled.rule_id}
    with pytest.raises(NotFound):
        administer.propose(house.services, feeds.ada, Kind.LINK, ruled.agency_id, content)
    assert house.rows(feed_source)[0].rule_id == ruled.rule_id


def test_a_deviation_of_form_alone_is_no_doubt(house, feeds, ruled):
    body = cap(house.clock()).replace(b"<area>", b"<web/><area>")
    assert word(house, feeds, ruled, feeds.sign(body)) == "approved"
    assert feeds.log(ruled)[0].line.deviations == ("web-empty",)
