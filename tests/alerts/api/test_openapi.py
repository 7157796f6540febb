import json
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def document(client) -> dict[str, Any]:
    return client.get("/openapi.json").json()


def operations(document) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


def test_every_operation_is_described(document):
    assert document["openapi"].startswith("3.1")
    assert all(operation.get("description") for _, operation in operations(document))


def test_every_body_has_an_example(document):
    schemas = document["components"]["schemas"]
    bodies = {
        name: operation["requestBody"]["content"]
        for name, operation in operations(document)
        if "requestBody" in operation
    }
    assert len(bodies) >= 9
    for name, content in bodies.items():
        for body in content.values():
            named = schemas.get(body["schema"].get("$ref", "").rpartition("/")[2], {})
            assert "example" in body or named.get("examples"), name


def test_every_reference_leads_somewhere(document):
    text = json.dumps(document)
    for part in text.split('"#/components/schemas/')[1:]:
        assert part.partition('"')[0] in document["components"]["schemas"]


def test_every_refusal_is_a_problem_document(document):
    for name, operation in operations(document):
        for status, response in operation["responses"].items():
            if status.startswith("4"):
                assert list(response["content"]) == ["application/problem+json"], (name, status)


def test_the_example_of_a_record_is_accepted(client, house, document):
    body = document["paths"]["/v1/validate"]["post"]["requestBody"]["content"]
    headers = house.headers("submitter")
    answer = client.post("/v1/validate", json=body["application/json"]["example"], headers=headers)
    assert answer.status_code == 200
    xml = headers | {"Content-Type": "application/cap+xml"}
    assert client.post("/v1/validate", content=body["application/cap+xml"]["example"], headers=xml).status_code == 200


def test_the_examples_of_areas_are_accepted(client, house, document):
    [example] = document["components"]["schemas"]["ReachIn"]["examples"]
    assert client.post("/v1/reach", json=example, headers=house.headers("submitter")).status_code == 200


def test_the_example_of_a_sign_up_is_accepted(client, document):
    [example] = document["components"]["schemas"]["SignUpIn"]["examples"]
    assert client.post("/v1/recipients", json=example).status_code == 201


def test_every_operation_says_who_may_call_it(document):
    assert document["paths"]["/v1/alerts"]["post"]["security"] == [{"officer": []}]
    assert document["paths"]["/v1/inbox"]["get"]["security"] == [{"recipient": []}]
    assert "security" not in document["paths"]["/healthz"]["get"]
