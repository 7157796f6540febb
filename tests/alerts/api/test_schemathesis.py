"""The API against its own OpenAPI document: whatever is sent, the answer is one that it names, and never a 5xx.

Each operation is called by somebody who is let in and by nobody, with what the document allows and with what it does not.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from authorisation import ROUTES
from cast import DENVER
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from alerts import partners
from notifiers.transactions import writing

CALLS = int(os.environ.get("LOOKOUT_CALLS", "8"))  # of an operation, in each mode; more of them in `make soak`
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
STREAM = "GET /v1/inbox/events"  # ends when the caller goes
CALLERS = {
    "officer": "submitter",
    "metrics": "nobody",
    "public": "nobody",
}  # of routes: who is let in, where not itself
WHO = ("nobody", "submitter", "approver", "operator", "partner", "recipient")
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)


@schemathesis.serializer("application/x-ndjson", "application/cap+xml")
def as_bytes(_: Any, value: Any) -> bytes:
    """Bodies that are no JSON."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@pytest.fixture
def headers(house):
    """Of everybody who calls."""
    with writing(house.services.engine) as connection:
        partner = partners.add(connection, "tests", house.clock())
        key = partners.issue_key(connection, partner.id, house.clock())
    person = house.enrol([DENVER])[0]
    officers = {who: house.headers(who) for who in ("submitter", "approver", "operator")}
    bearers = {"partner": key, "recipient": f"{person.public_id}.{person.token}"}
    return officers | {"nobody": {}} | {who: {"Authorization": f"Bearer {one}"} for who, one in bearers.items()}


@pytest.fixture
def operations(client):
    schema = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    return [found.ok() for found in schema.get_all_operations() if found.ok().label != STREAM]


def answer_to(client, case, headers):
    asked = case.as_transport_kwargs(headers=headers)
    asked.pop("cookies", None)
    if "data" in asked:
        asked["content"] = asked.pop("data")
    client.cookies.clear()
    return client.request(**asked)


def faults_of(client, operation, headers, mode):
    """What the answers to some calls of it are, that they must not be."""
    found: set[str] = set()

    @settings(
        max_examples=CALLS, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case):
        answer = answer_to(client, case, headers)
        try:
            case.validate_response(answer, checks=CHECKS)
        except BaseExceptionGroup as wrong:
            found.update(f"{operation.label}: {answer.status_code} {one}" for one in wrong.exceptions)

    with suppress(Unsatisfiable):  # of a call without parameters there is nothing that is not allowed
        call()
    return found


@pytest.mark.parametrize("mode", MODES, ids=["allowed", "not allowed"])
@pytest.mark.parametrize("who", WHO)
def test_every_answer_is_one_that_the_document_names(client, operations, headers, who, mode):
    mine = [one for one in operations if CALLERS.get(ROUTES[one.label], ROUTES[one.label]) == who]
    assert mine
    assert set().union(*(faults_of(client, one, headers[who], mode) for one in mine)) == set()


def test_whoever_is_nobody_gets_an_answer_that_the_document_names(client, operations):
    closed = [one for one in operations if ROUTES[one.label] not in {"public", "metrics"}]
    assert set().union(*(faults_of(client, one, {}, MODES[0]) for one in closed)) == set()
