"""The forms on an alert's own page that enlarge and shrink its area keep themselves as the long ones do."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from cast import DENVER, record
from visitors import seen

from alerts.service import decide, submit
from alerts.service.drafting import read_document


@pytest.fixture
def path(house) -> str:
    """The page of an alert in force."""
    body = json.dumps(record()).encode()
    intake = read_document(house.services, house.submitter, body, "application/json")
    left = submit.submit(house.services, house.submitter, intake)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    return f"/console/alerts/{left.id}"


def form_of(page: str, step: str) -> dict[str, str]:
    """The hidden fields of one of the two, as its page gave them."""
    [form] = re.findall(rf"<form [^>]*/{step}(?:\?once=[^\"]*)?\" (.*?)</form>", page, re.DOTALL)
    return dict(re.findall(r'name="(identifier|step|seen)" value="([^"]*)"', form))


def keep(officer: Any, path: str, step: str, **typed: str) -> dict[str, str]:
    sent = form_of(officer.get(path).text, step) | typed
    answer = officer.post("/console/copies", data=sent | {"alert": path.rpartition("/")[2], "since": ""})
    assert answer.status_code == 200, answer.text
    return sent


def test_a_larger_area_is_offered_on_the_alert_s_page_and_gone_on_with(signed_in, path):
    officer = signed_in("submitter")
    form = keep(officer, path, "enlarge", around="Boulder, CO", radius="fifty")["identifier"]
    page = signed_in("submitter").get(path).text
    assert "A larger area." in page
    assert f'href="{path}?copy={form}"' in page
    again = officer.get(f"{path}?copy={form}").text
    assert 'id="around" name="around" type="text" value="Boulder, CO"' in again
    assert re.search(r'id="radius" name="radius" value="fifty"', again)
    assert "<details open><summary>Enlarge the area" in again
    assert form_of(again, "enlarge")["identifier"] == form


def test_a_smaller_area_comes_back_into_its_own_form_also_for_who_only_approves(signed_in, path):
    officer = signed_in("approver")
    form = keep(officer, path, "shrink", radius="2")["identifier"]
    again = officer.get(f"{path}?copy={form}").text
    assert 'id="shrink-radius" name="radius" value="2"' in again
    assert 'id="radius" name="radius" value=""' in again
    assert signed_in("submitter").get(f"{path}?copy={form}").status_code == 404


def test_what_was_handed_on_is_offered_no_more(signed_in, path):
    officer, near = signed_in("submitter"), {"latitude": str(DENVER[1]), "longitude": str(DENVER[0]), "radius": "2"}
    sent = keep(officer, path, "shrink", **near, radius_unit="km")
    assert "A smaller area." in officer.get(path).text
    answer = officer.post(path + "/shrink", data=sent | seen(officer, path), follow_redirects=False)
    assert answer.status_code == 303
    assert "A smaller area." not in officer.get(answer.headers["location"]).text
    assert officer.post("/console/copies", data=sent | {"alert": path.rpartition("/")[2]}).status_code == 409


def test_a_refused_area_is_kept_without_a_script_and_gone_once_discarded(signed_in, path):
    officer = signed_in("submitter")
    sent = form_of(officer.get(path).text, "enlarge") | {"around": "Nowhere at all, CO", "radius": "5"}
    assert officer.post(path + "/enlarge", data=sent | seen(officer, path)).status_code == 422
    assert f"?copy={sent['identifier']}" in officer.get(path).text
    officer.post(f"/console/copies/{sent['identifier']}/discard", data={"back": path})
    assert "was kept" not in officer.get(path).text


def test_an_area_that_waits_in_its_form_is_no_change_of_the_words(signed_in, path):
    officer = signed_in("submitter")
    keep(officer, path, "enlarge", around="Boulder, CO")
    assert f"{path}/update?copy=" not in officer.get(path).text
