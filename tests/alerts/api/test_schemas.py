"""The published schema and the programmes, for anyone."""

from __future__ import annotations

from alerts.record import json_schema


def test_anyone_gets_the_schema_of_a_record(client) -> None:
    answer = client.get("/v1/schemas/record")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/schema+json"
    assert answer.json() == json_schema()


def test_anyone_reads_the_programmes_with_their_rules_and_sources(client) -> None:
    found = {one["id"]: one for one in client.get("/v1/programmes").json()}
    france, mexico = found["fr-alerte-enlevement"], found["mx-alerta-amber"]
    assert (france["live"], france["longest_expiry_s"]) == (True, 3 * 3600)
    assert france["sources"]["expiry"]["url"].startswith("https://")
    assert (mexico["live"], mexico["unchecked"]) == (False, ["expiry"])
