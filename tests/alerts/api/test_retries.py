"""Idempotency-Key: the same request again gets the same answer, and nothing is done twice, whatever died in between."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from cast import BOTH
from sqlalchemy import update

from alerts import once, tables
from alerts.service import kept
from notifiers.transactions import writing

pytestmark = BOTH


@pytest.fixture
def send(client, house):
    def sent(path: str, body=None, key: str = "k-1", who: str = "submitter"):
        return client.post(path, json=body, headers=house.headers(who) | {"Idempotency-Key": f'"{key}"'})

    return sent


def test_a_retry_gets_the_same_answer_and_leaves_one_alert(send, house, make_record):
    body = make_record()
    first, again = send("/v1/alerts", body), send("/v1/alerts", body)
    assert (again.status_code, again.json(), again.headers["location"]) == (
        201,
        first.json(),
        first.headers["location"],
    )
    assert again.headers["etag"] == first.headers["etag"]
    assert len(house.rows(tables.message)) == 1


def test_the_key_of_another_request_is_refused(send, make_record):
    assert send("/v1/alerts", make_record()).status_code == 201
    assert send("/v1/alerts", make_record(case_number="EX-2")).status_code == 422
    assert send("/v1/validate", make_record()).status_code == 422


def test_keys_belong_to_who_calls(send, house, make_record):
    body = make_record()
    assert send("/v1/alerts", body).json()["id"] != send("/v1/alerts", body, who="approver").json()["id"]


@pytest.mark.parametrize("key", ["", "x" * 256, "ä"])
def test_a_key_that_is_none_is_refused(client, house, key):
    headers = house.headers("submitter") | {"Idempotency-Key": key.encode()}
    assert client.post("/v1/alerts", json={}, headers=headers).status_code == 400


def test_a_refusal_is_not_kept(send, make_record):
    assert send("/v1/alerts", {}).status_code == 422
    assert send("/v1/alerts", make_record()).status_code == 201


def test_while_the_first_is_running_the_second_is_told_so(send, house, make_record, monkeypatch):
    body, inside = make_record(), []
    keep = once.keep

    def slowly(*args):
        keep(*args)
        inside.append(None)

    monkeypatch.setattr(once, "keep", slowly)
    with ThreadPoolExecutor(6) as pool:
        codes = sorted(answer.status_code for answer in pool.map(lambda _: send("/v1/alerts", body), range(6)))
    assert set(codes) <= {201, 409}
    assert codes[0] == 201
    assert len(inside) == 1
    assert len(house.rows(tables.message)) == 1


def test_what_died_between_commit_and_answer_is_answered_from_what_it_left(
    send, house, make_record, approve, monkeypatch
):
    left = send("/v1/alerts", make_record()).json()
    seen = {"content_hash": left["content_hash"], "reach": left["reach"]}
    monkeypatch.setattr(once, "finish", lambda *_: 1 / 0)
    path = f"/v1/alerts/{left['id']}/approve"
    assert send(path, seen, "k-2", "approver").status_code == 500
    monkeypatch.undo()
    again = send(path, seen, "k-2", "approver")
    assert (again.status_code, again.json()["state"], again.json()["notice_id"]) == (200, "active", 1)
    assert len(house.rows(once.answered)) == 2


def test_what_died_before_its_commit_is_done_by_the_retry_once_it_must_be_dead(send, house, make_record, monkeypatch):
    body = make_record()
    monkeypatch.setattr(kept, "dumps", lambda _: 1 / 0)
    monkeypatch.setattr(once, "drop", lambda _: None)  # as a killed process drops nothing
    assert send("/v1/alerts", body).status_code == 500
    monkeypatch.undo()
    assert send("/v1/alerts", body).status_code == 409
    house.clock.pass_time(seconds=61)
    assert send("/v1/alerts", body).status_code == 201
    assert len(house.rows(tables.message)) == 1


def test_who_was_only_slow_commits_nothing_once_another_took_over(send, house, make_record, monkeypatch):
    keep = once.keep

    def too_late(connection, left, key_name):
        connection.execute(update(once.answered).values(run="another"))
        keep(connection, left, key_name)

    monkeypatch.setattr(once, "keep", too_late)
    assert send("/v1/alerts", make_record()).status_code == 409
    assert house.rows(tables.message) == []


def test_what_was_answered_of_a_case_goes_with_it(send, house, make_record):
    body = make_record()
    left = send("/v1/alerts", body).json()
    assert send(f"/v1/alerts/{left['id']}/cancel", None, "k-2").status_code == 200
    house.services.vault._memory.clear()
    assert send("/v1/alerts", body).status_code == 409
    assert send(f"/v1/alerts/{left['id']}/cancel", None, "k-2").json()["state"] == "cancelled"


def test_keys_are_forgotten_after_a_day_and_bounded_before(send, house, make_record, monkeypatch):
    monkeypatch.setattr(once, "MOST", 2)
    codes = [send("/v1/validate", make_record(), f"k-{n}").status_code for n in range(3)]
    assert codes == [200, 200, 429]
    house.clock.pass_time(hours=25)
    assert send("/v1/validate", make_record(), "k-9").status_code == 200
    assert len(house.rows(once.answered)) == 1


def test_nothing_that_is_kept_can_be_read_without_the_keys(send, house, make_record):
    send("/v1/alerts", make_record())
    with writing(house.services.engine) as connection:
        row = connection.execute(once.answered.select()).one()
    assert b"pending" not in row.sealed_answer + row.sealed_left
    assert row.key_name.startswith("incident-")


def test_every_post_of_the_api_takes_a_key(client):
    posts = [methods["post"] for methods in client.get("/openapi.json").json()["paths"].values() if "post" in methods]
    own = [one for one in posts if "Idempotency-Key" in {parameter["name"] for parameter in one.get("parameters", ())}]
    assert [one["summary"] for one in posts if one not in own] == []
    assert len(own) > 20
