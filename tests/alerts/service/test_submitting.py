import pytest
from cast import DENVER, FAR_AWAY

from alerts import tables
from alerts.errors import NotAllowed, NotFound, OpenProposal, Refused, WrongState
from alerts.service import submit
from notifiers.tables import notice


def types(refused) -> set[str]:
    return {problem.type for problem in refused.value.problems}


def test_a_submission_waits_for_a_second_person(house, submitted):
    house.enrol([DENVER, DENVER, FAR_AWAY])
    left = submitted()
    assert (left.state, left.kind, left.version, left.number, left.reach) == ("pending approval", "alert", 1, 1, 2)
    assert house.rows(notice) == []


def test_the_reach_of_an_exercise_counts_only_those_enrolled_for_tests(house, submitted):
    house.enrol([DENVER], test=False)
    assert submitted().reach == 0


def test_nothing_of_the_child_is_stored_in_the_clear(house, submitted):
    submitted()
    house.services.engine.dispose()
    stored = b"".join(path.read_bytes() for path in house.services.settings.data.glob("lookout.db*"))
    for secret in (b"Robin", b"Max Example", b"EXA-417", b"EX-2026-0417", b"yellow raincoat", b"555 0117"):
        assert secret not in stored


def test_every_fault_is_named_and_nothing_is_left_behind(house, submitted):
    with pytest.raises(Refused) as refused:
        submitted(area={"same": ["006037"]}, ncic=None, attestation={"abduction": False, "imminent_danger": True})
    assert len(refused.value.problems) >= 2
    assert house.rows(tables.incident) == house.rows(tables.message) == []
    assert not [name for name in house.services.vault.names() if name.startswith("incident-")]


def test_an_area_outside_the_jurisdiction_is_refused(house, submitted):
    with pytest.raises(Refused):
        submitted(area={"same": ["049035"]})


def test_an_operator_submits_nothing(house, take):
    document = take()
    with pytest.raises(NotAllowed):
        submit.submit(house.services, house.operator, document)


def test_the_same_record_again_changes_nothing_and_says_so(house, submitted):
    identity = {"identifier": "case-1", "sent_at": house.clock().isoformat()}
    first, again = submitted(**identity), submitted(**identity)
    assert (again.replayed, again.id, first.replayed) == (True, first.id, False)
    assert len(house.rows(tables.message)) == 1


def test_another_agency_may_use_the_same_identifier(house, submitted):
    identity = {"identifier": "case-1", "sent_at": house.clock().isoformat()}
    submitted(**identity)
    left = submitted(house.stranger, area={"same": ["049035"]}, **identity)
    assert not left.replayed


def test_an_edit_makes_its_author_one_of_those_who_may_not_approve(house, submitted, take):
    left = submitted()
    submit.edit(house.services, house.approver, left.id, take(case_number="EX-2"))
    assert len(house.rows(tables.author)) == 2


def test_an_edit_changes_the_hash_that_an_approval_is_bound_to(house, submitted, take):
    left = submitted()
    edited = submit.edit(house.services, house.submitter, left.id, take(case_number="EX-2"))
    assert edited.content_hash != left.content_hash
    assert edited.id == left.id


def test_a_draft_stays_with_its_author_until_it_is_handed_in(house, take):
    left = submit.submit(house.services, house.submitter, take(), draft=True)
    assert left.state == "draft"
    assert submit.edit(house.services, house.submitter, left.id, take()).state == "pending approval"


def test_a_stranger_finds_no_alert_to_edit(house, submitted, take):
    left = submitted()
    with pytest.raises(NotFound):
        submit.edit(house.services, house.stranger, left.id, take())


def test_an_update_is_a_new_version_that_waits(house, in_force, take):
    left = in_force()
    new = submit.update(house.services, house.submitter, left.id, take(case_number="EX-2"))
    assert (new.kind, new.version, new.number, new.state) == ("update", 2, 2, "pending approval")


def test_only_one_message_waits_at_a_time(house, in_force, take, make_square):
    left = in_force()
    submit.update(house.services, house.submitter, left.id, take())
    with pytest.raises(OpenProposal):
        submit.enlarge(house.services, house.submitter, left.id, make_square(0.4))


def test_an_enlargement_keeps_the_version(house, in_force, make_square):
    left = in_force()
    wider = submit.enlarge(house.services, house.submitter, left.id, make_square(0.4))
    assert (wider.version, wider.number) == (1, 2)
    assert wider.area_digest != left.area_digest


def test_an_enlargement_that_does_not_cover_the_old_area_is_refused(house, in_force, make_square):
    left = in_force()
    with pytest.raises(Refused) as refused:
        submit.enlarge(house.services, house.submitter, left.id, make_square(0.1))
    assert types(refused) == {"area.shrinks"}


def test_what_is_not_in_force_cannot_be_enlarged(house, submitted, make_square):
    left = submitted()
    with pytest.raises(WrongState):
        submit.enlarge(house.services, house.submitter, left.id, make_square(0.4))


def test_an_update_keeps_the_status_of_its_incident(house, in_force, take):
    left = in_force()
    with pytest.raises(Refused) as refused:
        submit.update(house.services, house.submitter, left.id, take(status="Actual"))
    assert types(refused) == {"status.changed"}


def test_a_photo_of_another_alert_is_not_taken(house, submitted):
    with pytest.raises(Refused) as refused:
        submitted(photos=[{"photo_id": 1}])
    assert types(refused) == {"photo.unknown"}
