"""One thing of an alert set right from its page: every other word stays, and a second officer approves it."""

from __future__ import annotations

import json
import re

import pytest

from alerts import reading
from alerts.service import decide, end, submit
from alerts.service.drafting import read_document


@pytest.fixture
def let_go(house, make_record):
    def done(**changes):
        document = json.dumps(make_record(**changes)).encode()
        draft = read_document(house.services, house.submitter, document, "application/json")
        left = submit.submit(house.services, house.submitter, draft)
        decide.approve(house.services, house.approver, left.id, left.content_hash)
        return left

    return done


@pytest.fixture
def correct(signed_in):
    officer = signed_in("submitter")

    def sent(alert, what, text):
        path = f"/console/alerts/{alert.id}"
        form = officer.get(path).text.partition(f'action="{path}/correct')[2].partition("</form>")[0]
        seen = re.search(r'name="seen" value="([^"]*)"', form)[1]
        return officer.post(f"{path}/correct", data={"seen": seen, "what": what, "text": text}, follow_redirects=False)

    return sent


def record_of(house, answer):
    alert_id = answer.headers["location"].rpartition("/")[2].partition("?")[0]
    view = reading.get_alert(house.services, house.submitter, alert_id)
    return view.row.state, view.record


def test_one_thing_is_set_right_all_else_stays_and_it_waits_for_a_second_officer(house, let_go, correct):
    alert = let_go()
    before = reading.get_alert(house.services, house.submitter, alert.id).record
    answer = correct(alert, "children.0.hair", "red hair")
    assert answer.status_code == 303
    state, after = record_of(house, answer)
    assert (state, after["children"][0].pop("hair")) == ("pending approval", "red hair")
    before["children"][0].pop("hair", None)
    assert {**before, "identifier": "", "sent_at": ""} == {**after, "identifier": "", "sent_at": ""}


def test_what_it_says_now_is_offered_and_no_attestation_or_area_is(let_go, signed_in):
    page = signed_in("submitter").get(f"/console/alerts/{let_go().id}").text
    offered = re.findall(r'<option value="((?:children|abduction|contact|area|attestation)[^"]*)"', page)
    assert "children.0.name" in offered
    assert "contact.telephone" in offered
    assert not [name for name in offered if name.startswith(("area", "attestation")) or "point" in name]


@pytest.mark.parametrize(("what", "text"), [("", "x"), ("attestation.abduction", ""), ("children.9.name", "x")])
def test_what_cannot_be_corrected_is_said_beside_the_field(let_go, correct, what, text):
    answer = correct(let_go(), what, text)
    assert (answer.status_code, "Choose what is to be corrected." in answer.text) == (422, True)


def test_a_wrong_word_that_stands_in_a_sentence_too_is_shown_and_nothing_is_asked_for(house, let_go, correct):
    alert = let_go(
        texts={"en": {"headline": "Missing child", "description": "Look for the one with short brown hair."}}
    )
    hair = reading.get_alert(house.services, house.submitter, alert.id).record["children"][0]["hair"]
    answer = correct(alert, "children.0.hair", "red hair")
    assert (hair in answer.text, f"This still says “{hair}”." in answer.text) == (True, True)
    assert len(reading.get_alert(house.services, house.submitter, alert.id).history) == 1


def test_a_new_word_at_fault_is_shown_beside_its_field(let_go, correct):
    answer = correct(let_go(), "contact.telephone", "call us")
    assert answer.status_code == 422
    assert "Update what people are told" in answer.text or "Update" in answer.text


def test_an_alert_without_a_record_or_over_offers_nothing(house, let_go, signed_in):
    alert = let_go()
    end.cancel(house.services, house.submitter, alert.id)
    assert "Correct one thing" not in signed_in("submitter").get(f"/console/alerts/{alert.id}").text
