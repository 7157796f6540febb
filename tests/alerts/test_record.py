"""The record's shape: what is bounded, what is refused, and the schema that is published."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from alerts.record import Record, json_schema
from alerts.record_example import EXAMPLE


def paths(record: dict[str, Any]) -> list[tuple[str | int, ...]]:
    with pytest.raises(ValidationError) as caught:
        Record.model_validate(record)
    return [fault["loc"] for fault in caught.value.errors()]


def test_the_example_is_a_record_and_stands_in_the_schema() -> None:
    assert Record.model_validate(EXAMPLE).children[0].name == "Robin Example"
    assert json_schema()["examples"] == [EXAMPLE]


def test_every_object_of_the_schema_refuses_unknown_members() -> None:
    schema = json_schema()
    assert all(part["additionalProperties"] is False for part in (schema, *schema["$defs"].values()))


def test_every_text_and_list_of_the_schema_is_bounded() -> None:
    def unbounded(part: Any, where: str) -> list[str]:
        if isinstance(part, list):
            return [found for inner in part for found in unbounded(inner, where)]
        if not isinstance(part, dict):
            return []
        free = part.get("type") == "string" and not {"maxLength", "pattern", "enum", "const", "format"} & part.keys()
        free |= part.get("type") == "array" and "maxItems" not in part
        inner = [
            found for key, value in part.items() if key != "examples" for found in unbounded(value, f"{where}/{key}")
        ]
        return [where, *inner] if free else inner

    assert unbounded(json_schema(), "") == []


def test_the_time_of_the_abduction_keeps_the_offset_of_its_place() -> None:
    record = Record.model_validate(EXAMPLE)
    assert record.abduction.at.utcoffset() == timedelta(hours=-8)
    assert Record.model_validate_json(record.model_dump_json()) == record


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("status",), "System"),
        (("children",), []),
        (("children", 0, "age"), "7"),
        (("children", 0, "age"), True),
        (("children", 0, "age"), -1),
        (("children", 0, "name"), "  "),
        (("children", 0, "name"), "x" * 201),
        (("children", 0, "name"), "Rob\u202ein"),
        (("children", 0, "name"), "Robin\x00"),
        (("children", 0, "name"), "two\nlines"),
        (("abduction", "at"), 1768520400),
        (("abduction", "at"), "2026-01-15T15:40:00"),
        (("abduction", "at"), "0001-01-01"),
        (("expires_at",), "0001-01-01T00:00:00+14:00"),
        (("contact", "telephone"), "call me"),
        (("area", "same", 0), "6067"),
        (("area", "circles", 0, "radius_m"), 0),
        (("area", "circles", 0, "lat"), 91),
        (("languages", 0), "english please"),
        (("vehicles", 0), {}),
    ],
)
def test_what_is_not_in_bounds_is_named_where_it_stands(where: tuple[str | int, ...], value: Any) -> None:
    record = json.loads(json.dumps(EXAMPLE))
    at = record
    for step in where[:-1]:
        at = at[step]
    at[where[-1]] = value
    assert [loc[: len(where)] for loc in paths(record)] == [where]


def test_an_area_needs_a_part() -> None:
    assert paths(EXAMPLE | {"area": {"description": "somewhere"}}) == [("area",)]


def test_identifier_and_time_name_a_message_together() -> None:
    assert paths(EXAMPLE | {"identifier": "mine-1"}) == [()]
    assert Record.model_validate(EXAMPLE | {"identifier": "mine-1", "sent_at": "2026-01-15T23:50:00Z"}).identifier


def test_faults_and_representations_show_no_photo() -> None:
    with pytest.raises(ValidationError) as caught:
        Record.model_validate(EXAMPLE | {"case_number": 5, "photos": [{"base64": 123456}]})
    assert "123456" not in str(caught.value)
    record = Record.model_validate(EXAMPLE | {"photos": [{"base64": "QUJDREVG"}]})
    assert "QUJDREVG" not in repr(record)
