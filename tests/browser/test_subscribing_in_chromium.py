"""From opening the page to subscribed by keyboard alone, by e-mail too; right for everybody in every look."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import axe_core
import pytest
from cast import House

from notifiers.model import Outcome, Result
from notifiers.tables import subscription

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
SIZES = [{"width": width, "height": 844} for width in (320, 390, 1280)]
MOST_KEYS = 12  # presses that are not letters, from the top of the page to the inbox

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
def served(house: House, mail: Any) -> Iterator[str]:
    from alerts import pages, web
    from alerts.api.app import create_app

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        settings = replace(house.services.settings, port=port)
        services = replace(house.services, settings=settings, mail=mail)
        app = create_app(services)
        pages.mount(app, services)
        with web.in_thread(app, listening):
            yield f"http://127.0.0.1:{port}"


@pytest.fixture
def mailed() -> list[str]:
    return []


@pytest.fixture
def base(house, mailed) -> Iterator[str]:
    def mail(to: str, subject: str, words: str, language: str) -> Outcome:
        mailed.append(re.search(r"/confirm/[0-9a-f]+", words)[0])
        return Outcome(Result.SENT)

    with served(house, mail) as found:
        yield found


def focus(page: Any, wanted: str) -> int:
    """Tab until that element has the focus; the presses it took."""
    for presses in range(30):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return presses
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {wanted}")


def test_the_keyboard_alone_subscribes_in_few_steps(chromium, base, house, mailed):
    page = chromium.new_page(viewport=SIZES[1])
    page.goto(f"{base}/subscribe")
    page.focus("#place")  # as the link to skip the head does
    page.keyboard.type("Denver")
    keys = focus(page, "[name=email]")
    page.keyboard.type("ana@example.org")
    keys += focus(page, "#consent") + 2
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox?welcome=2")
    assert keys <= MOST_KEYS
    page.goto(base + mailed[0])
    focus(page, "form[action^='/confirm/'] button")
    page.keyboard.press("Enter")
    page.get_by_text("Alerts reach you by e-mail").wait_for()
    assert sorted(row.channel for row in house.rows(subscription)) == ["email", "inbox"]


def test_form_faults_inbox_and_confirmation_fit_and_axe_finds_nothing(chromium, base, mailed):
    page = chromium.new_page()
    for step, name in enumerate(("form", "faults", "inbox", "button", "confirmed")):
        _go(page, base, mailed, step)
        for size in SIZES:
            page.set_viewport_size(size)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], (name, size)
        assert axe_core.violations(page) == [], name


def _go(page: Any, base: str, mailed: list[str], step: int) -> None:
    """One step further in the browser's own story."""
    if step == 0:
        page.goto(f"{base}/subscribe")
    elif step == 1:
        page.fill("#email", "ana@example")
        page.evaluate("document.forms[0].noValidate = true")
        page.click("main form button.go")
        page.locator(".fault").first.wait_for()
    elif step == 2:
        page.fill("#place", "Denver")
        page.fill("#email", "ana@example.org")
        page.check("#consent")
        page.click("main form button.go")
        page.wait_for_url("**/inbox?welcome=2")
    elif step == 3:
        page.goto(base + mailed[0])
    else:
        page.click("form[action^='/confirm/'] button")
        page.get_by_text("Alerts reach you by e-mail").wait_for()


def test_chromium_finds_no_fault_in_the_manifest_and_would_install_it(chromium, base):
    page = chromium.new_page()
    page.goto(f"{base}/subscribe")
    asked = page.context.new_cdp_session(page)
    manifest = asked.send("Page.getAppManifest")
    assert manifest["url"].startswith(f"{base}/static/lookout.webmanifest")
    assert manifest["errors"] == []
    faults = [fault["errorId"] for fault in asked.send("Page.getInstallabilityErrors")["installabilityErrors"]]
    assert set(faults) <= {"in-incognito"}  # a window of a test keeps nothing
