"""`POST /v1/locations` through the application: who may, what is bounded, and what is answered."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

import pytest
from cast import DENVER

from alerts import partners
from alerts.api import limits
from geo import store as positions
from geo import tables as geo_tables
from notifiers import addresses, persons, subscriptions
from notifiers.subscriptions import Enrolment, NewSubscription
from notifiers.transactions import writing

NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
def partner(house):
    """A partner with one person, u-1; the headers with its key."""
    services, now = house.services, house.clock()
    secret = addresses.secret(services.vault)
    mail = NewSubscription("email", {"email": "a@example.org"}, "en", "app", "I agree.", now, now)
    with writing(services.engine) as connection:
        example = partners.add(connection, "Example", now)
        key = partners.issue_key(connection, example.id, now)
        person = Enrolment("partner", False, "Example", [mail], persons.keyed_hash(secret, "Example", "u-1"))
        [done] = subscriptions.enrol(connection, [person], secret=secret, now=now)
        positions.place(connection, [positions.Position(done.recipient_id, 0.0, 0.0)], now)
    return NDJSON | {"Authorization": f"Bearer {key}"}


def line(person="u-1", **more) -> str:
    return json.dumps({"person": person, "lon": DENVER[0], "lat": DENVER[1]} | more)


def devices(house):
    return [(row.lon, row.lat) for row in house.rows(geo_tables.position) if row.kind == "device"]


def test_a_partner_tells_where_its_people_are(client, house, partner):
    answer = client.post("/v1/locations", content=line() + "\n", headers=partner)
    assert answer.status_code == 200
    assert answer.json() == {"lines": 1, "stored": 1, "unchanged": 0, "rejected": 0, "problems": []}
    assert devices(house) == [DENVER]


def test_every_wrong_line_is_named_and_the_others_are_taken(client, house, partner):
    body = "\n".join([line(), line("u-2"), line(lon=181, colour="red")])
    answer = client.post("/v1/locations", content=body, headers=partner)
    assert answer.status_code == 200
    found = [(one["line"], one["type"], one["path"]) for one in answer.json()["problems"]]
    assert found == [(2, "person.unknown", "/person"), (3, "line.unknown", "/colour"), (3, "lon.range", "/lon")]
    assert answer.json()["rejected"] == 2
    assert devices(house) == [DENVER]


def test_nothing_that_can_be_taken_is_a_problem_document(client, house, partner):
    answer = client.post("/v1/locations", content="{\n" + line("u-2"), headers=partner)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert (said["status"], said["lines"], said["rejected"], len(said["problems"])) == (422, 2, 2, 2)


@pytest.mark.parametrize("prefer", ["handling=strict", "respond-async, handling = strict; x=1"])
def test_a_strict_partner_has_all_or_nothing(client, house, partner, prefer):
    strict = partner | {"Prefer": prefer}
    answer = client.post("/v1/locations", content=line() + "\n" + line("u-2"), headers=strict)
    assert (answer.status_code, answer.headers["preference-applied"]) == (422, "handling=strict")
    assert devices(house) == []
    assert client.post("/v1/locations", content=line(), headers=strict).status_code == 200


def test_an_empty_body_is_no_fault(client, partner):
    answer = client.post("/v1/locations", content="\n\n", headers=partner)
    assert (answer.status_code, answer.json()["lines"]) == (200, 0)


@pytest.mark.parametrize(
    "headers",
    [{"Content-Type": "application/json"}, {"Content-Type": ""}, {"Content-Encoding": "gzip"}],
)
def test_another_type_or_compression_is_refused(client, house, partner, headers):
    assert client.post("/v1/locations", content=line(), headers=partner | headers).status_code == 415
    assert devices(house) == []


@pytest.mark.parametrize("who", ["submitter", "operator"])
def test_officers_and_operators_may_not(client, house, who):
    assert client.post("/v1/locations", content=line(), headers=house.headers(who) | NDJSON).status_code == 403


def test_a_partners_key_opens_nothing_else(client, partner):
    for method, path in (
        ("GET", "/v1/alerts"),
        ("POST", "/v1/reach"),
        ("GET", "/v1/inbox"),
        ("GET", "/v1/operations/notices"),
    ):
        answer = client.request(method, path, headers=partner | {"Content-Type": "application/json"})
        assert answer.status_code == 403, path


@pytest.mark.parametrize(
    "key", ["", "lkp_", "lkp_1_" + "A" * 43, "lkp_99999999999_" + "A" * 43, "lkp_1_x", "lkp_0_\xff"]
)
def test_a_wrong_key_is_nobodys(client, partner, key):
    headers = NDJSON | {"Authorization": f"Bearer {key}".encode("latin-1")}
    assert client.post("/v1/locations", content=line(), headers=headers).status_code == 401


def test_a_revoked_key_is_nobodys(client, house, partner):
    with writing(house.services.engine) as connection:
        partners.revoke_key(connection, 1, house.clock())
    assert client.post("/v1/locations", content=line(), headers=partner).status_code == 401


def test_a_body_over_the_limit_is_refused_whole(client, house, partner, monkeypatch):
    monkeypatch.setattr("alerts.location_lines.MAX_BYTES", 100_000)

    def pieces():
        yield from (line().encode() + b"\n" for _ in range(3000))

    assert client.post("/v1/locations", content=pieces(), headers=partner).status_code == 413
    assert client.post("/v1/locations", content=b"\n" * 100_001, headers=partner).status_code == 413
    assert devices(house) == []


def test_a_bulk_body_may_be_larger_than_others(client, house, partner):
    filler = "\n".join([line()] * 2000)
    assert len(filler) > house.services.settings.max_body_bytes
    assert client.post("/v1/locations", content=filler, headers=partner).json()["stored"] == 1


def test_more_lines_than_the_limit_are_refused_whole(client, house, partner, monkeypatch):
    monkeypatch.setattr("alerts.service.locations.MAX_LINES", 3)
    answer = client.post("/v1/locations", content="\n".join([line()] * 5), headers=partner)
    assert answer.status_code == 413
    assert answer.json()["problems"][0]["type"] == "lines.many"
    assert devices(house) == []


def test_a_partner_that_sends_everything_at_once_waits(app, client, partner):
    app.state.bulk = Counter({1: limits.BULK_EACH})
    answer = client.post("/v1/locations", content=line(), headers=partner)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    app.state.bulk.clear()
    assert client.post("/v1/locations", content=line(), headers=partner).status_code == 200
    assert app.state.bulk.total() == 0


def test_a_stranger_sends_nothing(app):
    """The caller is let in before the body is read."""
    taken, sent = [], []

    async def receive():
        taken.append(1)
        return {"type": "http.request", "body": b" " * 100_000, "more_body": True}

    async def send(message):
        sent.append(message)

    path = "/v1/locations"
    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b""}
    headers = [(b"content-type", b"application/x-ndjson")]
    scope |= {"headers": headers, "client": ("203.0.113.9", 1), "http_version": "1.1"}
    asyncio.run(app(scope, receive, send))
    assert (sent[0]["status"], taken) == (401, [])


def test_the_example_of_the_documentation_is_read(client, partner):
    document = client.get("/openapi.json").json()["paths"]["/v1/locations"]["post"]
    assert document["security"] == [{"partner": []}]
    example = document["requestBody"]["content"]["application/x-ndjson"]["example"]
    answer = client.post("/v1/locations", content=example, headers=partner)
    assert {one["type"] for one in answer.json()["problems"]} <= {"person.unknown", "at.over", "at.future"}
