"""Every page that there is, with something on it, as the person whom it is for: axe finds nothing in light, dark and
forced colours, and the smallest phone need not be pushed sideways. A new page without a line here fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_core import violations
from fastapi.routing import iter_route_contexts
from furnished import Furnished, confirmation, furnished
from pushing import send
from test_pages_in_chromium import chromium, pytestmark  # noqa: F401 fixtures

from alerts import pages

# By who looks: the route, and the addresses that stand for it.
PAGES = {
    "nobody": {
        "/": ["/", "/?lang=ar"],
        "/subscribe": ["/subscribe", "/subscribe?lang=es"],
        "/a/{token}": ["/a/{token}", "/a/{token}?lang=ar", "/a/{token}?lang=hi", "/a/{over}", "/a/{over}?lang=ar"],
        "/a/{token}/removal": ["/a/{token}/removal", "/a/{over}/removal?lang=es"],
        "/a/{token}/saw": ["/a/{token}/saw", "/a/{token}/saw?lang=ar"],
        "/a/{token}/saw/{reference}": ["/a/{token}/saw/{reference}"],
        "/signin": ["/signin"],
        "/signin/{token}": ["/signin/{link}"],
        "/transparency": ["/transparency"],
        "/u/{token}": ["/u/{unsubscribe}"],
    },
    "reader": {
        "/inbox": ["/inbox", "/inbox?welcome=2", "/inbox?lang=ar"],
        "/inbox/when": ["/inbox/when"],
        "/inbox/places": ["/inbox/places", "/inbox/places?lang=ar"],
        "/inbox/settings": ["/inbox/settings?done=kept", "/inbox/settings?lang=ar"],
        "/inbox/why": ["/inbox/why", "/inbox/why?lang=ar"],
        "/confirm/{token}": ["{confirm}"],
        "/removal/{status}": ["/removal/{status}"],
    },
    "submitter": {
        "/account": ["/account"],
        "/console": ["/console"],
        "/console/new": ["/console/new", "/console/new?template={template}"],
        "/console/alerts/{alert_id}": [
            f"/console/alerts/{{{which}}}" for which in ("alert", "waits", "later", "ended")
        ],
        "/console/alerts/{alert_id}/edit": ["/console/alerts/{waits}/edit"],
        "/console/alerts/{alert_id}/update": ["/console/alerts/{alert}/update"],
        "/console/alerts/{alert_id}/preview": ["/console/alerts/{later}/preview"],
        "/console/alerts/{alert_id}/preview/page": ["/console/alerts/{waits}/preview/page"],
        "/console/alerts/{alert_id}/tips": ["/console/alerts/{alert}/tips"],
        "/console/templates": ["/console/templates"],
        "/console/templates/new": ["/console/templates/new"],
        "/console/templates/{template_id}": ["/console/templates/{template}"],
    },
    "approver": {
        "/console/alerts/{alert_id}": ["/console/alerts/{waits}", "/console/alerts/{later}"],
        "/console/alerts/{alert_id}/versions": ["/console/alerts/{later}/versions"],
        "/console/alerts/{alert_id}/drill": ["/console/alerts/{ended}/drill", "/console/alerts/{alert}/drill"],
        "/console/consents": ["/console/consents"],
        "/feeds": ["/feeds"],
    },
    "operator": {
        "/operations": ["/operations"],
        "/operations/coverage": ["/operations/coverage"],
        "/operations/languages": ["/operations/languages"],
        "/operations/history": ["/operations/history"],
        "/operations/history/{token}": ["/operations/history/{over}"],
        "/operations/history/{token}/drill": ["/operations/history/{over}/drill"],
        "/operations/notices/{notice_id}/dead-letters": ["/operations/notices/1/dead-letters"],
        "/operations/removals": ["/operations/removals"],
    },
    "ada": {"/administration": ["/administration"], "/feeds": ["/feeds"], "/account": ["/account"]},
}
ENDS = (".json", ".csv", ".jpg", ".pdf", ".js", ".events", "/state", "/shape", "/photo/{name}", "/static/{name}")
WIDTHS = (320, 390, 1280)
WHOLE = "document.documentElement.lang && ['h1', 'main'].every(name => document.querySelectorAll(name).length === 1)"
FOR_PROGRAMS = {"/healthz", "/readyz", "/metrics", "/oembed", "/console/outlines", "/console/places"}


def test_every_page_has_its_place_here(house, app):
    pages.mount(app, house.services)
    routes = {one.path for one in iter_route_contexts(app.routes) if "GET" in (one.methods or ())}
    shown = {path for path in routes - FOR_PROGRAMS if not path.startswith("/v1/") and not path.endswith(ENDS)}
    assert {route for mine in PAGES.values() for route in mine} == shown


@pytest.fixture
def world(house) -> Iterator[Furnished]:
    with furnished(house) as found:
        yield found


def come_in(world: Furnished, page: Any, who: str) -> None:
    """As the person of this name; a reader subscribes, and was told of an alert."""
    if who == "reader":
        page.goto(f"{world.base}/subscribe")
        page.fill("#place", "Denver")
        page.fill("#email", "ana@example.org")
        page.check("#consent")
        page.click("main form button.go")
        page.wait_for_url("**/inbox?welcome=2")
        send(world.house)
        world.names["confirm"] = confirmation(world)
    elif who != "nobody":
        page.context.add_cookies([world.session(who)])


def without_policy(route: Any) -> None:
    """A page that its policy shuts in lets no script run, axe neither. In its frame it keeps it."""
    if route.request.frame.parent_frame:
        route.continue_()
        return
    answer = route.fetch()
    kept = {name: value for name, value in answer.headers.items() if name != "content-security-policy"}
    route.fulfill(response=answer, headers=kept)


def faults_of(page: Any, address: str) -> list[str]:
    """What is wrong with one page, all that is folded opened, its maps drawn."""
    answer = page.goto(address)
    if not answer.ok or page.url != address or "text/html" not in answer.headers["content-type"]:
        return [f"{address} is {answer.status} at {page.url}"]
    page.evaluate("for (const box of document.querySelectorAll('details')) box.open = true")
    for number in range(page.locator("[data-draw]").count()):
        page.locator("[data-draw]").nth(number).locator(".leaflet-pm-toolbar").first.wait_for(state="attached")
    for number in range(page.locator("[data-chart]").count()):
        page.locator("[data-chart]").nth(number).locator("canvas").wait_for()
    found = [] if page.evaluate(WHOLE) else [f"{address} lacks a language, its one heading or its one main part"]
    found += [fault for width in WIDTHS for fault in too_wide(page, width)]
    return found + violations(page)


def too_wide(page: Any, width: int) -> list[str]:
    page.set_viewport_size({"width": width, "height": 800})
    wide = page.evaluate("document.documentElement.scrollWidth")
    return [f"{page.url} is {wide} wide on a screen of {width}"] if wide > width else []


@pytest.mark.parametrize("who", PAGES)
def test_every_page_is_for_everybody_in_every_look_and_as_narrow_as_the_smallest_phone(chromium, world, who):  # noqa: F811
    page, found = chromium.new_context(service_workers="block").new_page(), []
    page.on("console", lambda said: found.append(f"{page.url}: {said.text}") if said.type == "error" else None)
    page.route("**/preview/page", without_policy)
    come_in(world, page, who)
    for path in (path for mine in PAGES[who].values() for path in mine):
        found += faults_of(page, world.base + path.format(**world.names))
    page.context.close()
    assert not found, "\n".join(found)
