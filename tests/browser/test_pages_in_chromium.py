"""Every page in a real browser, at phone and desktop width, light and dark: no console error, nothing wider than the
screen, and the main story by hand: sign in, write, approve, read, subscribe, end.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cast import DENVER, House, record, square

from alerts import agencies
from alerts.service import decide, submit
from alerts.service.drafting import read_document
from notifiers import bits, ledger
from notifiers.clock import database_now
from notifiers.model import Outcome, Result
from notifiers.tables import batch
from notifiers.transactions import writing

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip
SIZES = ({"width": 390, "height": 844}, {"width": 1280, "height": 800})
SCHEMES = ("light", "dark")

pytestmark = [
    # With CI=true a missing browser is a failure, not a skip.
    pytest.mark.skipif(not CHROMIUM.exists() and not os.environ.get("CI"), reason="no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as found:
        browser = found.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def served(house: House) -> Iterator[str]:
    """The house on a port of its own, for as long as the block lasts; its address."""
    from dataclasses import replace

    from alerts import pages, web
    from alerts.api.app import create_app

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        services = replace(house.services, settings=replace(house.services.settings, port=port))
        app = create_app(services)
        pages.mount(app, services)
        with web.in_thread(app, listening):
            yield f"http://127.0.0.1:{port}"


class Visitor:
    """One person's browser. Whatever the page complains about is collected, and fails the test at the end."""

    def __init__(self, chromium: Any, base: str, **context: Any) -> None:
        self.base, self.complaints = base, []
        self.page = chromium.new_context(service_workers="block", **context).new_page()
        self.page.set_default_timeout(20_000)
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str) -> Any:
        self.page.goto(path if path.startswith("http") else self.base + path)
        return self.page

    def looks_right(self) -> None:
        """At both widths, in both schemes: nothing sticks out, one main landmark, a heading, a language."""
        for scheme in SCHEMES:
            self.page.emulate_media(color_scheme=scheme)
            for size in SIZES:
                self.page.set_viewport_size(size)
                assert self.page.evaluate("document.documentElement.scrollWidth") <= size["width"], self.page.url
        assert self.page.locator("main").count() == 1
        assert self.page.locator("h1").count() == 1
        assert self.page.get_attribute("html", "lang")
        unnamed = "[...document.querySelectorAll('input:not([type=hidden]),select,textarea')].filter(i => !i.labels.length && !i.ariaLabel).map(i => i.name)"
        assert self.page.evaluate(unnamed) == []


@pytest.fixture
def visit(house, chromium) -> Iterator[Any]:
    visitors: list[Visitor] = []
    with served(house) as base:

        def visitor(**context: Any) -> Visitor:
            visitors.append(Visitor(chromium, base, **context))
            return visitors[-1]

        yield visitor
        for one in visitors:
            one.page.context.close()
    assert [complaint for one in visitors for complaint in one.complaints] == []


@pytest.fixture
def signed_in(house, visit) -> Any:
    def opened(who: str) -> Visitor:
        visitor = visit()
        with writing(house.services.engine) as connection:
            token = agencies.issue_sign_in_link(connection, getattr(house, who).id, house.clock(), 900)
        visitor.open(f"/signin/{token}").click("main button")
        return visitor

    return opened


def write_alert(page: Any, at: str) -> None:
    """The form filled as an officer would."""
    for name, text in {
        "case_number": "EX-1", "children.0.name": "Robin Example", "children.0.age": "7", "children.0.hair": "short brown hair", "abduction.at": at,
        "abduction.place": "Example Park", "contact.name": "Tip line", "contact.telephone": "+1 303 555 0100",
        "latitude": str(DENVER[1]), "longitude": str(DENVER[0]), "radius": "10",
    }.items():  # fmt: skip
        page.fill(f'[name="{name}"]', text)
    page.select_option('[name="abduction.zone"]', "UTC")
    page.check('[name="attestation.abduction"]')
    page.check('[name="attestation.imminent_danger"]')


@pytest.mark.parametrize("path", ["/", "/subscribe", "/signin/whatever"])
def test_the_open_pages_look_right(visit, path):
    visitor = visit()
    visitor.open(path)
    visitor.looks_right()


