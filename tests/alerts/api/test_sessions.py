"""Sessions and keys: when they end, what their cookies say, when they were used last."""

from dataclasses import replace

import pytest

from alerts import agencies
from alerts.access_tables import credential, session
from alerts.api.access import COOKIE, set_session
from alerts.settings import Mode
from notifiers.transactions import writing


@pytest.fixture
def cookie(house):
    def opened(**more):
        with writing(house.services.engine) as connection:
            token = agencies.open_session(connection, house.submitter.id, house.clock(), 8 * 3600, how="test", **more)
        return {"Cookie": f"{COOKIE}={token}"}

    return opened


def test_a_session_that_nobody_uses_ends(client, house, cookie):
    headers = cookie()
    house.clock.pass_time(minutes=29)
    assert client.get("/v1/alerts", headers=headers).status_code == 200
    house.clock.pass_time(minutes=29)  # the clock began anew
    assert client.get("/v1/alerts", headers=headers).status_code == 200
    house.clock.pass_time(minutes=31)
    assert client.get("/v1/alerts", headers=headers).status_code == 401


def test_a_session_that_is_used_ends_all_the_same(client, house, cookie):
    headers = cookie()
    for _ in range(16):
        house.clock.pass_time(minutes=29)
        client.get("/v1/alerts", headers=headers)
    house.clock.pass_time(minutes=20)
    assert client.get("/v1/alerts", headers=headers).status_code == 401


def test_a_disabled_persons_next_request_is_nobodys(client, house, cookie):
    headers = cookie()
    assert client.get("/v1/alerts", headers=headers).status_code == 200
    with writing(house.services.engine) as connection:
        agencies.disable(connection, house.submitter.id, house.clock())
    assert client.get("/v1/alerts", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("mode", "url", "secure"),
    [("sandbox", "", False), ("sandbox", "https://x.example", True), ("live", "", True)],
)
def test_a_cookie_is_for_this_site_over_tls_and_out_of_reach_of_scripts(house, mode, url, secure):
    from fastapi import Response

    settings = replace(house.services.settings, mode=Mode(mode), public_url=url)
    answer = Response()
    set_session(answer, replace(house.services, settings=settings), "token")
    said = answer.headers["set-cookie"].lower()
    assert "httponly" in said
    assert "samesite=strict" in said
    assert ("secure" in said) is secure


def test_a_key_tells_when_it_was_used_last(client, house):
    client.get("/v1/alerts", headers=house.headers("submitter"))
    first = {row.officer_id: row.used_at for row in house.rows(credential)}
    assert first[house.submitter.id] is not None
    assert first[house.approver.id] is None
    client.get("/v1/alerts", headers=house.headers("submitter"))  # to the minute: not a write a request
    assert {row.officer_id: row.used_at for row in house.rows(credential)} == first


def test_a_keys_scope_keeps_it_to_its_role(client, house):
    from alerts.agencies import Role

    with writing(house.services.engine) as connection:
        key = agencies.issue_key(connection, house.submitter.id, house.clock(), roles={Role.SUBMIT})
    headers = {"Authorization": f"Bearer {key}"}
    assert client.post("/v1/alerts/x/approve", json={}, headers=headers).status_code == 403
    assert client.get("/v1/alerts", headers=headers).status_code == 200


def test_the_database_holds_no_session_that_could_be_used(house, cookie):
    token = cookie()["Cookie"].partition("=")[2]
    assert all(token.encode() != row.hash for row in house.rows(session))
    assert len(house.rows(session)[0].hash) == 32
