"""A recipient's own places through the application: several, listed coarsely, removed one by one."""

from __future__ import annotations

import pytest
from cast import DENVER, FAR_AWAY

from geo import tables as geo_tables
from notifiers.tables import batch

SIGN_UP = {"lon": FAR_AWAY[0], "lat": FAR_AWAY[1], "consent": "Tell me about missing children.", "inbox": True}


def place(at, kind="home", number=0):
    return {"lon": at[0], "lat": at[1], "kind": kind, "number": number}


@pytest.fixture
def sign_up(client):
    def sign(**more):
        answer = client.post("/v1/recipients", json=SIGN_UP | more)
        assert answer.status_code == 201, answer.text
        mine = answer.json()
        return f"/v1/recipients/{mine['id']}", {"Authorization": f"Bearer {mine['id']}.{mine['token']}"}

    return sign


def test_a_sign_up_may_name_several_places(client, house, sign_up):
    me, mine = sign_up(places=[place(DENVER, "followed", 2), place((10.0, 50.0), "device")])
    found = client.get(f"{me}/locations", headers=mine).json()
    assert [(one["kind"], one["number"]) for one in found] == [("device", 0), ("home", 0), ("followed", 2)]
    assert all(one["radius_m"] > 500 for one in found)
    assert {len(str(one["lon"])) for one in found} != {len(str(DENVER[0]))}
    assert [one["expires_at"] is None for one in found] == [False, True, True]


def test_no_place_is_stored_as_exact_as_it_was_told(client, house, sign_up):
    me, mine = sign_up(places=[place(DENVER, "followed", 1)])
    client.put(f"{me}/location", json=place(DENVER, "device"), headers=mine)
    stored = house.rows(geo_tables.position)
    assert len(stored) == 3
    assert all((row.lon, row.lat) not in (DENVER, FAR_AWAY) and row.radius_m > 500 for row in stored)


def test_whoever_has_several_places_in_the_area_is_told_once(client, house, sign_up, in_force):
    sign_up(places=[place(DENVER, "followed", 1), place(DENVER, "device")])
    in_force()
    assert [row.size for row in house.rows(batch)] == [1]


def test_a_phone_elsewhere_does_not_take_home_off_the_map(client, house, sign_up, in_force):
    me, mine = sign_up()
    client.put(f"{me}/location", json=place(DENVER), headers=mine)
    client.put(f"{me}/location", json=place((10.0, 50.0), "device"), headers=mine)
    in_force()
    assert [row.size for row in house.rows(batch)] == [1]


def test_who_follows_a_place_inside_an_active_area_is_told(client, house, sign_up, in_force):
    me, mine = sign_up()
    in_force()
    assert house.rows(batch) == []
    client.put(f"{me}/location", json=place(DENVER, "followed", 8), headers=mine)
    assert [row.size for row in house.rows(batch)] == [1]


def test_a_place_that_was_removed_is_not_told_of(client, house, sign_up, in_force):
    me, mine = sign_up(places=[place(DENVER, "followed", 1)])
    where = {"kind": "followed", "number": 1}
    assert client.delete(f"{me}/location", params=where, headers=mine).status_code == 204
    assert client.delete(f"{me}/location", params=where, headers=mine).status_code == 404
    in_force()
    assert house.rows(batch) == []
    assert [one["kind"] for one in client.get(f"{me}/locations", headers=mine).json()] == ["home"]


def test_with_the_last_place_one_stays_signed_up_and_nowhere(client, house, sign_up, in_force):
    me, mine = sign_up()
    assert client.delete(f"{me}/location", headers=mine).status_code == 204
    assert client.get(f"{me}/locations", headers=mine).json() == []
    assert len(house.services.index) == 0
    in_force()
    client.put(f"{me}/location", json=place(DENVER), headers=mine)
    assert [row.size for row in house.rows(batch)] == [1]


@pytest.mark.parametrize(
    "body",
    [
        place(DENVER, "work"),
        place(DENVER, "followed"),
        place(DENVER, "followed", 9),
        place(DENVER, "home", 1),
        place(DENVER, "device", -1),
        place((181, 0), "followed", 1),
    ],
)
def test_a_place_that_is_none_is_refused(client, house, sign_up, body):
    me, mine = sign_up()
    answer = client.put(f"{me}/location", json=body, headers=mine)
    assert answer.status_code == 422
    assert answer.json()["problems"]
    assert len(house.rows(geo_tables.position)) == 1


@pytest.mark.parametrize(
    ("places", "path"),
    [
        ([place(DENVER)], "/places/0"),
        ([place(DENVER, "followed", 1), place(FAR_AWAY, "followed", 1)], "/places/1"),
        ([place(DENVER, "followed", n) for n in range(1, 12)], "/places"),
        ([place(DENVER, "followed", 9)], "/places/0/number"),
    ],
)
def test_a_sign_up_with_places_that_are_none_is_refused_whole(client, house, places, path):
    answer = client.post("/v1/recipients", json=SIGN_UP | {"places": places})
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["path"] == path
    assert house.rows(geo_tables.position) == []


def test_nobody_sees_or_removes_anothers_places(client, sign_up):
    (one, _), (_, other) = sign_up(), sign_up()
    assert client.get(f"{one}/locations", headers=other).status_code == 403
    assert client.delete(f"{one}/location", headers=other).status_code == 403
    assert client.get(f"{one}/locations").status_code == 401


@pytest.mark.parametrize("language", ["xx", "english", "spa", "e$"])
def test_a_language_that_is_none_is_refused(client, house, language):
    answer = client.post("/v1/recipients", json=SIGN_UP | {"language": language})
    assert answer.status_code == 422
    assert [one["path"] for one in answer.json()["problems"]] == ["/language"]
