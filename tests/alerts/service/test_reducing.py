"""The alert in force with less, at one person's word; whatever adds goes to a second one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cast import DENVER, FAR_AWAY

from alerts import audit, errors, reading, tables
from alerts.service import decide, reducing, steps, submit
from alerts.service.reducing import Less
from notifiers.tables import batch, notice
from notifiers.transactions import reading as reading_from

NAME = Less(("/children/0/name", "/abduction/circumstances", "/languages/1", "/texts/es"))


def planned(house) -> int:
    return sum(row.size for row in house.rows(batch))


def types(refused) -> set[str]:
    return {problem.type for problem in refused.value.problems}


def test_a_withdrawn_name_is_gone_from_all_that_people_read(house, in_force):
    left = in_force()
    done = reducing.reduce(house.services, house.submitter, left.id, NAME)
    view = reading.get_alert(house.services, house.submitter, done.id)
    assert (view.row.state, view.row.version) == ("active", 2)
    assert "Robin" not in str(view.public)
    assert "Robin" not in str(reading.public_alert(house.services, left.token))
    assert [row.over for row in house.rows(notice)] == ["superseded", None]


def test_a_smaller_area_stays_within_the_old_one_wherever_it_is_drawn(house, in_force, make_square):
    house.enrol([DENVER, (-104.91, 39.74), FAR_AWAY])
    left = in_force()
    beyond = make_square(0.1, (DENVER[0] - 0.1, DENVER[1]))  # half of it lies outside
    done = reducing.reduce(house.services, house.submitter, left.id, Less(area=beyond))
    area = reading.get_alert(house.services, house.submitter, done.id).area
    assert area.bounds[0][0] == pytest.approx(DENVER[0] - 0.1)
    assert planned(house) == 2  # both at first; nobody new


def test_the_end_can_be_brought_nearer(house, in_force):
    left, until = in_force(), (house.clock() + timedelta(hours=1)).replace(microsecond=0)
    reducing.reduce(house.services, house.submitter, left.id, Less(expires_at=until))
    assert house.rows(tables.incident)[0].expires_at == until
    assert house.rows(notice)[-1].expires_at == until


@pytest.mark.parametrize(("less", "fault"), [
    (Less(expires_at="later"), "grows.time"), (Less(), "reduce.empty"), (Less(("/nothing",)), "withdraw.unknown"),
    (Less(("/contact",)), "contact.missing"), (Less(("/children/9/name",)), "withdraw.unknown"),
])  # fmt: skip
def test_what_is_not_less_is_refused_by_name(house, in_force, less, fault):
    left = in_force()
    if less.expires_at:
        less = Less(expires_at=house.clock() + timedelta(days=2))
    with pytest.raises(errors.Refused) as refused:
        reducing.reduce(house.services, house.submitter, left.id, less)
    assert types(refused) & {fault, "missing", "abduction"} or fault == "contact.missing"
    assert len(house.rows(notice)) == 1


@pytest.mark.parametrize("kept", NAME.withdraw[1:2] + NAME.withdraw[3:])
def test_a_name_withdrawn_from_its_field_alone_is_not_left_standing_elsewhere(house, in_force, kept):
    left, less = in_force(), Less(tuple(one for one in NAME.withdraw if one != kept and "languages" not in one))
    with pytest.raises(errors.Refused) as refused:
        reducing.reduce(house.services, house.submitter, left.id, less)
    assert "withdraw.still_said" in types(refused)


def test_own_words_that_name_what_is_withdrawn_are_not_left_standing(house, in_force):
    left = in_force(
        texts={"en": {"headline": "Look out for Robin Example", "description": "Robin Example is missing."}}
    )
    with pytest.raises(errors.Refused) as refused:
        reducing.reduce(house.services, house.submitter, left.id, Less(("/children/0/name",)))
    assert "withdraw.still_said" in types(refused)


UNNAMED = {"headline": "A child is missing", "description": "Look for a girl."}  # an officer's own words
ONLY_FIELDS = Less(("/children/0/name", "/abduction/circumstances"))


@pytest.mark.parametrize("short", ["wireless_90", "wireless_360", "push_title", "push_body"])
def test_a_short_text_of_an_officer_that_names_what_is_withdrawn_is_not_left_standing(house, in_force, short):
    left = in_force(languages=["en"], texts={"en": UNNAMED | {short: "Robin Example is missing."}})
    with pytest.raises(errors.Refused) as refused:
        reducing.reduce(house.services, house.submitter, left.id, ONLY_FIELDS)
    assert types(refused) == {"withdraw.still_said"}


def test_a_name_that_a_wireless_text_spells_without_its_accents_is_not_left_standing(house, in_force, make_record):
    child = make_record()["children"][0] | {"name": "Šárka"}
    own = {"en": UNNAMED | {"wireless_90": "Sarka is missing."}}
    left = in_force(children=[child], languages=["en"], texts=own)
    with pytest.raises(errors.Refused) as refused:
        reducing.reduce(house.services, house.submitter, left.id, ONLY_FIELDS)
    assert types(refused) == {"withdraw.still_said"}


@pytest.mark.parametrize(("said", "left_standing"), [("Look for Li, a girl.", True), ("Look for a girl, li.", False)])
@pytest.mark.parametrize("name", ["Li Bo", "Li Smith"])
def test_a_name_of_two_letters_is_found_as_it_is_written(house, in_force, make_record, name, said, left_standing):
    child = make_record()["children"][0] | {"name": name}
    left = in_force(children=[child], languages=["en"], texts={"en": UNNAMED | {"push_body": said}})
    if not left_standing:
        assert reducing.reduce(house.services, house.submitter, left.id, ONLY_FIELDS)
        return
    with pytest.raises(errors.Refused) as refused:
        reducing.reduce(house.services, house.submitter, left.id, ONLY_FIELDS)
    assert types(refused) == {"withdraw.still_said"}


def test_own_words_that_do_not_name_what_is_withdrawn_may_stay(house, in_force):
    left = in_force(languages=["en"], texts={"en": UNNAMED | {"push_title": "A child is missing"}})
    done = reducing.reduce(house.services, house.submitter, left.id, ONLY_FIELDS)
    assert "Robin" not in str(reading.get_alert(house.services, house.submitter, done.id).public)


def test_what_waits_was_made_from_more_and_is_rejected(house, in_force, take):
    left = in_force()
    waiting = submit.update(house.services, house.submitter, left.id, take(case_number="EX-7"))
    reducing.reduce(house.services, house.submitter, left.id, NAME)
    assert reading.get_alert(house.services, house.approver, waiting.id).row.state == "rejected"
    with pytest.raises(errors.WrongState):
        decide.approve(house.services, house.approver, waiting.id, waiting.content_hash)


def test_the_approver_may_withdraw_too_and_the_log_says_who(house, in_force):
    left = in_force()
    reducing.reduce(house.services, house.approver, left.id, NAME)
    row = house.rows(tables.audit)[-1]
    assert (row.actor, row.action) == (f"officer:{house.approver.id}", "reduce")
    with reading_from(house.services.engine) as connection:
        assert audit.verify(connection) == 3


def test_a_stranger_withdraws_nothing(house, in_force):
    with pytest.raises(errors.NotFound):
        reducing.reduce(house.services, house.stranger, in_force().id, Less(("/children/0/name",)))


def test_every_step_that_is_offered_can_be_done_as_it_is_prepared(house, in_force):
    left = in_force()
    offered = steps.prepared(house.services, house.submitter, left.id)
    assert offered[0].action == "cancel"
    assert {"withdraw", "shorten"} <= {one.action for one in offered}
    for one in offered[1:]:
        body = dict(one.body)
        less = Less(tuple(body.get("withdraw", ())), None, body.get("expires_at") and _moment(body["expires_at"]))
        ready = reducing.prepare(house.services, house.submitter, left.id, less)
        assert dict(ready.texts) == dict(one.texts), one.says


def _moment(text: str):
    from datetime import datetime

    return datetime.fromisoformat(text)
