"""The layer before the router: it answers alert pages itself, counts them as the router does, and passes on the rest."""

from __future__ import annotations

import json

import pytest
from visitors import ORIGIN

from alerts import reading
from alerts.pages.front import Front
from alerts.pages.rack import Rack
from alerts.schedule import Schedule
from alerts.service import decide, submit
from alerts.service.drafting import read_document
from notifiers import share_tokens
from notifiers.tables import look_count

PHONE = {"user-agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/124 Mobile", "accept": "text/html"}


@pytest.fixture
def alert(house, make_record):
    document = read_document(house.services, house.submitter, json.dumps(make_record()).encode(), "application/json")
    left = submit.submit(house.services, house.submitter, document)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    return left


@pytest.fixture
def phone(house, site, alert, monkeypatch):
    """A phone before a house whose pages lie ready, and whose router can draw none."""
    from fastapi.testclient import TestClient

    rack = Rack(house.services)
    rack.look()
    site.add_middleware(Front, services=house.services, rack=rack)
    monkeypatch.setattr(reading, "public_alert", lambda *_, **__: 1 / 0)
    monkeypatch.setattr(reading, "public_standing", lambda *_, **__: 1 / 0)
    return TestClient(site, base_url=ORIGIN, headers=PHONE, raise_server_exceptions=False)


def test_the_page_comes_from_memory_and_unchanged_not_at_all(phone, alert):
    page = phone.get(f"/a/{alert.token}")
    assert page.status_code == 200
    assert page.headers["content-encoding"] == "gzip"
    again = phone.get(f"/a/{alert.token}", headers={"if-none-match": page.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", page.headers["etag"])


def test_a_head_has_no_body(phone, alert):
    head = phone.head(f"/a/{alert.token}")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 1000


def test_a_visit_by_a_marked_link_is_counted_once(house, phone, alert):
    for query in ("?c=push", "?c=email&lang=es", ""):
        assert phone.get(f"/a/{alert.token}{query}").status_code == 200
    phone.head(f"/a/{alert.token}?c=push")
    phone.get(f"/a/{alert.token}/state?c=push")
    Schedule(house.services).write_counts()
    assert {(row.way, row.count) for row in house.rows(look_count)} == {("push", 1), ("email", 1)}


def test_all_else_is_the_routers(phone, alert):
    assert phone.get("/healthz").status_code == 200
    assert phone.get(f"/a/{alert.token}/photo/9.jpg").status_code == 404
    assert phone.get("/a/nothing").status_code == 500  # the router was asked, and this one can draw nothing
    assert phone.post(f"/a/{alert.token}/shared").status_code == 204


def test_a_whole_server_looks_by_itself_and_stops_with_it(house, site, alert):
    from fastapi.testclient import TestClient

    from alerts import pages

    pages.face(site, house.services)
    with TestClient(site, base_url=ORIGIN, headers=PHONE) as phone:
        assert phone.get(f"/a/{alert.token}").status_code == 200


def test_the_token_of_a_link_that_is_shared_is_minted_before_the_router(house, phone, alert):
    path, secret = f"/a/{alert.token}/link", share_tokens.secret_of(house.services.vault)
    first = phone.post(path, params={"c": "push"})
    second = phone.post(path, params={"c": first.text})
    assert (first.headers["cache-control"], "etag" in first.headers) == ("no-store", True)
    assert [share_tokens.depth_of(secret, alert.token, one.text) for one in (first, second)] == [1, 2]
    assert phone.post("/a/x/y/link").status_code == 404
