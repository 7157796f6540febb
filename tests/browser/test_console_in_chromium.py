"""The console in a real browser: a form that keeps itself, two officers on one alert."""

from __future__ import annotations

import io
import json

import pytest
from axe_core import violations
from cast import record
from PIL import Image
from test_pages_in_chromium import chromium, pytestmark, signed_in, visit  # noqa: F401 fixtures

from alerts.service import submit
from alerts.service.drafting import read_document


@pytest.fixture
def waiting(house) -> str:
    """The path of an alert that waits."""
    body = json.dumps(record(languages=["en"], texts=None)).encode()
    document = read_document(house.services, house.submitter, body, "application/json")
    return f"/console/alerts/{submit.submit(house.services, house.submitter, document).id}"


def test_what_is_typed_is_kept_by_itself_and_gone_on_with_after_a_crash(house, signed_in):  # noqa: F811
    visitor = signed_in("submitter")
    page = visitor.open("/console/new")
    page.fill('[name="children.0.name"]', "Robin Example")
    page.locator("[data-kept]", has_text="not submitted").wait_for()
    with page.expect_response("**/console/copies"):
        page.fill('[name="children.0.age"]', "seven")
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    page.context.close()
    again = signed_in("submitter")
    page = again.open("/console/new")
    again.looks_right()
    assert violations(page) == []
    older = again.page.context.new_page()
    older.goto(page.get_by_role("link", name="Go on with it").evaluate("link => link.href"))
    page.get_by_role("link", name="Go on with it").click()
    assert page.input_value('[name="children.0.name"]') == "Robin Example"
    assert page.input_value('[name="children.0.age"]') == "seven"
    with page.expect_response("**/console/copies"):
        page.fill('[name="children.0.age"]', "7")
    older.fill('[name="children.0.age"]', "8")
    older.locator("[data-not-kept]", has_text="in another window").wait_for()
    page.get_by_role("button", name="Start anew").click()
    page.wait_for_url("**/console/new")
    assert page.get_by_role("link", name="Go on with it").count() == 0


def test_a_photo_is_kept_as_well(house, signed_in):  # noqa: F811
    jpeg = io.BytesIO()
    Image.effect_noise((600, 800), 90).save(jpeg, "JPEG")  # larger than what a form without photos may send
    assert len(jpeg.getvalue()) > house.services.settings.max_body_bytes
    page = signed_in("submitter").open("/console/new")
    page.set_input_files("#photos", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": jpeg.getvalue()})
    page.locator("[data-kept]", has_text="not submitted").wait_for()
    page.goto(page.url)
    page.get_by_role("link", name="Go on with it").click()
    assert page.locator("img.held").count() == 1


def test_whoever_was_signed_out_is_told_that_nothing_is_kept(house, signed_in):  # noqa: F811
    visitor = signed_in("submitter")
    page = visitor.open("/console/new")
    page.context.clear_cookies()
    page.fill('[name="case_number"]', "EX-1")
    page.locator("[data-not-kept]", has_text="you are signed out").wait_for()
    visitor.complaints.clear()  # the browser itself says that it was 401


def test_two_officers_on_one_alert_see_each_other_and_choose(house, signed_in, waiting):  # noqa: F811
    one, other = signed_in("submitter"), signed_in("approver")
    mine, theirs = one.open(waiting + "/edit"), other.open(waiting + "/edit")
    mine.locator("[data-around]", has_text="Approver is editing this alert too.").wait_for()
    theirs.fill('[name="children.0.hair"]', "short red hair")
    mine.locator(".beside", has_text="Approver typed: short red hair").wait_for()
    assert violations(mine) == []
    mine.get_by_role("button", name="Take Approver").click()
    assert mine.input_value('[name="children.0.hair"]') == "short red hair"
    assert mine.locator(".beside").count() == 0
    theirs.fill('[name="case_number"]', "EX-2")
    theirs.get_by_role("button", name="Submit for approval").click()
    theirs.wait_for_url("**done=submitted")
    mine.locator(".beside", has_text="The alert says now: EX-2").wait_for()
    mine.locator("[data-around]", has_text="Approver edited it.").wait_for()
    mine.get_by_role("button", name="Keep mine").click()
    mine.get_by_role("button", name="Submit for approval").click()
    mine.wait_for_url("**done=submitted")
    assert "Written by Approver, Submitter" in mine.inner_text(
        "main"
    ) or "Written by Submitter, Approver" in mine.inner_text("main")