def test_an_alert_goes_from_the_form_to_the_public_and_ends(house, visit, signed_in):
    house.enrol([DENVER] * 3)
    author, approver, reader = signed_in("submitter"), signed_in("approver"), visit()
    page = author.open("/console/new")
    write_alert(page, f"{house.clock():%Y-%m-%dT%H:%M}")
    page.wait_for_selector("[data-area-preview] svg")
    assert page.inner_text("[data-area-preview] .count") == "3"
    author.looks_right()
    page.get_by_role("button", name="Submit for approval").click()
    assert page.locator(".fault").all_inner_texts() == []
    author.looks_right()
    approver.open("/console").click("text=Robin Example")
    approver.looks_right()
    approver.page.get_by_role("button", name="Approve and tell 3 people").click()
    approver.looks_right()
    reader.open(approver.page.get_attribute("a[href^='/a/']", "href"))
    reader.looks_right()
    assert reader.page.inner_text("h1") == "Robin Example"
    approver.page.get_by_role("button", name="End the search now").click()
    reader.page.reload()
    assert reader.page.inner_text("h1") == "This alert is over"
    reader.looks_right()


def test_the_texts_are_shown_on_a_phone_before_they_are_submitted_and_before_they_are_approved(house, signed_in):
    author = signed_in("submitter")
    page = author.open("/console/new")
    write_alert(page, f"{house.clock():%Y-%m-%dT%H:%M}")
    page.check('[name="languages.ar"]')
    page.get_by_role("button", name="Show the texts on a phone").click()
    assert page.locator(".phone figcaption").all_inner_texts() == ["English", "العربية"]
    assert page.locator(".glass[dir=rtl] .none").count() == 1
    page.locator("summary", has_text="Own words (English)").click()
    page.fill('[name="texts.en.wireless_90"]', "Look for a red car. Call 911.")
    page.get_by_role("button", name="Submit for approval").last.click()
    author.looks_right()
    assert "Look for a red car. Call 911." in page.locator(".glass .wireless").nth(1).inner_text()


def test_a_county_is_added_by_keyboard_alone(signed_in):
    page = signed_in("submitter").open("/console/new")
    page.focus("[data-place-search]")
    page.keyboard.type("denver county")
    page.wait_for_selector("[data-found] button")
    page.keyboard.press("Enter")
    assert page.input_value('[name="places"]') == "Denver County, CO"


def test_the_numbers_follow_what_is_typed_by_channel_and_language(house, signed_in):
    house.enrol([DENVER] * 3, "email", language="es")
    house.enrol([(DENVER[0] + 0.3, DENVER[1])] * 2)
    visitor = signed_in("submitter")
    page = visitor.open("/console/new")
    for name, text in (("latitude", str(DENVER[1])), ("longitude", str(DENVER[0])), ("radius", "5")):
        page.locator(f'[name="{name}"]').press_sequentially(text)
    page.locator(".count", has_text="3").wait_for()
    page.locator('[name="radius"]').fill("30")
    page.locator(".count", has_text="5").wait_for()
    assert page.locator("[data-area-reach] dd").all_inner_texts()[:2] == ["E-mail 3 Inbox 2", "Español 3 English 2"]
    page.fill('[name="coordinates"]', "-105, 39\n-104, 40\n-104, 39\n-105, 40")
    page.locator(".fault", has_text="crosses itself").wait_for()
    visitor.looks_right()


def test_a_reader_subscribes_and_leaves(visit):
    visitor = visit()
    page = visitor.open("/subscribe")
    page.fill("#place", "Denver")
    page.check("#consent")
    page.get_by_role("button", name="Get alerts").click()
    visitor.looks_right()
    page.get_by_role("button", name="Leave").click()
    assert page.inner_text("h1") == "You have left"


def test_the_operators_page_is_alive(house, signed_in):
    operator = signed_in("operator")
    operator.looks_right()
    before = operator.page.inner_text('[data-live="clock"]')
    operator.page.wait_for_function(
        "was => document.querySelector('[data-live=clock]').textContent !== was", arg=before
    )


