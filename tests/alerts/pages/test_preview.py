"""Previews before the approval: by the code that makes them, for the agency alone."""

from __future__ import annotations

import pytest
from test_console import approve, at, form, submit  # noqa: F401 fixtures
from visitors import picture

KINDS = {
    "/preview": "text/html; charset=utf-8",
    "/preview/page": "text/html; charset=utf-8",
    "/preview/card.jpg": "image/jpeg",
    "/preview/poster-a4.pdf": "application/pdf",
}


@pytest.mark.parametrize("path", KINDS)
def test_a_preview_is_for_the_agency_alone_and_is_kept_by_nobody(path, browser, signed_in, submit):  # noqa: F811
    at_ = submit() + path
    answer = signed_in("approver").get(at_)
    assert (answer.status_code, answer.headers["content-type"]) == (200, KINDS[path])
    assert answer.headers["cache-control"] == "no-store"
    assert signed_in("stranger").get(at_).status_code == 404
    assert browser().get(at_, follow_redirects=False).status_code == 401


def test_the_page_is_that_of_the_public_without_script_and_with_photos_of_the_console(signed_in, at):  # noqa: F811
    author = signed_in("submitter")
    sent = form(**{"abduction.at": at, "abduction.zone": "UTC"})
    files = {"photos": ("p.jpg", picture(), "image/jpeg")}
    answer = author.post("/console/new", data=sent, files=files, follow_redirects=False)
    path = answer.headers["location"].partition("?")[0]
    page = author.get(path + "/preview/page")
    assert "Robin Example" in page.text
    assert "<script" not in page.text
    assert f"{path}/photo/1" in page.text
    assert page.headers["content-security-policy"].endswith("frame-ancestors 'self'; sandbox allow-same-origin")
    assert author.get(path + "/preview/card.jpg").content[:2] == b"\xff\xd8"


def test_a_text_message_is_counted_as_it_will_be_sent(signed_in, submit):  # noqa: F811
    page = signed_in("approver").get(submit(**{"languages.ar": "yes"}) + "/preview").text
    assert "GSM-7, " in page
    assert "UCS-2, " in page


def test_after_the_end_there_is_nothing_to_preview(signed_in, submit, approve):  # noqa: F811
    path = submit()
    approve(path)
    officer = signed_in("submitter")
    officer.post(path + "/cancel")
    assert {officer.get(path + one).status_code for one in KINDS} == {404}
