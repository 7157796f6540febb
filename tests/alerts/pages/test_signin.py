"""Signing in by a one-time link, and out."""

from __future__ import annotations

import pytest


def test_looking_at_a_link_does_not_use_it_up(browser, link):
    path, visitor = link("submitter"), browser()
    assert "Sign in" in visitor.get(path).text
    assert visitor.get(path).status_code == 200
    assert visitor.post(path, follow_redirects=False).headers["location"] == "/console"


def test_a_link_works_once(browser, link):
    path = link("operator")
    assert browser().post(path, follow_redirects=False).headers["location"] == "/operations"
    again = browser().post(path, follow_redirects=False)
    assert again.status_code == 403
    assert "no longer works" in again.text


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(browser, link):
    cookie = browser().post(link("submitter"), follow_redirects=False).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_another_site_cannot_use_a_link_up(browser, link):
    path = link("submitter")
    assert browser().post(path, headers={"origin": "https://evil.example"}).status_code == 403
    assert browser().post(path, follow_redirects=False).status_code == 303


def test_signing_out_ends_the_session_itself(signed_in):
    officer = signed_in("submitter")
    kept = dict(officer.cookies)
    officer.post("/signout")
    officer.cookies.update(kept)
    assert officer.get("/console").status_code == 401


@pytest.mark.parametrize("path", ["/console", "/console/new", "/operations"])
def test_who_is_not_signed_in_is_told_so_in_a_page(browser, path):
    answer = browser().get(path)
    assert answer.status_code == 401
    assert "Please sign in" in answer.text


def test_an_operator_sees_no_console_and_an_officer_no_operations(signed_in):
    assert signed_in("operator").get("/console").status_code == 403
    assert signed_in("submitter").get("/operations").status_code == 403
