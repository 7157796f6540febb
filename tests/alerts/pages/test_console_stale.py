"""Forms that come too late: refused, with what happened meanwhile and by whom, and with all that was typed."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from cast import record
from visitors import seen

from alerts import reading
from alerts.pages.meanwhile import in_words
from alerts.service import decide, end, submit
from alerts.service.acts import Act
from alerts.service.drafting import read_document


def intake(house, who: Any, **changes: Any) -> Any:
    body = json.dumps(record(languages=["en"], texts=None, **changes)).encode()
    return read_document(house.services, who, body, "application/json")


@pytest.fixture
def waiting(house) -> Any:
    """An alert that waits for its approval."""
    return submit.submit(house.services, house.submitter, intake(house, house.submitter))


@pytest.fixture
def active(house, waiting) -> Any:
    decide.approve(house.services, house.approver, waiting.id, waiting.content_hash)
    return waiting


def typed(page: str) -> dict[str, str]:
    """The form as a browser would send it back: inputs and selects (the first option where none is chosen)."""
    inputs = re.findall(r'<input [^>]*name="([^"]+)"[^>]*?value="([^"]*)"(?![^>]*type="checkbox")', page)
    ticked = re.findall(r'<input type="checkbox" [^>]*name="([^"]+)" value="([^"]*)" checked>', page)
    chosen = re.findall(r'<select id="([^"]+)"(?:(?!</select>).)*?<option value="([^"]*)" selected', page, re.DOTALL)
    zone = re.findall(r'<select name="([^"]+)"(?:(?!</select>).)*?<option value="([^"]*)" selected', page, re.DOTALL)
    long = re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>([^<]*)<', page)
    boxes = set(re.findall(r'<input type="checkbox" [^>]*name="([^"]+)"', page))
    plain = {name: text for name, text in inputs if name not in boxes}
    return {name: text.replace("&#34;", '"') for name, text in [*plain.items(), *ticked, *chosen, *zone, *long]}


@pytest.mark.parametrize("act", ["return", "reject"])
def test_what_was_edited_meanwhile_is_not_turned_down_and_the_note_stays(house, signed_in, waiting, act):
    officer, path = signed_in("approver"), f"/console/alerts/{waiting.id}"
    sent = {"note": "Which colour?"} | seen(officer, path)
    submit.edit(house.services, house.submitter, waiting.id, intake(house, house.submitter, case_number="EX-2"))
    answer = officer.post(f"{path}/{act}", data=sent, follow_redirects=False)
    assert answer.status_code == 409
    assert f"{house.submitter.name} edited it." in answer.text
    assert "Which colour?</textarea>" in answer.text
    assert reading.get_alert(house.services, house.submitter, waiting.id).row.state == "pending approval"


def test_an_approval_of_what_is_not_there_any_more_is_refused_with_who_changed_it(house, signed_in, waiting):
    officer, path = signed_in("approver"), f"/console/alerts/{waiting.id}"
    sent = seen(officer, path) | {"content_hash": waiting.content_hash, "reach": "0", "reason": "Seen there."}
    submit.edit(house.services, house.submitter, waiting.id, intake(house, house.submitter, case_number="EX-2"))
    answer = officer.post(f"{path}/approve", data=sent, follow_redirects=False)
    assert answer.status_code == 409
    assert "edited it." in answer.text


def test_who_meant_to_withdraw_what_was_approved_meanwhile_does_not_end_the_search(house, signed_in, waiting):
    officer, path = signed_in("submitter"), f"/console/alerts/{waiting.id}"
    shown = officer.get(path).text.partition(f'action="{path}/cancel')[2].partition("</form>")[0]
    [sent] = re.findall(r'name="seen" value="([^"]+)"', shown)
    decide.approve(house.services, house.approver, waiting.id, waiting.content_hash)
    answer = officer.post(f"{path}/cancel", data={"seen": sent}, follow_redirects=False)
    assert (answer.status_code, f"{house.approver.name} approved it." in answer.text) == (409, True)
    assert reading.get_alert(house.services, house.submitter, waiting.id).row.state == "active"


def test_what_is_on_the_air_is_ended_whatever_happened_meanwhile(house, signed_in, active):
    officer, path = signed_in("submitter"), f"/console/alerts/{active.id}"
    sent = typed(officer.get(path).text.partition(f'action="{path}/cancel')[2].partition("</form>")[0])
    submit.submit(house.services, house.submitter, intake(house, house.submitter, case_number="EX-9"))
    submit.update(house.services, house.submitter, active.id, intake(house, house.submitter, case_number="EX-2"))
    assert officer.post(f"{path}/cancel", data=sent, follow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    "act", ["approve", "return", "reject", "ask", "repeat", "reduce", "enlarge", "extend", "edit", "update"]
)
def test_a_form_that_does_not_say_what_its_page_showed_does_nothing(house, signed_in, active, waiting, act):
    house.clock.pass_time(hours=2)
    before = reading.get_alert(house.services, house.submitter, active.id).tag
    sent = {
        "note": "No.",
        "content_hash": waiting.content_hash,
        "reach": "0",
        "places": "Adams County, CO",
        "hours": "2",
    }
    who = "approver" if act in {"approve", "return", "reject"} else "submitter"
    officer = signed_in(who)
    if act in {"edit", "update"}:
        sent = typed(officer.get(f"/console/alerts/{active.id}/update").text) | {"seen": ""}
    assert officer.post(f"/console/alerts/{active.id}/{act}", data=sent, follow_redirects=False).status_code == 409
    assert reading.get_alert(house.services, house.submitter, active.id).tag == before


def test_of_two_who_edit_the_second_sees_what_the_first_wrote_beside_their_own(house, signed_in, waiting):
    officer, path = signed_in("submitter"), f"/console/alerts/{waiting.id}/edit"
    sent = typed(officer.get(path).text) | {"children.0.hair": "short red hair"}
    submit.edit(house.services, house.approver, waiting.id, intake(house, house.approver, case_number="EX-2"))
    answer = officer.post(path, data=sent, follow_redirects=False)
    assert answer.status_code == 409
    assert f"{house.approver.name} edited it." in answer.text
    assert '<dt>Case number</dt><dd><span class="fine">Now:</span> EX-2</dd>' in answer.text
    assert "<b>short red hair</b>" in answer.text
    again = officer.post(path, data=typed(answer.text), follow_redirects=False)
    assert again.status_code == 303
    assert "short red hair" in officer.get(path).text


def test_what_was_approved_while_it_was_edited_goes_on_as_its_update(house, signed_in, waiting):
    officer, path = signed_in("submitter"), f"/console/alerts/{waiting.id}/edit"
    sent = typed(officer.get(path).text) | {"children.0.hair": "short red hair"}
    decide.approve(house.services, house.approver, waiting.id, waiting.content_hash)
    answer = officer.post(path, data=sent, follow_redirects=False)
    assert f"{house.approver.name} approved it." in answer.text
    assert f'action="/console/alerts/{waiting.id}/update?once=' in answer.text
    assert "short red hair" in answer.text


def test_a_larger_area_for_what_ended_meanwhile_is_refused(house, signed_in, active):
    officer, path = signed_in("submitter"), f"/console/alerts/{active.id}"
    sent = {"places": "Adams County, CO"} | seen(officer, path)
    end.cancel(house.services, house.approver, active.id)
    assert officer.post(path + "/enlarge", data=sent, follow_redirects=False).status_code in {404, 409}


def test_asked_twice_from_one_page_the_second_is_told_that_they_did_it_themselves(house, signed_in):
    left = submit.submit(house.services, house.submitter, intake(house, house.submitter), draft=True)
    officer, path = signed_in("submitter"), f"/console/alerts/{left.id}"
    sent = seen(officer, path)
    assert officer.post(path + "/ask", data=sent, follow_redirects=False).status_code == 303
    assert "You asked for the approval." in officer.post(path + "/ask", data=sent, follow_redirects=False).text


def test_every_act_that_is_logged_has_words_of_its_own(house):
    at = house.clock()
    logged = ("submit", "edit", "enlarge", "ask", "approve", "return", "reject", "reduce", "repeat", "cancel")
    said = [one.words for one in in_words([Act(name, "Rae", at) for name in logged])]
    assert len(set(said)) == len(logged)
    assert "Rae changed it." not in said
    assert "lapsed" in in_words([Act("lapse", None, at)])[0].words