def test_an_area_that_moves_says_whom_it_leaves_and_what_is_in_force_can_be_repeated(house, signed_in):
    for place in ((-105.05, DENVER[1]), (-104.93, DENVER[1]), (-104.75, DENVER[1])):
        house.enrol([place] * 2)
    first = take(house, "submit")
    decide.approve(house.services, house.approver, first.id, first.content_hash)
    with writing(house.services.engine) as connection:  # all are told but one
        connection.execute(
            batch.update().values(
                sent=bits.pack(0b0111, 4), n_sent=3, dropped=bits.pack(0b1000, 4), n_dropped=1, state="done"
            )
        )
    house.clock.pass_time(hours=2)
    author, operator = signed_in("submitter"), signed_in("operator")
    author.open(f"/console/alerts/{first.id}")
    author.looks_right()
    author.page.get_by_role("button", name="Repeat it").click()
    assert "without sound" in author.page.inner_text("[role=status]")
    author.looks_right()
    moved = take(house, "update", first.id, area={"geojson": square(0.24, (-104.82, DENVER[1]))})
    approver = signed_in("approver")
    approver.open(f"/console/alerts/{moved.id}")
    said = approver.page.inner_text("section.panel.notice ul")
    assert "Newly covered: 3 people." in said
    assert "no longer inside: 2 people, told so in words of their own." in said
    approver.looks_right()
    approver.page.get_by_role("button", name="Approve and tell").click()
    operator.open("/operations")
    assert "within 1 min" in operator.page.inner_text("#notices")
    assert "1 not sent any more: 1 replaced by a newer version" in operator.page.inner_text("#notices")
    operator.looks_right()


def take(house: House, how: str, *alert: str, **changes: Any) -> Any:
    """Submit a record, or an update of an alert, as the submitter."""
    body = json.dumps(record(**changes)).encode()
    document = read_document(house.services, house.submitter, body, "application/json")
    return getattr(submit, how)(house.services, house.submitter, *alert, document)


def test_how_a_reader_came_is_counted_and_leaves_the_address(house, visit, make_record):
    document = read_document(house.services, house.submitter, json.dumps(make_record()).encode(), "application/json")
    alert = submit.submit(house.services, house.submitter, document)
    decide.approve(house.services, house.approver, alert.id, alert.content_hash)
    visitor = visit(user_agent="Mozilla/5.0 (Linux; Android 14) Chrome/124 Mobile", permissions=["clipboard-write"])
    page = visitor.open(f"/a/{alert.token}?c=email&lang=es")
    assert page.url.endswith(f"/a/{alert.token}?lang=es")
    with page.expect_response(lambda answer: "/shared" in answer.url) as told:
        page.locator("[data-copy]").click()
    assert told.value.status == 204
    page.reload()  # nobody came anew
    assert {(one.way, one.what): n for one, n in house.services.counts.take().items()} == {
        ("email", "visited"): 1,
        ("email", "shared"): 1,
    }


@pytest.fixture
def refused(house, make_record) -> int:
    """A notice by e-mail to six and into an inbox, with every way to end in it, after a while."""
    house.enrol([DENVER] * 6, "email")
    house.enrol([DENVER] * 2, "inbox")
    document = read_document(house.services, house.submitter, json.dumps(make_record()).encode(), "application/json")
    left = submit.submit(house.services, house.submitter, document)
    notice_id = decide.approve(house.services, house.approver, left.id, left.content_hash).notice_id
    ends = [Outcome(Result.REFUSED, "550 5.7.1")] * 3 + [Outcome(Result.GONE, "550 5.1.1")]
    ends += [Outcome(Result.IN_DOUBT, "timeout"), Outcome(Result.SENT)]
    with writing(house.services.engine) as connection:
        held = ledger.claim(connection, ledger.Want("anna", ("email",), 10, 60))
        late = database_now(connection) + timedelta(minutes=11)
        settled = [ledger.Settled(position, outcome, late) for position, outcome in enumerate(ends)]
        ledger.checkpoint(connection, held, ledger.Turn(settled), collapses=False, rng=None)
    return notice_id


def test_no_table_of_operations_is_wider_than_its_card(signed_in, refused):
    operator = signed_in("operator")
    operator.open("/operations")
    operator.looks_right()
    for size in SIZES:
        operator.page.set_viewport_size(size)
        wider = "[...document.querySelectorAll('.wide')].filter(box => box.scrollWidth > box.clientWidth).length"
        assert operator.page.evaluate(wider) == 0


def test_what_did_not_arrive_is_sent_again_after_a_question(signed_in, refused):
    operator = signed_in("operator")
    page = operator.open("/operations")
    page.click("text=What did not arrive")
    operator.looks_right()
    page.click("text=Send again")
    operator.looks_right()
    page.click("button:has-text('Send to 3 again')")
    assert "3 wait to be sent again" in page.inner_text("main")
    operator.looks_right()
