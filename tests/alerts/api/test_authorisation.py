"""The authorisation matrix: every route of the application, called by everybody there is."""

from __future__ import annotations

from typing import Any

import pytest
from authorisation import LETS_IN, NOBODY, OTHERS_OBJECTS, ROUTES
from cast import DENVER
from fastapi import APIRouter
from fastapi.routing import iter_route_contexts

from alerts import agencies, keyring, partners
from alerts.agencies import OFFICER, Role, Use
from alerts.api.access import COOKIE, PUBLIC, rule
from notifiers.transactions import writing

ORIGIN = "http://127.0.0.1:8000"
CALLERS = sorted(NOBODY | set().union(*LETS_IN.values()) - {"everybody"} | {"administrator key"})
STREAMS = {"GET /v1/inbox/events", "GET /operations/live.events"}  # ends when the caller goes
LAST = ("DELETE /v1/recipients", "POST /inbox/leave")  # and after all of them the signing out


@pytest.fixture
def site(house, app):
    from alerts import pages

    pages.mount(app, house.services)
    return app


def routes_of(app) -> list[str]:
    found = [(one.path, method) for one in iter_route_contexts(app.routes) for method in (one.methods or {"ANY"})]
    return sorted({f"{method} {path}" for path, method in found if method != "HEAD"})


def test_every_route_stands_in_the_matrix_and_every_line_is_a_route(site):
    assert set(routes_of(site)) == set(ROUTES)


def test_a_new_route_without_a_line_is_found(site):
    router = APIRouter()
    router.get("/new")(rule(PUBLIC)(lambda: "new"))
    site.include_router(router)
    assert set(routes_of(site)) - set(ROUTES) == {"GET /new"}


@pytest.fixture
def credentials(house) -> dict[str, dict[str, str]]:
    """The headers of every caller."""
    now, services = house.clock(), house.services
    mine, theirs = house.submitter, house.stranger
    with writing(services.engine) as connection:

        def key(officer: Any, **scope: Any) -> dict[str, str]:
            return {"Authorization": f"Bearer {agencies.issue_key(connection, officer.id, now, **scope)}"}

        def session(officer: Any, at: Any = now) -> dict[str, str]:
            token = agencies.open_session(connection, officer.id, at, 8 * 3600, how="test")
            return {"Cookie": f"{COOKIE}={token}", "Origin": ORIGIN}

        def somebody(*roles: Role, of: Any = None) -> Any:
            return agencies.add_officer(connection, name="Somebody", roles=roles, agency=of, now=now)

        admin, gone = somebody(Role.ADMINISTER), somebody(*OFFICER, of=mine.agency)
        own = somebody(Role.ADMINISTER, of=mine.agency)
        found = {
            "nobody": {},
            "submit key": key(mine, roles={Role.SUBMIT}),
            "approve key": key(mine, roles={Role.APPROVE}),
            "operate key": key(house.operator),
            "administrator key": key(admin),
            "administrator session": session(admin),
            "agency administrator session": session(own),
            "officer session": session(mine),
            "foreign key": key(theirs),
            "test key": key(mine, use=Use.TEST),
            "drill key": key(mine, use=Use.DRILL),
            "disabled key": key(gone),
            "disabled session": session(gone),
            "expired key": key(mine, lifetime_s=0),
            "revoked key": key(mine),
            "waiting key": {"Authorization": "Bearer lk_" + "x" * 43},
            "idle session": session(mine, now - services_idle(services)),
        }
        agencies.revoke_key(connection, found["revoked key"]["Authorization"].split()[1], now)
        agencies.disable(connection, gone.id, now)
        keyring.grant(connection, mine.id, name="", use=Use.LIVE, roles=OFFICER, lifetime_s=60, now=now)
        partner = partners.add(connection, "tests", now)
        found["partner"] = {"Authorization": f"Bearer {partners.issue_key(connection, partner.id, now)}"}
    one = house.enrol([DENVER])[0]
    found["recipient"] = {"Authorization": f"Bearer {one.public_id}.{one.token}"}
    return found


def services_idle(services) -> Any:
    from datetime import timedelta

    return timedelta(seconds=services.settings.session_idle_s + 1)


@pytest.fixture
def call(site, client, house, submit, credentials) -> Any:
    """One route as one caller; what its path names is there, and is of the submitter's agency."""
    there = {
        "{alert_id}": submit()["id"], "{notice_id}": "1", "{officer_id}": str(house.stranger.id), "{key_id}": "999",
        "{name}": "1.jpg", "{source_id}": "1",
    }  # fmt: skip

    def send(route: str, who: str) -> Any:
        method, _, path = route.partition(" ")
        for name, value in there.items():
            path = path.replace(name, value)
        body = {"json": {}} if path.startswith("/v1") else {"data": {"": ""}}
        client.cookies.clear()
        return client.request(
            method, path, headers={**credentials[who], "If-Match": "*"}, follow_redirects=False, **body
        )

    return send


def kept_out(answer: Any) -> bool:
    """By the gate: what a route says by itself sounds otherwise."""
    said = answer.json() if answer.headers.get("content-type") == "application/problem+json" else {}
    return answer.status_code == 401 or (answer.status_code == 403 and said.get("detail", "").startswith("only for "))


@pytest.mark.parametrize("who", CALLERS)
def test_everybody_enters_what_is_theirs_and_nothing_else(call, who):
    wrong = []
    for route in sorted(ROUTES, key=lambda one: (one == "POST /signout", one.startswith(LAST))):
        allowed = LETS_IN[ROUTES[route]]
        enters = "everybody" in allowed or who in allowed
        if enters and route in STREAMS:
            continue
        answer = call(route, who)
        assert answer.status_code < 500, route
        if kept_out(answer) is enters or (not enters and (answer.status_code == 401) is not (who in NOBODY)):
            wrong.append((route, answer.status_code, answer.text[:120]))
        if enters and "{alert_id}" in route and who in OTHERS_OBJECTS and answer.status_code not in {404, 400, 422}:
            wrong.append((route, "shows what is another's", answer.status_code))
    assert wrong == []


def test_the_alert_of_another_agency_does_not_exist(call):
    seen = [route for route in ROUTES if route.startswith("GET") and "{alert_id}" in route]
    assert len(seen) > 6
    for who in sorted(OTHERS_OBJECTS):
        assert {call(route, who).status_code for route in seen} == {404}


def test_an_agencys_administrator_finds_nobody_of_another_agency(call):
    for what in ("disable", "link", "roles"):
        route = f"POST /administration/people/{{officer_id}}/{what}"
        assert call(route, "agency administrator session").status_code == 404
