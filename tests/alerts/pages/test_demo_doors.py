"""The demo's three doors."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts import doors
from alerts.doors import Doors
from alerts.settings import Mode


@pytest.fixture
def demo(house):
    people = {role: getattr(house, role).name for role in doors.ROLES}
    doors.write(house.services.settings.data, Doors(people, "a-token"))
    return house


@pytest.mark.parametrize(
    ("who", "lands"), [("submitter", "/console"), ("approver", "/console"), ("operator", "/operations")]
)
def test_a_press_signs_in_as_one_of_the_cast(demo, browser, who, lands):
    visitor = browser()
    link = visitor.post(f"/demo/{who}", follow_redirects=False).headers["location"]
    assert visitor.post(link).url.path == lands


def test_the_start_explains_itself_and_leads_to_the_alert(demo, browser):
    page = browser().get("/").text
    assert "This is a demo" in page
    assert 'href="/a/a-token"' in page


def test_a_house_that_is_no_demo_has_no_such_door(house, browser):
    assert browser().post("/demo/operator").status_code == 404
    assert "This is a demo" not in browser().get("/").text


def test_a_live_house_opens_no_door_whatever_lies_in_it(demo):
    live = replace(demo.services.settings, mode=Mode.LIVE)
    assert doors.find(live.data, sandbox=live.sandbox) is None


@pytest.mark.parametrize("who", ["administrator", "stranger", "x"])
def test_there_are_three_doors_and_no_other(demo, browser, who):
    assert browser().post(f"/demo/{who}").status_code == 404


@pytest.mark.parametrize("content", ["", "{", "[]", '{"people": {}}'])
def test_a_broken_file_is_no_door(house, content):
    (house.services.settings.data / doors.FILE).write_text(content)
    assert doors.find(house.services.settings.data, sandbox=True) is None
