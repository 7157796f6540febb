"""What a test key made is never sent; a drill and the real thing do not see each other."""

import json
from dataclasses import replace

import pytest
from cast import BOTH, DENVER, record
from sqlalchemy import update

from alerts import agencies, reading
from alerts.agencies import Use
from alerts.errors import NotFound, Refused
from alerts.service import decide, languages, submit
from alerts.service.drafting import read_document
from alerts.settings import Mode
from alerts.tables import agency, incident
from alerts.tables import house as house_row
from alerts.worlds import NeverSent
from notifiers import fanout, ledger, notices
from notifiers.tables import batch, notice
from notifiers.transactions import writing


def made(house, officer, **changes):

    body = json.dumps(record(**changes)).encode()
    return submit.submit(house.services, officer, read_document(house.services, officer, body, "application/json"))


def as_(officer, use):
    return replace(officer, use=use)


@pytest.fixture
def live(house):
    """The same house as a live one."""
    services = house.services
    house.services = replace(services, settings=replace(services.settings, mode=Mode.LIVE))
    with writing(services.engine) as connection:
        connection.execute(update(house_row).values(mode="live"))
    languages.switch(house.services, house.operator, "es", on=True)  # the example is in English and Spanish
    return house


def go_live(house, *, yes: bool = True):
    with writing(house.services.engine) as connection:
        connection.execute(update(agency).values(live=yes))


def test_what_a_test_key_made_is_never_approved_even_after_the_agency_goes_live(live):
    live.enrol([DENVER])
    go_live(live, yes=False)
    left = made(live, as_(live.submitter, Use.TEST), status="Actual")
    go_live(live)
    with pytest.raises(NotFound):  # to whoever does real work it does not exist
        decide.approve(live.services, live.approver, left.id, left.content_hash)
    for use in (Use.DRILL, Use.TEST):
        with pytest.raises(NeverSent):
            decide.approve(live.services, as_(live.approver, use), left.id, left.content_hash)
    assert live.rows(notice) == []
    assert [row.state for row in reading.list_alerts(live.services, as_(live.approver, Use.DRILL))] == [
        "pending approval"
    ]


def test_an_edit_with_a_real_key_does_not_make_it_real(house):
    left = made(house, as_(house.submitter, Use.TEST))
    body = read_document(house.services, house.submitter, json.dumps(record()).encode(), "application/json")
    again = submit.edit(house.services, house.submitter, left.id, body)  # a sandbox shows all of it
    with pytest.raises(NeverSent):
        decide.approve(house.services, house.approver, again.id, again.content_hash)
    assert [row.test for row in house.rows(incident)] == [True]


@BOTH
def test_a_notice_of_it_would_not_be_planned_either(house, in_force_notice):
    """Were the freeze passed all the same: planning, arrivals and claiming refuse it by its row."""
    people = house.enrol([DENVER])
    with writing(house.services.engine) as connection:
        connection.execute(update(notice).values(test=True))
    ids = [one.recipient_id for one in people]
    services = house.services
    assert fanout.run(services.engine, services.vault, services.index, in_force_notice).planned == 0
    assert fanout.plan_for(services.engine, in_force_notice, ids) == 0
    with writing(services.engine) as connection:
        assert notices.due_for_fanout(connection) == []
        assert ledger.plan_once(connection, in_force_notice, None) is None
    assert house.rows(batch) == []


@pytest.fixture
def in_force_notice(house):
    house.services = replace(house.services, fan_out=lambda _notice: None)
    left = made(house, house.submitter)
    return decide.approve(house.services, house.approver, left.id, left.content_hash).notice_id


def test_a_real_message_with_the_identity_of_a_test_is_no_replay(house):
    same = {"identifier": "EX-77", "sent_at": record()["abduction"]["at"]}
    test = made(house, as_(house.submitter, Use.TEST), **same)
    real = made(house, house.submitter, **same)
    assert not real.replayed
    assert made(house, as_(house.submitter, Use.TEST), **same).replayed
    assert test.id != real.id


@pytest.mark.parametrize(
    ("use", "status", "fault"),
    [(Use.LIVE, "Exercise", "status.live"), (Use.DRILL, "Actual", "status.drill")],
)
def test_in_a_live_house_each_credential_makes_only_its_own(live, use, status, fault):
    with pytest.raises(Refused) as refused:
        made(live, as_(live.submitter, use), status=status)
    assert fault in {problem.type for problem in refused.value.problems}


def test_drill_and_live_do_not_see_each_other(live):
    drill, real = as_(live.submitter, Use.DRILL), live.submitter
    one = made(live, drill, status="Exercise").id
    two = made(live, real, status="Actual").id
    assert [row.id for row in reading.list_alerts(live.services, drill)] == [one]
    assert [row.id for row in reading.list_alerts(live.services, real)] == [two]
    for officer, hidden in ((drill, two), (real, one)):
        with pytest.raises(NotFound):
            reading.get_alert(live.services, officer, hidden)


def test_an_agency_that_is_not_live_makes_nothing_real(live):
    go_live(live, yes=False)
    officer = replace(live.submitter, agency=replace(live.submitter.agency, live=False))
    with pytest.raises(Refused) as refused:
        made(live, officer, status="Actual")
    assert "agency.not_live" in {problem.type for problem in refused.value.problems}


def test_a_drill_reaches_only_recipients_enrolled_for_tests(live):
    live.enrol([DENVER], test=False)
    [trained] = live.enrol([DENVER], test=True)
    left = made(live, as_(live.submitter, Use.DRILL), status="Exercise")
    assert left.reach == 1
    decide.approve(live.services, as_(live.approver, Use.DRILL), left.id, left.content_hash)
    assert sum(row.size for row in live.rows(batch)) == 1
    assert trained.recipient_id


@pytest.mark.parametrize("use", list(Use))
def test_only_a_real_credential_operates_and_no_key_administers(house, use):
    from alerts.agencies import Role

    now = house.clock()
    with writing(house.services.engine) as connection:
        person = agencies.add_officer(connection, name="All", roles=set(Role), agency=house.submitter.agency, now=now)
        found = agencies.find_by_key(connection, agencies.issue_key(connection, person.id, now, use=use), now)
    assert found.use is use
    assert Role.ADMINISTER not in found.roles
    assert found.may(Role.OPERATE) is (use is Use.LIVE)
