"""Somebody saw something: sent from a phone without script, read by an officer; right for everybody in every look."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import axe_core
import pytest
from cast import DENVER, House, record

from alerts import agencies
from alerts.service import decide, submit
from alerts.service import tips as service
from alerts.service.drafting import read_document
from notifiers.transactions import writing

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
PHONE, SMALL, DESK = {"width": 390, "height": 844}, {"width": 320, "height": 640}, {"width": 1280, "height": 800}

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists() and not os.environ.get("CI"), reason="no Chromium on this machine"
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as found:
        browser = found.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def served(house: House) -> Iterator[str]:
    """The house as a whole server faces the public."""
    from alerts import pages, web
    from alerts.api.app import create_app

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        services = replace(house.services, settings=replace(house.services.settings, port=port))
        app = create_app(services)
        pages.mount(app, services)
        pages.face(app, services)
        with web.in_thread(app, listening):
            yield f"http://127.0.0.1:{port}"


@pytest.fixture
def alert(house):
    """An alert in force."""
    document = read_document(house.services, house.submitter, json.dumps(record()).encode(), "application/json")
    left = submit.submit(house.services, house.submitter, document)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    return left


@pytest.fixture
def base(house) -> Iterator[str]:
    with served(house) as found:
        yield found


def fits(page: Any) -> bool:
    """Whether nothing is wider than the smallest phone, a phone and a desk."""
    wide = []
    for size in (SMALL, PHONE, DESK):
        page.set_viewport_size(size)
        wide.append(page.evaluate("document.documentElement.scrollWidth") > size["width"])
    page.set_viewport_size(PHONE)
    return not any(wide)


def send_one(house, page, base, alert) -> str:
    """By the link on the alert page, the map and the form; the reference."""
    page.goto(f"{base}/a/{alert.token}")
    page.click("text=I saw something")
    page.fill("#what", "A silver car, the child in the back")
    page.fill("#where", "Exit 12")
    page.click("input.tap:visible", position={"x": 156, "y": 117})
    page.wait_for_selector("text=The place is marked")
    assert page.input_value("#where") == "Exit 12"
    house.clock.pass_time(seconds=10)
    page.click("section button.go")
    return page.text_content(".reference")


def test_one_is_sent_from_a_phone_without_script_and_read_by_an_officer(house, chromium, base, alert):
    public = chromium.new_context(viewport=PHONE, java_script_enabled=False).new_page()
    reference = send_one(house, public, base, alert)
    with writing(house.services.engine) as connection:
        link = agencies.issue_sign_in_link(connection, house.submitter.id, house.clock(), 900)
    officer = chromium.new_context(viewport=DESK).new_page()
    officer.goto(f"{base}/signin/{link}")
    officer.click("main button")
    officer.goto(f"{base}/console/alerts/{alert.id}")
    officer.click("text=1 in all, 1 not marked as read")
    assert reference in officer.text_content("article")
    officer.click("text=Mark as read")
    officer.wait_for_selector("text=Read by Submitter")
    [found] = service.look(house.services, house.submitter, alert.id).found
    assert (found.said.lon, found.said.lat) == pytest.approx(DENVER, abs=0.01)
    for page in (public, officer):
        page.context.close()


def test_the_form_with_faults_the_thanks_and_the_end_are_for_everybody(house, chromium, base, alert):
    page = chromium.new_context(viewport=PHONE, service_workers="block").new_page()
    page.goto(f"{base}/a/{alert.token}/saw")
    found = axe_core.violations(page)
    page.click("section button.go")
    page.wait_for_selector(".faults")
    found += axe_core.violations(page)
    assert fits(page)
    send_one(house, page, base, alert)
    found += axe_core.violations(page)
    assert fits(page)
    page.context.close()
    assert found == []


def test_an_open_page_says_that_more_has_come_and_opens_it_only_when_asked(house, chromium, base, alert):
    with writing(house.services.engine) as connection:
        link = agencies.issue_sign_in_link(connection, house.submitter.id, house.clock(), 900)
    page = chromium.new_context(viewport=DESK, service_workers="block").new_page()
    page.clock.install()
    page.goto(f"{base}/signin/{link}")
    page.click("main button")
    page.goto(f"{base}/console/alerts/{alert.id}/tips")
    said = service.Said("A silver car")
    service.send(house.services, alert.token, said, form=b"1", client="203.0.113.9")
    page.clock.fast_forward(11_000)
    page.click("text=New ones have come")
    page.wait_for_selector("text=A silver car")
    page.context.close()
