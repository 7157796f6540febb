"""POST /v1/validate and `lookout validate` are one path: the same answer over the whole corpus."""

from __future__ import annotations

import pytest
from desk import FIXTURES

from alerts.commands import validate
from alerts.problems import Policy

CAP = FIXTURES / "cap"
FILES = sorted(CAP.rglob("*.xml"))


@pytest.fixture
def judged(client, house):
    def send(body: bytes, query: str = ""):
        headers = house.headers("submitter") | {"Content-Type": "application/cap+xml"}
        return client.post(f"/v1/validate{query}", content=body, headers=headers)

    return send


def test_the_answers_of_command_and_api_are_the_same_over_the_corpus(judged) -> None:
    assert len(FILES) > 100
    for path in FILES:
        said = validate.check(path.read_bytes(), ("ipaws", "google"), Policy.CORE)
        answer = judged(path.read_bytes(), "?policy=core&profile=ipaws&profile=google")
        assert answer.status_code == 200
        found = answer.json()
        assert found["outcome"] == said.outcome, path
        assert [(p["severity"], p["type"], p["path"], p["message"]) for p in found["problems"]] == [
            (p.severity, p.type, p.path, p.message) for p in said.problems
        ]


def test_without_a_policy_cap_is_an_import(judged) -> None:
    found = judged((CAP / "bent" / "polygon-not-closed.xml").read_bytes()).json()
    assert ("warning", "polygon-not-closed") in {(p["severity"], p["type"]) for p in found["problems"]}


def test_whom_it_would_reach_is_told_beside(judged) -> None:
    found = judged((CAP / "valid" / "full.xml").read_bytes()).json()
    assert found["recipients"] == 0
    assert found["area_km2"] > 1_000


@pytest.mark.parametrize("query", ["?policy=lax", "?profile=mars", "?profile=ipaws&profile=x"])
def test_a_policy_or_profile_that_is_none_is_a_problem(judged, query: str) -> None:
    assert judged(b"<alert/>", query).status_code == 422
