"""The alert page as a phone on a poor network gets it: its bytes, what is painted largest and when, that nothing moves."""

from __future__ import annotations

import json
import logging
import os
import socket
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cast import FIXTURES, House, record

from alerts.service import decide, submit
from alerts.service.drafting import read_document
from notifiers.catalogues import NAMES

log = logging.getLogger(__name__)
playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
PHONE = {"width": 390, "height": 844}
POOR = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}  # 400 kbit/s
SLACK = 6.0  # a machine under load paints later than a phone; what is promised is measured by itself
WATCH = """
window.seen = {};
new PerformanceObserver((list) => { for (const one of list.getEntries())
  window.seen = { at: one.startTime, what: one.element?.className || one.element?.localName, size: one.size };
}).observe({ type: "largest-contentful-paint", buffered: true });
window.moved = 0;
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.moved += one.value;
}).observe({ type: "layout-shift", buffered: true });
"""

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
    """The house as a whole server faces the public: its pages lie ready."""
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
def page_path(house: House) -> str:
    """An alert in force with the drawn portrait."""
    whole = record(photos=json.loads((FIXTURES / "alerts" / "demo.json").read_text())["photos"])
    document = read_document(house.services, house.submitter, json.dumps(whole).encode(), "application/json")
    left = submit.submit(house.services, house.submitter, document)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    return f"/a/{left.token}"


def visit(chromium: Any, address: str, *, poor: bool) -> dict[str, Any]:
    """One visit with a cold cache: what came over the wire by address, what was painted largest, what moved."""
    context = chromium.new_context(viewport=PHONE, device_scale_factor=2, service_workers="block")
    page = context.new_page()
    page.add_init_script(WATCH)
    wire, names = {}, {}
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.on("Network.requestWillBeSent", lambda told: names.update({told["requestId"]: told["request"]["url"]}))
    devtools.on("Network.loadingFinished", lambda told: wire.update({names.get(told["requestId"], "?"): told["encodedDataLength"]}))  # fmt: skip
    if poor:
        devtools.send("Network.emulateNetworkConditions", POOR)
    page.goto(address, wait_until="networkidle")
    page.wait_for_function("window.seen.at")
    found = page.evaluate("({...window.seen, moved: window.moved})") | {"wire": wire}
    context.close()
    return found


def test_the_page_costs_50_kib_and_its_first_screen_photo_14(house, chromium, page_path):
    with served(house) as base:
        wire = visit(chromium, base + page_path, poor=False)["wire"]
    html = wire[base + page_path]
    photos = {address: size for address, size in wire.items() if "/photo/" in address}
    assert html <= 12 * 1024 + 1024  # with its head
    assert max(photos.values()) <= 14 * 1024 + 1024
    assert sum(wire.values()) <= 50 * 1024
    assert all(address.startswith(base) for address in wire)  # nobody else is asked


def test_on_a_poor_network_the_photo_is_painted_soon_and_nothing_moves(house, chromium, page_path):
    with served(house) as base:
        seen = [visit(chromium, base + page_path, poor=True) for _ in range(3)]
    assert {one["what"] for one in seen} <= {"photo", "h1"}
    assert statistics.median(one["at"] for one in seen) < 1500 * SLACK
    assert max(one["moved"] for one in seen) < 0.05


@pytest.mark.parametrize("path", ["/", "/subscribe", "{}/saw", "{}/removal", "/transparency"])
def test_the_other_pages_of_the_public_cost_no_more_than_50_kib_and_nothing_moves(house, chromium, page_path, path):
    with served(house) as base:
        seen = visit(chromium, base + path.format(page_path), poor=False)
    log.warning("%s: %d bytes over the wire", path, sum(seen["wire"].values()))
    assert sum(seen["wire"].values()) <= 50 * 1024
    assert seen["moved"] < 0.05
    assert not [one for one in seen["wire"] if one.startswith("http") and not one.startswith(base)]


SHARER = """
window.passed = [];
navigator.share = (what) => { window.passed.push({ url: what.url, files: (what.files || []).map((one) => [one.name, one.type, one.size]) });
  return Promise.resolve(); };
navigator.canShare = () => true;
"""
AGENT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/124 Mobile"


def shares(chromium: Any, address: str) -> list[dict[str, Any]]:
    """Somebody opens a link and presses Share twice: what the phone was given."""
    context = chromium.new_context(viewport=PHONE, user_agent=AGENT, service_workers="block")
    page = context.new_page()
    page.add_init_script(SHARER)
    page.goto(address)
    assert "c=" not in page.url
    page.evaluate("Promise.all([fetched(), mint()])")  # however slow the machine: a share waits a second for them
    for time in (1, 2):
        page.click("nav.act [data-share]")
        while not page.evaluate(f"window.passed.length === {time} && !window.passed.at(-1).url.endsWith(mark)"):
            page.wait_for_timeout(50)  # the test's own limit guards
    passed = page.evaluate("window.passed")
    context.close()
    return passed


def test_a_share_gives_the_phone_the_picture_and_a_link_of_its_own_one_step_further(house, chromium, page_path):
    from notifiers.share_tokens import depth_of, secret_of

    public, secret = page_path.rpartition("/")[2], secret_of(house.services.vault)
    with served(house) as base:
        first = shares(chromium, base + page_path)
        came_by = first[-1]["url"].rpartition("/")[2]
        second = shares(chromium, f"{base}/a/{came_by}")
    tokens = [one["url"].rpartition("?c=")[2] for one in first + second]
    assert len(set(tokens)) == 4
    assert [depth_of(secret, public, token) for token in tokens] == [1, 1, 2, 2]
    [[name, kind, size]] = first[1]["files"]
    assert (name, kind) == ("alert.jpg", "image/jpeg")
    assert 10_000 < size < 300_000


@pytest.fixture
def in_all_languages(house: House) -> str:
    texts: dict[str, dict[str, str]] = {tag: {} for tag in NAMES}
    whole = record(texts=texts, photos=json.loads((FIXTURES / "alerts" / "demo.json").read_text())["photos"])
    document = read_document(house.services, house.submitter, json.dumps(whole).encode(), "application/json")
    left = submit.submit(house.services, house.submitter, document)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    return f"/a/{left.token}"


def test_in_every_language_it_is_as_light_as_wide_as_the_smallest_phone_and_reached_in_order(
    house, chromium, in_all_languages
):
    context = chromium.new_context(viewport={"width": 320, "height": 640}, service_workers="block")
    page = context.new_page()
    with served(house) as base:
        for tag in NAMES:
            found = page.goto(f"{base}{in_all_languages}?lang={tag}")
            assert page.get_attribute("html", "lang") == tag
            assert found.request.sizes()["responseBodySize"] <= 12 * 1024
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
            reached = []
            for _ in range(2 + len(NAMES)):
                page.keyboard.press("Tab")
                reached.append(page.evaluate("document.activeElement.href || document.activeElement.className"))
            assert reached[0].endswith("#alert")
            assert reached[-2].endswith("-full.jpg")  # the photo, after the languages that are not shown now
            assert reached[-1].startswith("tel:")
    context.close()
