import pytest
from cast import DENVER
from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from alerts import agencies
from alerts.api import access
from alerts.api.access import OFFICER, PUBLIC, list_unruled, public_mount, rule
from notifiers.transactions import writing


def test_every_route_carries_a_rule(app):
    assert list_unruled(app.routes) == []
    assert len(list(iter_route_contexts(app.routes))) > 20


def test_a_route_without_a_rule_is_found_and_closed(app, client):
    router = APIRouter()

    @router.get("/forgotten")
    def forgotten() -> str:
        return "open"

    app.include_router(router)
    assert list_unruled(app.routes) == ["/forgotten"]
    assert client.get("/forgotten").status_code == 403


@pytest.mark.parametrize("path", ["/files/x", "/plain"])
def test_a_mount_without_a_rule_is_found_and_closed(app, client, path):
    app.router.routes.append(Mount("/files", app=PlainTextResponse("open")))
    app.router.routes.append(Route("/plain", lambda _request: PlainTextResponse("open")))
    assert list_unruled(app.routes) == ["/files", "/plain"]
    assert client.get(path).status_code == 403


def test_a_mount_of_public_files_is_open(app, client):
    app.router.routes.append(Mount("/files", app=public_mount(PlainTextResponse("open"))))
    assert list_unruled(app.routes) == []
    assert client.get("/files/x").text == "open"


def test_a_rule_that_a_mount_cannot_keep_is_found(app):
    app.router.routes.append(Mount("/files", app=rule(OFFICER)(PlainTextResponse("open"))))
    assert list_unruled(app.routes) == ["/files"]


def routes_of(app):
    for context in iter_route_contexts(app.routes):
        who = getattr(context.endpoint, access.MARK, None)
        for method in sorted(context.methods - {"HEAD"}):
            yield method, context.path, who


def test_nobody_enters_anything_that_is_not_public_without_proof(app, client):
    closed = [(m, p) for m, p, who in routes_of(app) if who not in {PUBLIC, access.METRICS}]
    assert len(closed) > 15
    for method, path in closed:
        answer = client.request(method, path.replace("{notice_id}", "1"), json={})
        assert answer.status_code in {400, 401, 422}, (method, path)
        if method == "GET":
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("submitter", "/v1/alerts", 200),
        ("operator", "/v1/alerts", 403),
        ("operator", "/v1/operations/notices", 200),
        ("submitter", "/v1/operations/notices", 403),
        ("stranger", "/v1/alerts", 200),
        ("submitter", "/v1/inbox", 403),
    ],
)
def test_each_role_enters_only_its_own_rooms(client, house, who, path, status):
    assert client.get(path, headers=house.headers(who)).status_code == status


@pytest.mark.parametrize("key", ["", "lk_wrong", "a.b", "..", "\xff", "x" * 5000])
def test_a_wrong_key_opens_nothing(client, key):
    answer = client.get("/v1/alerts", headers={"Authorization": f"Bearer {key}".encode("latin-1")})
    assert answer.status_code == 401


def test_a_recipient_opens_only_its_own_inbox(client, house):
    one, two = house.enrol([DENVER, DENVER])
    mine = {"Authorization": f"Bearer {one.public_id}.{one.token}"}
    assert client.get("/v1/inbox", headers=mine).status_code == 200
    assert client.delete(f"/v1/recipients/{two.public_id}", headers=mine).status_code == 403
    assert client.get("/v1/alerts", headers=mine).status_code == 403


def test_a_disabled_officers_key_and_session_end(client, house):
    token = sign_in(house)
    with writing(house.services.engine) as connection:
        agencies.disable(connection, house.submitter.id, house.clock())
    assert client.get("/v1/alerts", headers=house.headers("submitter")).status_code == 401
    assert client.get("/v1/alerts", headers=cookie(token)).status_code == 401


def test_a_session_reads_with_its_cookie(client, house):
    assert client.get("/v1/alerts", headers=cookie(sign_in(house))).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://127.0.0.1:8000"}, 200),
        ({"Origin": "http://testserver"}, 200),
    ],
)
def test_a_session_writes_only_from_our_own_pages(client, house, headers, status):
    reach = {"area": {"same": ["008031"]}}
    answer = client.post("/v1/reach", json=reach, headers=cookie(sign_in(house)) | headers)
    assert answer.status_code == status


def test_a_session_ends_with_its_time(client, house):
    token = sign_in(house)
    house.clock.pass_time(hours=9)
    assert client.get("/v1/alerts", headers=cookie(token)).status_code == 401


def test_metrics_are_the_operators_in_live_mode(house):
    from dataclasses import replace

    from alerts.api.access import METRICS, Caller, _admits
    from alerts.settings import Mode

    live = replace(house.services, settings=replace(house.services.settings, mode=Mode.LIVE))
    assert _admits(METRICS, Caller(), house.services)
    assert not _admits(METRICS, Caller(house.submitter), live)
    assert _admits(METRICS, Caller(house.operator), live)


def sign_in(house) -> str:
    now = house.clock()
    with writing(house.services.engine) as connection:
        link = agencies.issue_sign_in_link(connection, house.submitter.id, now, 900)
        return agencies.use_sign_in_link(connection, link, now, 8 * 3600)


def cookie(token: str) -> dict[str, str]:
    return {"Cookie": f"{access.COOKIE}={token}"}
