"""From sign-in to submitted without a mouse: a passkey, a template, a county, the child, and what was forgotten."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import Any

import pytest
from axe_core import violations
from cast import DENVER
from test_pages_in_chromium import chromium, pytestmark  # noqa: F401 fixtures
from test_passkeys_in_chromium import Person, person  # noqa: F401 fixtures

from alerts import agencies
from alerts.service import templates
from notifiers.transactions import writing

log = logging.getLogger(__name__)
CONTENT = {
    "contact.name": "Tip line", "contact.telephone": "+1 303 555 0100", "languages.en": "yes", "languages.es": "yes",
}  # fmt: skip
MOST_STEPS = 300  # a guard: no page of ours has as many stops


class Keys:
    """Somebody without a mouse: Tab until it is there."""

    def __init__(self, page: Any) -> None:
        self.page, self.steps = page, 0

    def to(self, selector: str) -> None:
        for _ in range(MOST_STEPS):
            if self.page.evaluate("at => document.activeElement.matches(at)", selector):
                return
            self.page.keyboard.press("Tab")
            self.steps += 1
        pytest.fail(f"no way by keyboard to {selector}")

    def type(self, name: str, text: str) -> None:
        self.to(f'[name="{name}"]')
        self.page.keyboard.type(text)

    def press(self, selector: str, key: str = "Enter") -> None:
        self.to(selector)
        self.page.keyboard.press(key)


@pytest.fixture
def officer(house, person) -> Person:  # noqa: F811
    """The submitter with a passkey, signed out."""
    templates.add(house.services, house.submitter, "Night desk", CONTENT)
    house.enrol([DENVER] * 3)
    with writing(house.services.engine) as connection:
        token = agencies.issue_sign_in_link(connection, house.submitter.id, house.clock(), 900)
    found = person()
    found.come_in(f"/signin/{token}")
    found.sign_out()
    return found


def test_from_sign_in_to_submitted_by_keyboard_alone(house, officer):
    page, keys = officer.page, Keys(officer.page)
    officer.open("/signin")
    began = time.monotonic()
    keys.press("form[data-passkey=get] button")
    page.wait_for_url("**/console")
    keys.press('a[href="/console/new"]')
    page.wait_for_url("**/console/new")
    keys.press('a[href*="template="]')
    page.wait_for_url("**template=*")
    fill(house, keys)
    keys.to(".go.big")
    page.keyboard.press("Enter")
    first_fault(page, "contact.telephone")
    keys.page.keyboard.type("+1 303 555 0100")
    keys.press(".go.big")
    page.wait_for_url("**done=submitted")
    took = time.monotonic() - began
    log.warning("from sign-in to submitted by keyboard: %.1f s, %d times Tab", took, keys.steps)
    assert "3 people" in page.inner_text("main")
    assert violations(page) == []
    officer.complaints.clear()  # the browser itself says that it was 422


def fill(house: Any, keys: Keys) -> None:
    """All that a template does not know; and its telephone is lost on the way."""
    page, seen = keys.page, house.clock() - timedelta(hours=1)
    keys.type("case_number", "EX-1")
    keys.type("children.0.name", "Robin Example")
    keys.type("children.0.age", "7")
    keys.type("children.0.hair", "short brown hair")
    keys.type("abduction.at", f"{seen:%m%d%Y}")
    page.keyboard.press("Tab")
    page.keyboard.type(f"{seen:%I%M%p}")
    keys.type("abduction.zone", "UTC")
    keys.type("abduction.place", "Example Park")
    keys.to('[name="contact.telephone"]')
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    keys.press('[name="attestation.abduction"]', "Space")
    keys.press('[name="attestation.imminent_danger"]', "Space")
    keys.to("[data-place-search]")
    page.keyboard.type("denver county")
    page.locator("[data-found] button").first.wait_for()
    page.keyboard.press("Enter")
    page.locator("[data-area-reach] .count", has_text="3").wait_for()


def first_fault(page: Any, name: str) -> None:
    """The form is there again, every fault stands beside its field, and the first has the focus."""
    page.locator("#faults").wait_for()
    assert page.evaluate("document.activeElement.name") == name
    beside = page.locator(f'.field:has([name="{name}"]) .fault').inner_text()
    assert beside == "Whom people call: Telephone: this is missing."
    assert violations(page) == []
