import json

import pytest
from cast import DENVER, FAR_AWAY

from alerts.api.limits import Throttle
from geo import tables as geo_tables
from notifiers.tables import batch, subscription

SIGN_UP = {"lon": DENVER[0], "lat": DENVER[1], "consent": "Tell me about missing children.", "inbox": True}


@pytest.fixture
def signed_up(client):
    answer = client.post("/v1/recipients", json=SIGN_UP)
    assert answer.status_code == 201
    mine = answer.json()
    return mine["id"], {"Authorization": f"Bearer {mine['id']}.{mine['token']}"}


def test_a_recipient_signs_up_moves_into_an_alert_and_reads_of_it(client, house, signed_up, in_force):
    me, mine = signed_up
    client.put(f"/v1/recipients/{me}/location", json={"lon": FAR_AWAY[0], "lat": FAR_AWAY[1]}, headers=mine)
    in_force()
    assert house.rows(batch) == []
    moved = client.put(f"/v1/recipients/{me}/location", json={"lon": DENVER[0], "lat": DENVER[1]}, headers=mine)
    assert moved.status_code == 204
    assert [row.size for row in house.rows(batch)] == [1]


def test_a_recipient_leaves_for_good(client, house, signed_up):
    me, mine = signed_up
    assert client.delete(f"/v1/recipients/{me}", headers=mine).status_code == 204
    assert house.rows(geo_tables.position) == []
    assert client.get("/v1/inbox", headers=mine).status_code == 401


@pytest.mark.parametrize("place", [{"lon": 181, "lat": 0}, {"lon": 0, "lat": 91}, {"lon": "x", "lat": 0}, {"lat": 1}])
def test_a_place_that_is_none_is_refused(client, house, signed_up, place):
    me, mine = signed_up
    before = house.rows(geo_tables.position)
    assert client.put(f"/v1/recipients/{me}/location", json=place, headers=mine).status_code == 422
    assert house.rows(geo_tables.position) == before


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"inbox": False}, ""),
        ({"consent": "ok"}, "/consent"),
        ({"email": "a@b"}, "/email"),
        ({"email": "a\0@b.example"}, "/email"),
        ({"extra": 1}, "/extra"),
    ],
)
def test_a_sign_up_that_lacks_something_is_refused(client, house, change, path):
    answer = client.post("/v1/recipients", json=SIGN_UP | change)
    assert answer.status_code == 422
    assert [problem["path"] for problem in answer.json()["problems"]] == [path]
    assert house.rows(subscription) == []


def test_a_client_that_signs_up_too_often_waits(app, client):
    app.state.throttle = Throttle(per_minute=2)
    answers = [client.post("/v1/recipients", json=SIGN_UP) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1


def test_places_are_found_by_name(client):
    found = client.get("/v1/places", params={"q": "denver"}).json()
    assert {"code": "008031", "name": "Denver County, CO"} in found
    assert client.get("/v1/places", params={"q": "x"}).status_code == 422


KEYS = {"p256dh": "B" * 87, "auth": "a" * 22}


def test_an_app_signs_up_with_what_its_distributor_gave_it(client, house):
    asked = {"unified_push": {"endpoint": "http://127.0.0.1:9/up/abc", "keys": KEYS}}
    assert client.post("/v1/recipients", json=SIGN_UP | asked | {"inbox": False}).status_code == 201
    [row] = house.rows(subscription)
    assert (row.channel, row.origin) == ("unified_push", "http://127.0.0.1:9")
    assert json.loads(row.address) == {"endpoint": "http://127.0.0.1:9/up/abc", **KEYS}


@pytest.mark.parametrize("member", ["push", "unified_push"])
def test_an_endpoint_that_we_may_not_call_is_refused_where_it_stands(client, member):
    asked = {member: {"endpoint": "http://169.254.169.254/latest", "keys": KEYS}}
    answer = client.post("/v1/recipients", json=SIGN_UP | asked)
    assert [problem["path"] for problem in answer.json()["problems"]] == [f"/{member}/endpoint"]
