"""Passkeys in a real browser with a virtual authenticator (WebDriver-BiDi's and DevTools' WebAuthn domain): the first
administrator comes in by the one link, invites a second, and what needs two is done by two.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_pages_in_chromium import CHROMIUM, Visitor, chromium, served  # noqa: F401 a fixture

from alerts.access_tables import passkey
from alerts.service.first import first_link
from alerts.tables import audit
from notifiers.transactions import writing

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists() and not os.environ.get("CI"), reason="no Chromium on this machine"
)
KEY = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
PICTURES = os.environ.get("LOOKOUT_PICTURES")  # a directory: what the pages look like is kept there


class Person(Visitor):
    """A browser with an authenticator of its own."""

    def __init__(self, chromium: Any, base: str) -> None:  # noqa: F811
        super().__init__(chromium, base)
        self.devtools = self.page.context.new_cdp_session(self.page)
        self.devtools.send("WebAuthn.enable")
        made = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
        self.authenticator = made["authenticatorId"]

    def verified(self, yes: bool) -> None:
        """Whether the person shows finger, face or PIN."""
        self.devtools.send("WebAuthn.setUserVerified", {"authenticatorId": self.authenticator, "isUserVerified": yes})

    def come_in(self, path: str) -> None:
        self.open(path).click("text=Or register a passkey")  # a sandbox offers a simpler way before it
        self.page.fill("#name", "Test laptop")
        self.page.click("button:has-text('Register a passkey')")
        self.page.wait_for_url(re.compile("/(administration|console|account)$"))

    def sign_out(self) -> None:
        self.page.click("text=Sign out")
        self.page.wait_for_url(f"{self.base}/")

    def sign_in(self) -> None:
        self.open("/signin").click("text=Sign in with a passkey")

    def picture(self, name: str) -> None:
        self.looks_right()
        if PICTURES:
            for width, height in ((390, 844), (1280, 800)):
                self.page.set_viewport_size({"width": width, "height": height})
                self.page.screenshot(path=str(Path(PICTURES) / f"{name}-{width}.png"), full_page=True)


@pytest.fixture
def person(house, chromium) -> Iterator[Any]:  # noqa: F811
    found: list[Person] = []
    with served(house) as base:

        def made() -> Person:
            found.append(Person(chromium, base.replace("127.0.0.1", "localhost")))
            return found[-1]

        yield made
        for one in found:
            one.page.context.close()
    assert [said for one in found for said in one.complaints if "403" not in said] == []


def first(house) -> str:
    return first_link(house.services.engine, house.services.settings, house.clock())


def test_the_first_administrator_registers_a_passkey_and_comes_back_with_it(house, person):
    admin, link = person(), first(house)
    admin.come_in(link)
    admin.picture("administration-first")
    admin.sign_out()
    admin.sign_in()
    admin.page.wait_for_url("**/administration")
    assert {row.name for row in house.rows(passkey)} == {"Test laptop"}
    assert [row.action for row in house.rows(audit)][-3:] == ["passkey_add", "sign_in", "sign_in"]


def test_a_link_brings_in_one_person_once(house, person):
    one, other, link = person(), person(), first(house)
    one.come_in(link)
    other.open(link).click("text=Or register a passkey")
    other.page.click("button:has-text('Register a passkey')")
    other.page.wait_for_selector("text=works once")
    assert len(house.rows(passkey)) == 1


def test_without_finger_face_or_pin_nobody_comes_in(house, person):
    admin = person()
    admin.come_in(first(house))
    admin.sign_out()
    admin.verified(False)
    admin.sign_in()
    admin.page.wait_for_selector("text=Nothing was signed")
    assert "/signin" in admin.page.url


def test_somebody_keeps_two_passkeys_and_removes_one(house, person):
    admin = person()
    admin.come_in(first(house))
    admin.open("/account")
    assert admin.page.locator("text=Remove").count() == 0  # the last one stays
    options = {"options": KEY | {"transport": "usb"}}
    admin.devtools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": admin.authenticator})
    admin.devtools.send("WebAuthn.addVirtualAuthenticator", options)
    admin.page.fill("#name", "Security key")
    admin.page.click("button:has-text('Register a passkey')")
    admin.page.wait_for_selector("text=Security key")
    admin.picture("account")
    admin.page.click("button:has-text('Remove') >> nth=0")
    admin.page.wait_for_function("document.querySelectorAll('#passkeys ~ ul li').length === 1")
    admin.sign_out()
    admin.sign_in()
    admin.page.wait_for_url("**/administration")


def test_a_key_is_granted_by_two_and_seen_by_its_officer_alone(house, person):
    one, two = person(), person()
    one.come_in(first(house))
    one.page.click("text=Invite somebody")
    one.page.fill("#p-name", "Second Administrator")
    one.page.check("form[action^='/administration/people?'] input[value=administer]")
    one.page.click("text=Ask for this person")
    two.come_in(re.sub("^https?://[^/]+", "", one.page.inner_text("code.secret")))
    one.open("/administration").click("text=Grant a key")
    one.page.fill("#k-name", "Dispatch")
    one.page.select_option("#k-who", label="Submitter")
    one.page.check("form[action^='/administration/keys?'] input[value=submit]")
    one.page.click("text=Ask for this key")
    one.page.wait_for_selector("text=It waits for another administrator")
    assert one.page.locator("text=Confirm").count() == 0
    two.open("/administration")
    two.picture("administration-waiting")
    two.page.click("button:has-text('Confirm')")
    two.page.wait_for_selector("text=not collected")
    assert "lk_test_" not in two.page.content() + one.page.content()


def test_disabling_a_person_ends_what_they_are_looking_at(house, person):
    from alerts import agencies

    admin = person()
    admin.come_in(first(house))
    with writing(house.services.engine) as connection:
        agencies.disable(connection, house.rows(passkey)[0].officer_id, house.clock())
    admin.complaints.clear()
    answer = admin.page.goto(admin.base + "/administration")
    assert answer.status == 401
    admin.complaints.clear()


@pytest.fixture
def live(house):
    """The house as a live one."""
    from dataclasses import replace

    from sqlalchemy import update

    from alerts.settings import Mode
    from alerts.tables import house as house_row

    house.services = replace(house.services, settings=replace(house.services.settings, mode=Mode.LIVE))
    with writing(house.services.engine) as connection:
        connection.execute(update(house_row).values(mode="live"))
    return house


@pytest.fixture
def officer(house, person):
    """The submitter's browser, signed in."""
    from alerts import agencies
    from alerts.api.access import COOKIE

    def opened() -> Person:
        found = person()
        with writing(house.services.engine) as connection:
            token = agencies.open_session(connection, house.submitter.id, house.clock(), 3600, how="test")
        found.page.context.add_cookies([{"name": COOKIE, "value": token, "url": found.base}])
        return found

    return opened


