"""Short ways through the HTTP API for tests."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def post(client, house):
    """POST JSON as one of the cast."""

    def send(path: str, who: str = "submitter", body: Any = None):
        return client.post(path, json=body, headers=house.headers(who))

    return send


@pytest.fixture
def submit(post, make_record):
    """Submit a record, as changed, as the submitter; the answer's JSON."""

    def send(**changes: Any) -> dict[str, Any]:
        answer = post("/v1/alerts", body=make_record(**changes))
        assert answer.status_code == 201, answer.text
        return answer.json()

    return send


@pytest.fixture
def approve(post):
    def send(alert: dict[str, Any], who: str = "approver"):
        body = {"content_hash": alert["content_hash"], "reach": alert["reach"]}
        return post(f"/v1/alerts/{alert['id']}/approve", who, body)

    return send


@pytest.fixture
def in_force(submit, approve):
    def send(**changes: Any) -> dict[str, Any]:
        alert = submit(**changes)
        assert approve(alert).status_code == 200
        return alert

    return send
