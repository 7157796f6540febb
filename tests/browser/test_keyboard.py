"""Every page without a mouse: the way past the head comes first, the focus can be seen wherever it is,
everything is reached in its order, and nothing holds it, neither the map to draw on nor what unfolds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from furnished import Furnished, furnished
from test_every_page import PAGES, come_in
from test_pages_in_chromium import chromium, pytestmark  # noqa: F401 fixtures

MOST_STOPS = 400  # a guard: no page of ours has as many
TOP = 'document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute("tabindex")'
DRAWN = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
HERE = """(() => { const one = document.activeElement;
  if (!one || one === document.body) return null;
  const box = one.getBoundingClientRect(), look = getComputedStyle(one);
  const stops = window.stops ||= new Map(), known = stops.has(one);
  if (!known) stops.set(one, stops.size);
  const before = [...stops.keys()].at(-2);
  const framed = one.localName === "iframe";  // the previewed page has stops and outlines of its own
  const parts = framed || /^(date|time)/.test(one.type);  // a stop for each of day, month, hour
  return { what: `${one.localName}.${one.className}#${one.id}`, known: known && !parts, first: stops.get(one) === 0,
    seen: box.width > 0 && box.right > 0 && (known || framed || look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 1),
    forward: !before || known || Boolean(before.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING) }; })()"""


@pytest.fixture
def world(house) -> Iterator[Furnished]:
    with furnished(house) as found:
        yield found


def walk(page: Any) -> list[str]:
    """From the top to the end by Tab, wherever a page puts the focus at first: what is wrong on the way."""
    if page.locator("[autofocus]").count():
        page.evaluate(DRAWN)  # it has the focus by now (a page that may run no script has none, and would never answer)
    page.evaluate(TOP)
    page.keyboard.press("Tab")
    faults = [] if page.evaluate("document.activeElement.matches('a.skip')") else ["no way past the head"]
    for _ in range(MOST_STOPS):
        here = page.evaluate(HERE)
        if here is None or (here["known"] and here["first"]):
            return faults
        if here["known"]:
            return [*faults, f"{here['what']} holds the focus"]
        faults += [f"{here['what']} {why}" for why, right in (("is not seen", here["seen"]), ("comes back", here["forward"])) if not right]  # fmt: skip
        page.keyboard.press("Tab")
    return [*faults, "no end"]


@pytest.mark.parametrize("who", PAGES)
def test_the_keyboard_goes_through_the_whole_page_in_order_and_the_eye_can_follow(chromium, world, who):  # noqa: F811
    page = chromium.new_context(service_workers="block", viewport={"width": 1280, "height": 800}).new_page()
    come_in(world, page, who)
    found = []
    for path in (path for mine in PAGES[who].values() for path in mine):
        page.goto(world.base + path.format(**world.names))
        page.evaluate("for (const box of document.querySelectorAll('details')) box.open = true")
        for number in range(page.locator("[data-draw]").count()):
            page.locator("[data-draw]").nth(number).locator(".leaflet-pm-toolbar").first.wait_for(state="attached")
        found += [f"{path}: {fault}" for fault in walk(page)]
    page.context.close()
    assert not found, "\n".join(found)


def test_the_way_past_the_head_can_be_seen_and_leads_past_it(chromium, world):  # noqa: F811
    page = chromium.new_context(service_workers="block").new_page()
    for path in (f"/a/{world.names['token']}", "/subscribe"):
        page.goto(world.base + path)
        page.keyboard.press("Tab")
        assert page.locator("a.skip").bounding_box()["x"] >= 0
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("Boolean(document.activeElement.closest('main'))")
    page.context.close()