def test_a_drill_looks_unmistakably_different(live, officer):
    one = officer()
    one.open("/console")
    one.picture("live")
    assert one.page.locator("text=DRILL").count() == 0
    one.open("/account").click("text=Begin a drill")
    one.page.wait_for_url("**/console")
    assert one.page.locator("aside >> text=DRILL").is_visible()
    one.picture("drill")
    one.open("/console/new")
    assert one.page.input_value("[name=status]") == "Exercise"
    one.open("/account").click("text=Leave the drill")
    one.page.wait_for_url("**/console")
    assert one.page.locator("text=DRILL").count() == 0


def test_in_a_live_house_a_link_registers_a_passkey_and_signs_nobody_in_without(live, person):
    admin, link = person(), first(live)
    page = admin.open(link)
    assert page.locator("button:has-text('Sign in')").count() == 0
    admin.picture("invitation")
    page.fill("#name", "Laptop")
    page.click("button:has-text('Register a passkey')")
    page.wait_for_url("**/administration")
    cookie = next(one for one in page.context.cookies() if one["name"] == "lookout_session")
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Strict")


def test_what_leaves_the_jurisdiction_is_hatched_on_the_map(house, officer):
    one = officer()
    page = one.open("/console/new")
    page.fill("[name=latitude]", "39.5")
    page.fill("[name=longitude]", "-109.05")
    page.fill("[name=radius]", "15")
    page.wait_for_selector("svg .m-outside", state="attached")
    page.wait_for_selector("text=Grand County, UT")
    if PICTURES:
        page.locator("[data-area-map]").first.screenshot(path=str(Path(PICTURES) / "outside.png"))


def test_the_neighbours_page_gives_and_revokes(house, officer):
    one = officer()
    page = one.open("/console/consents")
    one.picture("neighbours")
    page.click("button:has-text('Give consent')")
    page.wait_for_selector("text=for the whole jurisdiction")
    page.click("text=Revoke at once")
    page.wait_for_selector("text=None count now.")
