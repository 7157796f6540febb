"""The main pages of the three without a mouse: the way past the head comes first, the focus can be seen wherever it is,
everything is reached in its order, and nothing holds it, neither the map to draw on nor what unfolds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from furnished import Furnished, furnished
from test_pages_in_chromium import chromium, pytestmark  # noqa: F401 fixtures

PAGES = [
    ("nobody", "/a/{token}"),
    ("nobody", "/subscribe"),
    ("submitter", "/console/new"),
    ("approver", "/console/alerts/{waits}"),
    ("operator", "/operations"),
]
MOST_STOPS = 400  # a guard: no page of ours has as many
HERE = """(() => { const one = document.activeElement;
  if (!one || one === document.body) return null;
  const box = one.getBoundingClientRect(), look = getComputedStyle(one);
  const stops = window.stops ||= new Map(), known = stops.has(one);
  if (!known) stops.set(one, stops.size);
  const before = [...stops.keys()].at(-2);
  const parts = /^(date|time)/.test(one.type);  // a stop for each of day, month, hour
  return { what: `${one.localName}.${one.className}#${one.id}`, known: known && !parts, first: stops.get(one) === 0,
    seen: box.width > 0 && box.right > 0 && (known || look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 1),
    forward: !before || known || Boolean(before.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING) }; })()"""


@pytest.fixture
def world(house) -> Iterator[Furnished]:
    with furnished(house) as found:
        yield found


def walk(page: Any) -> list[str]:
    """From the top to the end by Tab: what is wrong on the way."""
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


@pytest.mark.parametrize(("who", "path"), PAGES)
def test_the_keyboard_goes_through_the_whole_page_in_order_and_the_eye_can_follow(chromium, world, who, path):  # noqa: F811
    page = chromium.new_context(service_workers="block", viewport={"width": 1280, "height": 800}).new_page()
    if who != "nobody":
        page.context.add_cookies([world.session(who)])
    page.goto(world.base + path.format(**world.names))
    page.evaluate("for (const box of document.querySelectorAll('details')) box.open = true")
    if page.locator("[data-draw]").count():
        page.locator(".leaflet-pm-toolbar").first.wait_for(state="attached")
    found = walk(page)
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
