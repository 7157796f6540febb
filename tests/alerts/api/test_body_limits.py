import asyncio

import pytest

from alerts import pages
from alerts.api.limits import Throttle

BIG = 70_000


def test_a_body_over_the_limit_is_refused_before_it_is_read(client, house):
    answer = client.post("/v1/recipients", content=b" " * BIG, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/v1/recipients", "/v1/alerts/x/approve"])
def test_a_body_that_hides_its_length_is_cut_off(client, house, path):
    def pieces():
        for _ in range(100):
            yield b" " * 1000

    headers = house.headers("submitter") | {"Content-Type": "application/json"}
    assert client.post(path, content=pieces(), headers=headers).status_code == 413


def test_an_alert_may_be_large(client, house):
    headers = house.headers("submitter") | {"Content-Type": "application/json"}
    assert client.post("/v1/alerts", content=b" " * BIG, headers=headers).status_code == 400
    too_large = b" " * (house.services.settings.max_alert_bytes + 1)
    assert client.post("/v1/alerts", content=too_large, headers=headers).status_code == 413


@pytest.mark.parametrize("path", ["/v1/alerts/x/approve", "/v1/alerts/x/reject", "/console/alerts/x/approve"])
def test_a_decision_is_small(client, path):
    assert client.post(path, content=b" " * BIG, headers={"Content-Type": "application/json"}).status_code == 413


BODIES = [
    "/v1/alerts",
    "/v1/alerts/x/enlarge",
    "/v1/alerts/x/approve",
    "/v1/reach",
    "/v1/validate",
    "/console/area/reach",
    "/console/copies",
]


@pytest.mark.parametrize("path", BODIES)
def test_a_body_is_not_read_for_nobody(app, house, path):
    """The caller is let in before the body is read, document, JSON or form: a stranger cannot make us hold 16 MiB."""
    pages.mount(app, house.services)
    taken = 0

    async def receive():
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": b" " * 100_000, "more_body": True}

    answer = asyncio.run(call(app, path, receive))
    assert answer[0]["status"] in {303, 401}  # a page sends to the sign-in
    assert taken == 0


def test_a_body_that_never_ends_is_given_up(house):
    from dataclasses import replace

    from alerts.api.app import create_app

    async def receive():
        await asyncio.sleep(10)
        return {"type": "http.request", "body": b"", "more_body": True}

    hasty = replace(house.services, settings=replace(house.services.settings, body_timeout_s=0.05))
    answer = asyncio.run(call(create_app(hasty), "/v1/recipients", receive))
    assert answer[0]["status"] == 408


async def call(app, path: str, receive):
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b""}
    headers = [(b"content-type", b"application/json")]
    await app(scope | {"headers": headers, "client": ("203.0.113.9", 1), "http_version": "1.1"}, receive, send)
    return sent


def test_a_bucket_fills_again_with_time():
    throttle = Throttle(per_minute=2)
    assert [throttle.wait_s("a", 0.0) > 0 for _ in range(3)] == [False, False, True]
    assert throttle.wait_s("b", 0.0) == 0
    assert throttle.wait_s("a", 31.0) == 0


def test_a_flood_of_clients_does_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr("alerts.api.limits.REMEMBERED_CLIENTS", 100)
    throttle = Throttle(per_minute=1)
    for n in range(1000):
        throttle.wait_s(str(n), 0.0)
    assert len(throttle._buckets) == 100
