"""Every address that there is, asked by everybody who may: nothing of the child in any answer once the alert is over.

The routes are those of the application itself, so that a new one is asked as well; the same needles are found before.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from cast import DENVER, FIXTURES, record
from fastapi.routing import iter_route_contexts
from needles import FAMILY, NAME, PHOTOS, PLATE, found_in, needles_of

from alerts import agencies
from alerts.agencies import Role
from alerts.api.access import COOKIE
from alerts.service import decide, end, submit
from alerts.service.drafting import read_document
from notifiers.transactions import writing

STREAMS = {"/v1/inbox/events", "/operations/live.events"}  # end when the caller goes; what they say, their pages say


@pytest.fixture
def callers(house) -> dict[str, dict[str, str]]:
    """Everybody who may see more than nobody: by session and by key; a recipient inside."""
    now, connections = house.clock(), house.services.engine
    with writing(connections) as connection:

        def session(officer: Any) -> dict[str, str]:
            return {"Cookie": f"{COOKIE}={agencies.open_session(connection, officer.id, now, 3600, how='test')}"}

        admin = agencies.add_officer(connection, name="Admin", roles={Role.ADMINISTER}, agency=None, now=now)
        cast = {"submitter": house.submitter, "approver": house.approver, "operator": house.operator, "admin": admin}
        found = {"nobody": {}} | {f"session of {who}": session(officer) for who, officer in cast.items()}
    one = house.enrol([DENVER])[0]
    keys = {f"key of {who}": {"Authorization": f"Bearer {key}"} for who, key in house.keys.items()}
    return found | keys | {"recipient": {"Authorization": f"Bearer {one.public_id}.{one.token}"}}


@pytest.fixture
def told(house, callers):
    """An alert with a name, a plate and a photo, in force, delivered into an inbox."""
    photos = json.loads((FIXTURES / "alerts" / "demo.json").read_text())["photos"]
    child, vehicle = record()["children"][0], record()["vehicles"][0]
    whole = record(
        children=[child | {"name": f"{NAME} {FAMILY}"}], vehicles=[vehicle | {"plate": PLATE}], texts=None, photos=photos
    )  # fmt: skip
    document = read_document(house.services, house.submitter, json.dumps(whole).encode(), "application/json")
    left = submit.submit(house.services, house.submitter, document)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    return left


@pytest.fixture
def answers(site, browser, callers, told):
    """What every address answers: to nobody in particular, or where that is refused to each who may have a way in."""
    there = {
        "token": [told.token], "alert_id": [told.id], "notice_id": ["1", "2"], "size": ["a4", "letter"], "name": PHOTOS,
        "officer_id": ["1"], "key_id": ["1"], "source_id": ["1"],
    }  # fmt: skip
    routes = (
        {one.path for one in iter_route_contexts(site.routes) if "GET" in (one.methods or ())}
        - STREAMS
        - {"/static/{name}"}
    )
    paths = [path for route in sorted(routes) for path in filled(route, there)]
    paths += [f"/a/{told.token}?lang=es", f"/oembed?url=http://127.0.0.1:8000/a/{told.token}"]

    def ask() -> dict[str, set[bytes]]:
        client = browser()

        def by(path: str, who: str) -> Any:
            return client.get(path, headers=callers[who], follow_redirects=False)

        def heard(path: str) -> set[bytes]:
            open_to_all = by(path, "nobody")
            if open_to_all.status_code not in {401, 403}:
                return {open_to_all.content}
            way = "key" if path.startswith("/v1") else "session"
            return {by(path, who).content for who in callers if who.startswith((way, "recipient"))}

        return {path: heard(path) for path in paths}

    return ask


def filled(route: str, there: dict[str, Any]) -> list[str]:
    """The route's addresses: each of its names in turn replaced by all that it may be."""
    name = re.search(r"\{(\w+)[^}]*\}", route)
    if name is None:
        return [route]
    values = there.get(name[1], ["1"])
    return [path for value in values for path in filled(route.replace(name[0], value, 1), there)]


def leaking(found: dict[str, set[bytes]], needles: set[bytes]) -> set[str]:
    return {path for path, contents in found.items() for content in contents if found_in(content, needles)}


def test_no_address_answers_anybody_with_anything_of_the_child_once_it_is_over(house, browser, told, answers):
    page, shown = f"/a/{told.token}", f"/console/alerts/{told.id}"
    needles = needles_of(browser().get(f"{page}/photo/{name}").content for name in PHOTOS)
    before = leaking(answers(), needles)
    assert before >= {page, f"{page}?lang=es", f"{page}/poster-a4.pdf", f"{page}/poster-letter.pdf", shown}
    assert before >= {f"{page}/photo/{name}" for name in PHOTOS}
    assert before >= {f"/v1/alerts/{told.id}", f"/v1/alerts/{told.id}/cap", f"{shown}/photo/1.jpg"}
    end.cancel(house.services, house.submitter, told.id)
    assert leaking(answers(), needles) == set()
    assert "This alert is over" in browser().get(page).text
