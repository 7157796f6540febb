"""What tests of the pages share: the house with pages on it, people signed in by their one-time links, a public alert."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cast import DENVER
from visitors import NOW, ORIGIN

from alerts import agencies
from alerts.reports import Described, Plated, PublicAlert
from geo.shapes import Shape, from_circle
from notifiers.model import Text
from notifiers.transactions import writing


@pytest.fixture
def site(house, app):
    from alerts import pages

    pages.mount(app, house.services)
    return app


@pytest.fixture
def browser(site) -> Callable[[], Any]:
    """A new browser without script: cookies of its own, and our origin on every form it sends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from fastapi.testclient import TestClient

    def opened() -> Any:
        headers = {"origin": ORIGIN, "accept": "text/html"}
        return TestClient(site, base_url=ORIGIN, headers=headers, raise_server_exceptions=False)

    return opened


@pytest.fixture
def link(house) -> Callable[[str], str]:
    """The path of a fresh sign-in link for one of the cast."""

    def issued(who: str) -> str:
        with writing(house.services.engine) as connection:
            now = house.clock()
            return "/signin/" + agencies.issue_sign_in_link(connection, getattr(house, who).id, now, 900)

    return issued


@pytest.fixture
def signed_in(browser, link) -> Callable[[str], Any]:
    """A browser in which one of the cast is signed in."""

    def opened(who: str) -> Any:
        found = browser()
        assert found.post(link(who), follow_redirects=False).status_code == 303
        return found

    return opened


@pytest.fixture
def area() -> Shape:
    return from_circle(*DENVER, 20_000)


@pytest.fixture
def public(area) -> PublicAlert:
    """What anyone may see of an invented child."""
    lines = ("Hair: short brown hair", "Wearing: a yellow raincoat")
    body = "Robin Example, girl, 7 years old. Hair: short brown hair. Wearing: a yellow raincoat.\nLast seen: Example Park."
    return PublicAlert(
        token="t0ken", status="Actual", over=False, over_why=None, agency="Colorado Example",
        texts={
            "en": Text("Missing child: Robin Example, 7 years old", body, "Call at once.", "Denver"),
            "es": Text("Menor desaparecido: Robin Example, 7 años", "Robin Example, niña.", "Llame.", "Denver"),
        },
        sent_at=NOW - timedelta(minutes=12), expires_at=NOW + timedelta(hours=20),
        children=(Described("Robin Example", "7 years old, girl", lines),),
        vehicles=(Plated("silver Toyota", "EX4MPLE", "Colorado"),),
        circumstances=("Last seen: Example Park",), last_seen=DENVER,
        contact_name="Tip line", contact_telephone="+1 303 555 0100", area=area, area_name="Denver",
    )  # fmt: skip
