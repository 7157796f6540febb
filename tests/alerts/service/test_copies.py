"""Forms that keep themselves: found again, sealed, closed by what stores them, forgotten after a day."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cast import BOTH, record
from sqlalchemy import update

from alerts.agencies import Use
from alerts.console_tables import working_copy
from alerts.errors import Conflict, FourEyes, NotFound, Over, Refused
from alerts.schedule import Schedule
from alerts.service import copies, decide, editing, end, submit
from alerts.service.copies import Typed
from alerts.service.drafting import read_document
from notifiers.transactions import writing

FORM, OTHER = "a" * 24, "b" * 24
SAID = {"children.0.name": "Quibblina", "identifier": FORM, "seen": "x.1"}


def waiting(house, **changes):
    body = json.dumps(record(languages=["en"], texts=None, **changes)).encode()
    document = read_document(house.services, house.submitter, body, "application/json")
    return submit.submit(house.services, house.submitter, document)


def own_keys(house) -> list[str]:
    return [name for name in house.services.vault.names() if name.startswith("copy-")]


@BOTH
def test_what_was_typed_is_found_again_with_its_photos(house):
    copies.keep(house.services, house.submitter, FORM, Typed(SAID, [b"jpeg"]))
    copies.keep(house.services, house.submitter, FORM, Typed(SAID | {"case_number": "EX-7"}))
    [found] = copies.list_kept(house.services, house.submitter)
    assert found.values == SAID | {"case_number": "EX-7"}
    assert found.photos == (b"jpeg",)


def test_nobody_else_finds_it_and_no_drill_outside_of_it(house):
    drilling = replace(house.submitter, use=Use.DRILL)
    copies.keep(house.services, drilling, FORM, Typed(SAID))
    assert copies.list_kept(house.services, house.submitter) == []
    assert copies.find(house.services, house.submitter, FORM) is None
    assert copies.find(house.services, house.approver, FORM) is None
    assert copies.find(house.services, drilling, FORM) is not None


def test_nothing_of_it_lies_open_in_any_file_and_closing_it_destroys_its_key(house):
    copies.keep(house.services, house.submitter, FORM, Typed(SAID, [b"Quibblina"]))
    files = [path for path in Path(house.services.settings.data).rglob("*") if path.is_file()]
    assert not [path.name for path in files if b"Quibblina" in path.read_bytes()]
    assert len(own_keys(house)) == 1
    copies.close(house.services, house.submitter, FORM)
    assert own_keys(house) == []
    assert house.rows(working_copy)[0].sealed is None


def test_what_comes_after_it_was_closed_is_refused_also_where_nothing_was_kept_before(house):
    copies.close(house.services, house.submitter, FORM)
    with pytest.raises(Conflict):
        copies.keep(house.services, house.submitter, FORM, Typed(SAID))
    assert copies.list_kept(house.services, house.submitter) == []
    assert own_keys(house) == []


def test_a_submission_closes_its_form_and_a_refused_one_leaves_it(house):
    copies.keep(house.services, house.submitter, FORM, Typed(SAID))
    with pytest.raises(Refused), copies.submitting(house.services, house.submitter, FORM):
        waiting(house, case_number="x" * 5000)
    assert len(copies.list_kept(house.services, house.submitter)) == 1
    with copies.submitting(house.services, house.submitter, FORM):
        waiting(house)
    assert copies.list_kept(house.services, house.submitter) == []
    assert own_keys(house) == []


@BOTH
def test_a_form_that_is_open_in_two_windows_is_not_overwritten_by_the_older(house):
    first = copies.keep(house.services, house.submitter, FORM, Typed(SAID))
    copies.keep(house.services, house.submitter, FORM, Typed(SAID | {"case_number": "EX-8"}, since=first))
    with pytest.raises(Conflict):
        copies.keep(house.services, house.submitter, FORM, Typed(SAID | {"case_number": "EX-9"}, since=first))
    [found] = copies.list_kept(house.services, house.submitter)
    assert found.values["case_number"] == "EX-8"


def test_a_form_that_is_none_of_ours_is_refused(house):
    with pytest.raises(Refused):
        copies.keep(house.services, house.submitter, "../x", Typed(SAID))


def test_after_a_day_it_is_forgotten_with_its_key(house):
    copies.keep(house.services, house.submitter, FORM, Typed(SAID))
    house.clock.pass_time(hours=23)
    assert copies.expire(house.services) == 0
    house.clock.pass_time(hours=2)
    assert copies.list_kept(house.services, house.submitter) == []
    assert copies.expire(house.services) == 1
    assert own_keys(house) == []
    assert house.rows(working_copy) == []


def test_the_server_forgets_them_by_itself(house):
    copies.keep(house.services, house.submitter, FORM, Typed(SAID))
    house.clock.pass_time(hours=25)
    Schedule(house.services).expire_copies()
    assert house.rows(working_copy) == []


def test_the_key_of_a_closed_one_that_a_crash_left_is_destroyed_by_the_sweep(house):
    copies.keep(house.services, house.submitter, FORM, Typed(SAID))
    with writing(house.services.engine) as connection:
        connection.execute(update(working_copy).values(closed_at=house.clock(), sealed=None))
    copies.expire(house.services)
    assert own_keys(house) == []
    assert len(house.rows(working_copy)) == 1  # a late keeping is still refused


def test_changes_of_an_alert_go_with_the_alert(house):
    alert = waiting(house)
    copies.keep(house.services, house.submitter, FORM, Typed(SAID), alert.id)
    assert own_keys(house) == []
    end.cancel(house.services, house.approver, alert.id)
    with pytest.raises(Over):
        copies.list_kept(house.services, house.submitter, alert.id)
    assert copies.expire(house.services) == 1


def test_changes_of_another_agencys_alert_are_nobodys_to_keep(house):
    alert = waiting(house)
    with pytest.raises(NotFound):
        copies.keep(house.services, house.stranger, FORM, Typed(SAID), alert.id)


def test_of_many_the_oldest_goes(house):
    for number in range(copies.MOST + 2):
        house.clock.pass_time(seconds=1)
        copies.keep(house.services, house.submitter, f"{number:024x}", Typed(SAID))
    found = [copy.form for copy in copies.list_kept(house.services, house.submitter)]
    assert len(found) == copies.MOST
    assert f"{0:024x}" not in found


def shown(one) -> dict[str, str]:
    return {"case_number": one.get("case_number", ""), "children.0.hair": one["children"][0].get("hair", "")}


def look(house, who, alert, form):
    return editing.look(house.services, who, alert.id, form, shown)


@BOTH
def test_two_officers_see_each_other_and_what_each_typed(house):
    alert = waiting(house)
    assert look(house, house.submitter, alert, FORM).others == ()
    look(house, house.approver, alert, OTHER)
    typed = shown(record()) | {"children.0.hair": "short red hair"}
    copies.keep(house.services, house.approver, OTHER, Typed(typed), alert.id)
    [other] = look(house, house.submitter, alert, FORM).others
    assert (other.who, other.here, dict(other.typed)) == ("Approver", True, {"children.0.hair": "short red hair"})


def test_who_left_is_gone_and_what_they_typed_is_not(house):
    alert = waiting(house)
    look(house, house.approver, alert, OTHER)
    look(house, house.submitter, alert, FORM)
    house.clock.pass_time(minutes=1)
    assert look(house, house.submitter, alert, FORM).others == ()
    typed = shown(record()) | {"case_number": "EX-9"}
    copies.keep(house.services, house.approver, OTHER, Typed(typed), alert.id)
    house.clock.pass_time(minutes=1)
    [other] = look(house, house.submitter, alert, FORM).others
    assert (other.here, dict(other.typed)) == (False, {"case_number": "EX-9"})


def test_what_was_stored_meanwhile_is_told_field_by_field(house):
    alert = waiting(house)
    before = look(house, house.submitter, alert, FORM)
    body = json.dumps(record(languages=["en"], texts=None, case_number="EX-2")).encode()
    changed = read_document(house.services, house.approver, body, "application/json")
    submit.edit(house.services, house.approver, alert.id, changed)
    after = look(house, house.submitter, alert, FORM)
    assert dict(after.stored) == {"case_number": "EX-2"}
    assert after.tag != before.tag


def test_whose_words_were_taken_over_cannot_approve_them(house):
    """Also where they discard them before the other submits: else two persons would be one."""
    alert = waiting(house)
    look(house, house.approver, alert, OTHER)
    typed = shown(record()) | {"children.0.hair": "short red hair"}
    copies.keep(house.services, house.approver, OTHER, Typed(typed), alert.id)
    copies.keep(house.services, house.submitter, FORM, Typed(typed), alert.id)
    copies.close(house.services, house.approver, OTHER)
    wrote = copies.co_authors(house.services, house.submitter, alert.id, FORM, typed)
    assert wrote == {house.approver.id}
    body = json.dumps(record(languages=["en"], texts=None, case_number="EX-2")).encode()
    document = read_document(house.services, house.submitter, body, "application/json")
    left = submit.edit(house.services, house.submitter, alert.id, document, co_authors=wrote)
    with pytest.raises(FourEyes):
        decide.approve(house.services, house.approver, alert.id, left.content_hash)


def test_who_typed_something_else_is_no_author(house):
    alert = waiting(house)
    look(house, house.approver, alert, OTHER)
    copies.keep(house.services, house.approver, OTHER, Typed(shown(record()) | {"case_number": "EX-9"}), alert.id)
    mine = shown(record()) | {"children.0.hair": "short red hair"}
    assert copies.co_authors(house.services, house.submitter, alert.id, FORM, mine) == frozenset()
