"""If-Match: nobody changes what they have not seen."""

from __future__ import annotations

import pytest

BODIES = {
    "approve": {"content_hash": "0" * 64}, "return": {"note": "No."}, "reject": {"note": "No."}, "cancel": None,
    "ask": None, "repeat": None, "reduce": {"withdraw": ["/photos/0"]}, "enlarge": {"area": {}},
    "extend": {"expires_at": "2100-01-01T00:00:00+00:00"},
}  # fmt: skip


@pytest.mark.parametrize("what", BODIES)
def test_a_change_without_if_match_is_refused(client, house, submit, what):
    path = f"/v1/alerts/{submit()['id']}/{what}"
    headers = {"Authorization": house.headers("approver")["Authorization"]}
    assert client.post(path, json=BODIES[what], headers=headers).status_code == 428


@pytest.mark.parametrize("what", BODIES)
def test_a_change_of_what_is_not_so_any_more_is_refused_with_how_it_is(client, house, submit, make_square, what):
    alert = submit()
    path = f"/v1/alerts/{alert['id']}"
    now = client.get(path, headers=house.headers("approver")).headers["etag"]
    body = {"area": make_square(0.5)} if what == "enlarge" else BODIES[what]
    answer = client.post(f"{path}/{what}", json=body, headers=house.headers("approver") | {"If-Match": '"other"'})
    assert (answer.status_code, answer.headers.get("etag")) == (412, now)


@pytest.mark.parametrize("tag", ["W/{}", "nonsense", "", '"a", "b"'])
def test_a_weak_tag_and_what_is_none_match_nothing(client, house, submit, tag):
    path = f"/v1/alerts/{submit()['id']}"
    now = client.get(path, headers=house.headers("submitter")).headers["etag"]
    headers = house.headers("submitter") | {"If-Match": tag.format(now)}
    assert client.post(f"{path}/cancel", headers=headers).status_code == 412


def test_each_answer_has_the_tag_for_the_next_change(client, house, make_record):
    mine, theirs = house.headers("submitter"), house.headers("approver")
    made = client.post("/v1/alerts", json=make_record(), headers=mine)
    left, path = made.json(), f"/v1/alerts/{made.json()['id']}"
    assert made.headers["etag"] == client.get(path, headers=mine).headers["etag"]
    edited = client.put(path, json=make_record(case_number="EX-2"), headers=mine | {"If-Match": made.headers["etag"]})
    assert edited.status_code == 200
    seen = {"content_hash": edited.json()["content_hash"], "reach": left["reach"]}
    late = client.post(f"{path}/approve", json=seen, headers=theirs | {"If-Match": made.headers["etag"]})
    assert late.status_code == 412
    done = client.post(f"{path}/approve", json=seen, headers=theirs | {"If-Match": late.headers["etag"]})
    assert done.headers["etag"] == client.get(path, headers=mine).headers["etag"] != edited.headers["etag"]


def test_a_request_says_until_when_it_waits_and_lapses(client, house, submit, approve, post):
    alert = submit()
    assert alert["lapses_at"]
    house.clock.pass_time(minutes=15, seconds=1)
    late = approve(alert)
    assert (late.status_code, "lapsed" in late.json()["detail"]) == (409, True)


def test_so_many_people_need_a_reason_that_names_nobody(client, house, submit, post):
    from dataclasses import replace

    from cast import DENVER

    house.enrol([DENVER] * 3)
    services = client.app.state.services
    client.app.state.services = replace(services, settings=replace(services.settings, reason_above="9,us-amber=2"))
    alert = submit()
    body = {"content_hash": alert["content_hash"], "reach": 3}
    path = f"/v1/alerts/{alert['id']}/approve"
    assert post(path, "approver", body).json()["problems"][0]["type"] == "reason.missing"
    named = post(path, "approver", body | {"reason": "Robin was seen on the highway"})
    assert named.json()["problems"][0]["type"] == "reason.names"
    assert post(path, "approver", body | {"reason": "Seen on the highway, any exit is possible"}).status_code == 200
    from alerts import tables

    assert "any exit is possible" in house.rows(tables.audit)[-1].detail


def test_a_replay_that_says_something_else_changes_nothing_and_is_told(client, house, make_record):
    now = house.clock().replace(microsecond=0).isoformat()
    body = make_record(identifier="ONE", sent_at=now)
    first = client.post("/v1/alerts", json=body, headers=house.headers("submitter")).json()
    same = client.post("/v1/alerts", json=body, headers=house.headers("submitter"))
    assert (same.status_code, same.json()["replayed"], same.json()["problems"]) == (200, True, [])
    other = client.post("/v1/alerts", json=body | {"case_number": "EX-9"}, headers=house.headers("submitter")).json()
    assert (other["replayed"], other["content_hash"]) == (True, first["content_hash"])
    assert [problem["type"] for problem in other["problems"]] == ["replay.differs"]


UNSEEN = {  # changes that nobody could see coming, and what never may be refused
    "put /v1/recipients/{recipient}/location": "a phone says where it is: the last word counts",
    "delete /v1/recipients/{recipient}/location": "who takes a place away is not asked twice",
    "put /v1/recipients/{recipient}/quiet-hours": "a person's own, from whichever device: the last word counts",
    "delete /v1/recipients/{recipient}/quiet-hours": "the same",
    "put /v1/recipients/{recipient}/classes": "the same",
    "put /v1/recipients/{recipient}/languages": "the same",
    "delete /v1/recipients/{recipient}": "nobody is kept from leaving",
}


def test_every_change_of_what_exists_asks_for_if_match(client):
    paths = client.get("/openapi.json").json()["paths"]
    changes = {
        f"{method} {path}": operation
        for path, methods in paths.items()
        for method, operation in methods.items()
        if method in {"put", "patch", "delete"} or (method == "post" and path.startswith("/v1/alerts/{alert_id}/"))
    }
    without = {
        name
        for name, operation in changes.items()
        if "if-match" not in {parameter["name"].lower() for parameter in operation.get("parameters", ())}
    }
    assert len(changes) > 10
    assert without == UNSEEN.keys()


def test_a_consent_is_revoked_as_it_was_seen(client, house):
    headers = house.headers("stranger")
    made = client.post("/v1/consents", json={"to": "CBI", "days": 3}, headers=headers).json()["id"]
    [seen] = client.get("/v1/consents", headers=headers).json()
    at = f"/v1/consents/{made}"
    unsaid = {"Authorization": headers["Authorization"]}
    assert client.delete(at, headers=unsaid).status_code == 428
    other = client.delete(at, headers=unsaid | {"If-Match": '"other"'})
    assert (other.status_code, other.headers["etag"]) == (412, f'"{seen["etag"]}"')
    assert client.delete(at, headers=unsaid | {"If-Match": f'"{seen["etag"]}"'}).status_code == 204
