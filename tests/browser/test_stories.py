"""The three users' days, told once and lived in Chromium and in Firefox: the public, the authority, the operator."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cast import DENVER
from firefox import FIREFOX, running
from furnished import Furnished, in_force, served
from pushing import Loop, send, until
from windows import ChromiumWindow, FirefoxWindow, Window, fill, press, press_folded, reads, tried

from alerts import agencies
from alerts.console_tables import review
from alerts.service import countdown, end
from alerts.tables import countdown as rows
from notifiers import ledger
from notifiers.clock import database_now
from notifiers.model import Outcome, Result
from notifiers.tables import notice, recipient
from notifiers.transactions import writing

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
SENT = "document.querySelector('[data-live$=\"-sent\"]').innerText"
THERE = {"chromium": CHROMIUM.exists(), "firefox": bool(FIREFOX)}
Opens = Callable[[], Window]
pytestmark = pytest.mark.timeout(400)  # many waits in a row, each with its own guard


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def browser(request, tmp_path_factory) -> Iterator[Opens]:
    """Opens windows of one browser."""
    if not THERE[request.param] and not os.environ.get("CI"):
        pytest.skip(f"no {request.param} on this machine")
    if request.param == "chromium":
        with playwright.sync_playwright() as found:
            chromium = found.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
            yield lambda: ChromiumWindow(chromium)
            chromium.close()
    else:
        loop = Loop()
        with running(loop, tmp_path_factory.mktemp("firefox"), {}) as firefox:
            yield lambda: FirefoxWindow(firefox)
        loop.stop()


@pytest.fixture
def counting(house) -> None:
    """An approval counts down for as long as a test likes."""
    house.services = replace(house.services, settings=replace(house.services.settings, countdown_s=600.0))


@pytest.fixture
def world(house) -> Iterator[Furnished]:
    with served(house) as base:
        yield Furnished(house, base)


@pytest.fixture
def opens(world, browser) -> Iterator[Opens]:
    """Opens windows, each of another person; all are closed before the house is."""
    mine: list[Window] = []

    def opened() -> Window:
        mine.append(browser())
        return mine[-1]

    yield opened
    for window in mine:
        window.close()


@pytest.fixture
def signed_in(world, opens) -> Callable[[str], Window]:
    def opened(who: str) -> Window:
        window = opens()
        with writing(world.house.services.engine) as connection:
            person = getattr(world.house, who)
            link = agencies.issue_sign_in_link(connection, person.id, world.house.clock(), 900)
        window.open(f"{world.base}/signin/{link}")
        press(window, "Sign in")
        reads(window, "Sign out")
        return window

    return opened


def test_somebody_reads_what_was_shared_passes_it_on_subscribes_is_told_and_leaves(world, house, opens):
    alert, reader = in_force(house), opens()
    reader.open(f"{world.base}/a/{alert.token}?c=whatsapp")
    assert reader.run("location.search") == ""  # how they came stays out of the link that they pass on
    assert reader.run("document.querySelector('h1').innerText") == "Robin Example"
    press(reader, "Copy link")
    until(
        lambda: (
            reader.run(
                "(one => one.textContent === one.dataset.copy && 'copied')(document.querySelector('[data-copy]'))"
            )
            == "copied"
        )
    )
    press(reader, "Get alerts for your area")
    until(lambda: "/subscribe" in reader.run("location.href"))
    fill(reader, {"place": "Denver"})
    press(reader, "#consent")
    press(reader, "Get alerts")
    reads(reader, "Alerts for your place arrive here")
    send(house)
    reads(reader, "Missing child: Robin Example")  # the page loads itself anew
    press(reader, "Leave and delete my data")
    reads(reader, "You have left")
    assert house.rows(recipient) == []


def written(house: Any) -> dict[str, str]:
    """What an officer knows."""
    return {
        "case_number": "EX-1", "children.0.name": "Robin Example", "children.0.age": "7",
        "children.0.hair": "short brown hair", "abduction.at": f"{house.clock():%Y-%m-%dT%H:%M}",
        "abduction.zone": "UTC", "abduction.place": "Example Park", "contact.name": "Tip line",
        "contact.telephone": "+1 303 555 0100", "latitude": str(DENVER[1]), "longitude": str(DENVER[0]), "radius": "10",
    }  # fmt: skip


def count_down(house: Any) -> None:
    """The five seconds are over, on the database's clock."""
    with writing(house.services.engine) as connection:
        connection.execute(rows.update().values(due_at=database_now(connection) - timedelta(seconds=1)))
    assert countdown.let_due(house.services) == 1


def test_one_writes_another_approves_it_is_stopped_let_go_seen_arriving_and_ended(counting, world, house, signed_in):
    house.enrol([DENVER] * 3)
    author, approver = signed_in("submitter"), signed_in("approver")
    author.open(f"{world.base}/console/new")
    fill(author, written(house))
    press(author, '[name="attestation.abduction"]')
    press(author, '[name="attestation.imminent_danger"]')
    until(lambda: author.run("document.querySelector('[data-area-reach] .count')?.innerText") == "3")
    press(author, "Submit for approval")
    reads(author, "Waiting for a second officer")
    alert = author.run("location.href").partition("?")[0]
    approver.open(f"{world.base}/console")
    press(approver, "Robin Example")
    press(approver, "Approve and tell 3 people")
    reads(approver, "It goes out in")
    author.open(alert)
    press(author, "Stop it")
    reads(author, "Waiting for a second officer")
    approver.open(alert)
    press(approver, "Approve and tell 3 people")
    reads(approver, "It goes out in")
    count_down(house)
    author.open(alert)
    send(house)
    until(lambda: tried(lambda: author.run(SENT) == "3"))  # by itself
    press(author, "End the search now")
    reads(author, "This alert is over")


def refuse(house: Any) -> None:
    """The relay takes none of the e-mails."""
    with writing(house.services.engine) as connection:
        held = ledger.claim(connection, ledger.Want("anna", ("email",), 10, 60))
        now = database_now(connection)
        settled = [ledger.Settled(place, Outcome(Result.REFUSED, "550 5.7.1"), now) for place in range(3)]
        ledger.checkpoint(connection, held, ledger.Turn(settled), collapses=False, rng=None)


def test_an_operator_pauses_resumes_reads_what_failed_sends_it_again_and_reviews(world, house, signed_in):
    house.enrol([DENVER] * 3, "email")
    alert, operator = in_force(house), signed_in("operator")
    operator.open(f"{world.base}/operations")
    press_folded(operator, "Pause sending …", "form[action*='/pause'] button")
    reads(operator, "Paused")
    assert house.rows(notice)[0].paused
    press_folded(operator, "Resume", "form[action*='/resume'] button")
    until(lambda: not house.rows(notice)[0].paused)
    refuse(house)
    press(operator, "What did not arrive")
    press(operator, "Send again …")
    press(operator, "Send to 3 again")
    reads(operator, "3 wait to be sent again")
    end.cancel(house.services, house.approver, alert.id)
    operator.open(f"{world.base}/operations/history/{alert.token}")
    fill(operator, {"outcome": "found_safe", "part": "led"})
    press(operator, "Keep the review")
    reads(operator, "Found, alive and well")
    assert [one.part for one in house.rows(review)] == ["led"]
