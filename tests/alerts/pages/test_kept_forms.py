"""A form that keeps itself, on the pages: found again, gone on with, discarded; and what two officers see of each other."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from test_console import form
from visitors import picture

from alerts.agencies import end_session
from alerts.api.access import COOKIE
from notifiers.transactions import writing


def name_of(page: str) -> str:
    return re.findall(r'name="identifier" value="([0-9a-f]{24})"', page)[0]


def keep(officer: Any, page: str, **typed: str) -> str:
    """As the page's script does; the form's name."""
    sent = {"identifier": name_of(page), "alert": "", **{k.replace("__", "."): v for k, v in typed.items()}}
    answer = officer.post("/console/copies", data=sent)
    assert answer.status_code == 200, answer.text
    return sent["identifier"]


def test_what_was_typed_with_all_its_faults_is_offered_on_another_device_and_gone_on_with(signed_in):
    officer = signed_in("submitter")
    name = keep(officer, officer.get("/console/new").text, case_number="EX-7", children__0__age="seven")
    officer.post("/signout")
    later = signed_in("submitter")
    for page in (later.get("/console").text, later.get("/console/new").text):
        assert "was kept</h2>" in page
        assert "A new alert (EX-7)" in page
        assert f'href="/console/new?copy={name}"' in page
    again = later.get(f"/console/new?copy={name}").text
    assert 'name="case_number" type="text" value="EX-7"' in again
    assert 'value="seven"' in again
    assert "It was not submitted." in again
    assert name_of(again) == name


def test_a_child_is_not_named_where_kept_forms_are_listed(signed_in):
    officer = signed_in("submitter")
    keep(officer, officer.get("/console/new").text, children__0__name="Quibblina")
    assert "Quibblina" not in officer.get("/console").text + officer.get("/console/new").text


def test_starting_anew_forgets_it(house, signed_in):
    officer = signed_in("submitter")
    name = keep(officer, officer.get("/console/new").text, case_number="EX-7")
    sent = {"back": "/console/new"}
    answer = officer.post(f"/console/copies/{name}/discard", data=sent, follow_redirects=False)
    assert answer.headers["location"] == "/console/new"
    assert "was kept" not in officer.get("/console/new").text
    assert officer.get(f"/console/new?copy={name}").status_code == 404
    assert not [key for key in house.services.vault.names() if key.startswith("copy-")]


def test_a_discard_leads_nowhere_else(signed_in):
    officer = signed_in("submitter")
    name = keep(officer, officer.get("/console/new").text, case_number="EX-7")
    sent = {"back": "//elsewhere.example"}
    answer = officer.post(f"/console/copies/{name}/discard", data=sent, follow_redirects=False)
    assert answer.headers["location"] == "/console"


def test_a_refused_form_is_kept_with_its_photo_also_without_script(signed_in):
    officer = signed_in("submitter")
    name = name_of(officer.get("/console/new").text)
    sent = form(identifier=name, case_number="")
    answer = officer.post("/console/new", data=sent, files={"photos": ("p.jpg", picture(), "image/jpeg")})
    assert answer.status_code == 422
    again = signed_in("submitter").get(f"/console/new?copy={name}").text
    assert 'value="Robin Example"' in again
    assert 'name="held.u0"' in again


def test_a_submission_is_offered_no_more_and_what_comes_late_is_refused(house, signed_in):
    officer, at = signed_in("submitter"), f"{house.clock():%Y-%m-%dT%H:%M}"
    page = officer.get("/console/new").text
    name = keep(officer, page, case_number="EX-7")
    sent = form(identifier=name, **{"abduction.at": at, "abduction.zone": "UTC"})
    assert officer.post("/console/new", data=sent, follow_redirects=False).status_code == 303
    assert "was kept" not in officer.get("/console/new").text
    late = officer.post("/console/copies", data={"identifier": name, "case_number": "EX-7"})
    assert late.status_code == 409


def test_a_session_that_ended_is_told_so(house, signed_in):
    officer = signed_in("submitter")
    page = officer.get("/console/new").text
    with writing(house.services.engine) as connection:
        end_session(connection, officer.cookies[COOKIE], house.clock())
    answer = officer.post("/console/copies", data={"identifier": name_of(page)}, headers={"accept": "application/json"})
    assert answer.status_code == 401


@pytest.fixture
def alert(house, signed_in) -> str:
    """The path of an alert that waits."""
    at = f"{house.clock():%Y-%m-%dT%H:%M}"
    sent = form(**{"abduction.at": at, "abduction.zone": "UTC"})
    answer = signed_in("submitter").post("/console/new", data=sent, follow_redirects=False)
    return answer.headers["location"].partition("?")[0]


def fields(page: str) -> dict[str, str]:
    """The form as a browser would send it back."""
    from test_console_stale import typed

    return {name: unescape(text) for name, text in typed(page).items()}


def look(officer: Any, alert: str, page: str) -> Any:
    mine = {"form": name_of(page), "alert": alert.rpartition("/")[2], "seen": fields(page)["seen"]}
    answer = officer.post("/console/editing/live.json", data=mine)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_changes_of_an_alert_are_offered_on_its_page_and_on_its_form(signed_in, alert):
    officer = signed_in("submitter")
    page = officer.get(alert + "/edit").text
    typed = fields(page) | {"children.0.hair": "short red hair", "alert": alert.rpartition("/")[2]}
    assert officer.post("/console/copies", data=typed).status_code == 200
    way = f'href="{alert}/edit?copy={name_of(page)}"'
    assert way in officer.get(alert).text
    assert way in officer.get(alert + "/edit").text
    again = officer.get(f"{alert}/edit?copy={name_of(page)}").text
    assert "short red hair" in again
    assert signed_in("approver").get(f"{alert}/edit?copy={name_of(page)}").status_code == 404


def test_an_untouched_form_differs_in_nothing(signed_in, alert):
    one, other = signed_in("submitter"), signed_in("approver")
    mine, theirs = one.get(alert + "/edit").text, other.get(alert + "/edit").text
    look(other, alert, theirs)
    other.post("/console/copies", data=fields(theirs) | {"alert": alert.rpartition("/")[2]})
    found = look(one, alert, mine)
    assert [(who["who"], who["here"]) for who in found["people"]] == [("Approver", True)]
    assert found["fields"] == []
    assert found["told"] == []


def test_two_on_one_alert_see_what_the_other_types_and_who_took_it_over_did_not_write_alone(signed_in, alert):
    one, other = signed_in("submitter"), signed_in("approver")
    mine, theirs = one.get(alert + "/edit").text, other.get(alert + "/edit").text
    look(other, alert, theirs)
    typed = {"children.0.hair": "short red hair", "alert": alert.rpartition("/")[2]}
    other.post("/console/copies", data=fields(theirs) | typed)
    [field] = look(one, alert, mine)["fields"]
    assert field == {
        "name": "children.0.hair", "label": "The child: Hair", "text": "short red hair", "who": "Approver", "stored": False,
    }  # fmt: skip
    sent = fields(mine) | {"children.0.hair": field["text"]}
    assert one.post(alert + "/edit", data=sent, follow_redirects=False).status_code == 303
    [written] = re.findall(r"Written by ([^.]*)", one.get(alert).text)
    assert set(written.split(", ")) == {"Submitter", "Approver"}


def test_what_was_stored_meanwhile_is_told_with_who_did_it(signed_in, alert):
    one, other = signed_in("submitter"), signed_in("approver")
    mine, theirs = one.get(alert + "/edit").text, other.get(alert + "/edit").text
    look(one, alert, mine)
    sent = fields(theirs) | {"case_number": "EX-2"}
    assert other.post(alert + "/edit", data=sent, follow_redirects=False).status_code == 303
    found = look(one, alert, mine)
    assert found["told"] == ["Approver edited it."]
    assert [(one["label"], one["text"], one["stored"]) for one in found["fields"]] == [("Case number", "EX-2", True)]
    again = one.post(alert + "/edit", data=fields(mine), follow_redirects=False)
    assert again.status_code == 409  # nothing is overwritten unasked
    chosen = fields(mine) | {"seen": found["seen"]}
    assert one.post(alert + "/edit", data=chosen, follow_redirects=False).status_code == 303


def test_a_stranger_sees_nobody(signed_in, alert):
    mine = {"form": "a" * 24, "alert": alert.rpartition("/")[2]}
    assert signed_in("stranger").post("/console/editing/live.json", data=mine).status_code == 404
