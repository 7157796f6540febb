"""Templates: what an agency's alerts begin with, changed by one officer, never holding anything of a child."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from cast import BOTH, record
from test_console import form

from alerts.agencies import Use
from alerts.errors import NotAllowed
from alerts.service import submit, templates
from alerts.service.drafting import read_document
from alerts.tables import audit

CONTENT = {
    "name": "Night desk", "contact.name": "Tip line", "contact.telephone": "+1 303 555 0100", "languages.es": "yes",
    "places": "Denver County, CO", "programme": "us-amber", "texts.en.instruction": "Call at once.",
}  # fmt: skip


@pytest.fixture
def officer(signed_in):
    return signed_in("submitter")


@pytest.fixture
def made(house) -> str:
    return templates.add(house.services, house.submitter, "Night desk", CONTENT)


def post(officer, path: str, **sent: str):
    return officer.post(path, data=sent, follow_redirects=False)


def test_a_template_is_made_and_a_new_alert_begins_with_it(officer):
    assert post(officer, "/console/templates", **CONTENT).status_code == 303
    [way] = re.findall(r'href="(/console/new\?template=[^"]+)"', officer.get("/console/new").text)
    page = officer.get(way).text
    assert 'value="+1 303 555 0100"' in page
    assert "Denver County, CO</textarea>" in page
    assert "Call at once.</textarea>" in page
    assert '<option value="us-amber" selected>' in page
    assert 'name="identifier" value=' in page


def test_only_what_may_be_in_a_template_is_kept(house, officer):
    post(officer, "/console/templates", **CONTENT, **{"children.0.name": "Quibblina", "case_number": "EX-9"})
    [found] = templates.list_own(house.services, house.submitter)
    assert set(found.values) == set(CONTENT) - {"name"}


def test_a_template_of_an_alert_holds_its_area_and_contact_and_nothing_of_the_child(house, officer):
    body = json.dumps(record(languages=["en"], texts={"en": {"instruction": "Do not approach Robin."}})).encode()
    document = read_document(house.services, house.submitter, body, "application/json")
    alert = submit.submit(house.services, house.submitter, document)
    page = officer.get(f"/console/templates/new?of={alert.id}").text
    assert "Robin" not in page
    assert record()["contact"]["telephone"] in page
    assert "Polygon" in page


def test_a_text_that_names_the_child_of_an_open_alert_is_refused(house, officer):
    body = json.dumps(record(languages=["en"], texts=None)).encode()
    document = read_document(house.services, house.submitter, body, "application/json")
    submit.submit(house.services, house.submitter, document)
    name = record()["children"][0]["name"].split()[0]
    answer = post(officer, "/console/templates", **CONTENT | {"texts.en.instruction": f"Do not approach {name}."})
    assert answer.status_code == 422
    assert "names somebody of an alert that is open" in answer.text
    assert templates.list_own(house.services, house.submitter) == []


def test_every_fault_of_a_template_stands_beside_its_field(officer, made):
    answer = post(officer, "/console/templates", name="night desk", latitude="north", places="Nowhere County")
    assert answer.status_code == 422
    assert "is no county or state we know" in answer.text
    assert 'id="latitude-fault1"' in answer.text
    taken = post(officer, "/console/templates", name="night desk", **{"contact.name": "Desk"})
    assert "There is a template of this name already." in taken.text
    assert "at least one field" in post(officer, "/console/templates", name="Empty").text


def test_of_two_who_change_it_the_second_sees_both_values(house, officer, made):
    page = officer.get(f"/console/templates/{made}").text
    sent = CONTENT | {"seen": re.findall(r'name="seen" value="(\d+)"', page)[0], "contact.name": "Mine"}
    changed = CONTENT | {"contact.name": "Theirs"}
    templates.change(house.services, house.approver, made, "Night desk", changed)
    answer = post(officer, f"/console/templates/{made}", **sent)
    assert answer.status_code == 409
    assert "Approver changed it meanwhile." in answer.text
    assert "Theirs" in answer.text
    assert "<b>Mine</b>" in answer.text
    again = sent | {"seen": re.findall(r'name="seen" value="(\d+)"', answer.text)[0]}
    assert post(officer, f"/console/templates/{made}", **again).status_code == 303
    assert templates.get(house.services, house.submitter, made).values["contact.name"] == "Mine"


@BOTH
def test_removing_takes_the_state_that_was_seen(house, officer, made):
    templates.change(house.services, house.approver, made, "Day desk", CONTENT)
    assert post(officer, f"/console/templates/{made}/remove", seen="1").status_code == 409
    assert post(officer, f"/console/templates/{made}/remove", seen="2").status_code == 303
    assert templates.list_own(house.services, house.submitter) == []


def test_the_log_says_who_and_nothing_of_its_words(house, made):
    templates.change(house.services, house.approver, made, "Day desk", CONTENT)
    templates.remove(house.services, house.submitter, made)
    rows = [row for row in house.rows(audit) if row.action.startswith("template_")]
    assert [(row.action, row.actor) for row in rows] == [
        ("template_add", f"officer:{house.submitter.id}"),
        ("template_change", f"officer:{house.approver.id}"),
        ("template_remove", f"officer:{house.submitter.id}"),
    ]
    assert "desk" not in "".join(row.detail for row in rows)


def test_another_agency_neither_sees_nor_changes_it(signed_in, made):
    stranger = signed_in("stranger")
    assert "Night desk" not in stranger.get("/console/templates").text
    assert stranger.get(f"/console/new?template={made}").status_code == 404
    assert post(stranger, f"/console/templates/{made}", **CONTENT, seen="1").status_code == 404


def test_a_drill_changes_none(house):
    with pytest.raises(NotAllowed):
        templates.add(house.services, replace(house.submitter, use=Use.DRILL), "Night desk", CONTENT)


def test_an_alert_that_began_with_a_template_still_needs_two(house, signed_in, officer, made):
    at = f"{house.clock():%Y-%m-%dT%H:%M}"
    sent = form(**{"abduction.at": at, "abduction.zone": "UTC", "programme": "us-amber"})
    answer = post(officer, "/console/new", **sent)
    path = answer.headers["location"].partition("?")[0]
    assert "Nobody approves what they wrote themselves." in officer.get(path).text
