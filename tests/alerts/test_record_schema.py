"""The published schema: every valid fixture is valid by it, and what it refuses we refuse."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from desk import FIXTURES
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from alerts.record import Record, json_schema
from alerts.record_example import EXAMPLE

SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
VALID = sorted(path for path in (FIXTURES / "alerts").glob("*.json") if not path.name.startswith("invalid_"))
FORM = ["invalid_many_faults.json"]


def ours(record: Any) -> bool:
    try:
        Record.model_validate(record)
    except ValidationError:
        return False
    return True


def test_it_is_a_schema_and_has_a_name() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"] == "urn:lookout:schema:record:1"


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.name)
def test_every_valid_fixture_is_valid_by_it(path) -> None:
    assert list(VALIDATOR.iter_errors(json.loads(path.read_text()))) == []


def test_the_example_in_it_is_valid_by_it() -> None:
    VALIDATOR.validate(EXAMPLE)


@pytest.mark.parametrize("name", FORM)
def test_it_refuses_the_fixture_whose_form_is_wrong(name: str) -> None:
    assert list(VALIDATOR.iter_errors(json.loads((FIXTURES / "alerts" / name).read_text())))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, one in inner for found in places(one, (*path, key)))] if path else [
        found for key, one in inner for found in places(one, (key,))
    ]  # fmt: skip


FULL: dict[str, Any] = EXAMPLE | {
    "identifier": "mine-1",
    "sent_at": "2026-01-15T23:50:00Z",
    "photos": [{"photo_id": 1, "of": "/children/0", "description": "Robin"}],
    "cap": {"codes": ["c"], "parameters": [{"name": "n", "value": "v"}], "web": "https://a.example/"},
    "texts": {"en": {"wireless_90": "short", "push_body": "a text"}},
}
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 3000),
    st.floats(-1e6, 1e6),
    st.sampled_from(["", " ", "x" * 5000, "x" * 201, " " * 250, "2026-01-15", "en", "A\n", "12"]),
    st.lists(st.sampled_from(["x", {}]), max_size=12),
    st.dictionaries(st.sampled_from(["name", "strange"]), st.just("x"), max_size=2),
)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(places(FULL)), JUNK, st.sampled_from(["put", "drop", "add"]))
def test_what_the_schema_refuses_we_refuse(path: tuple[Any, ...], junk: Any, how: str) -> None:
    record = copy.deepcopy(FULL)
    at: Any = record
    for step in path[:-1]:
        at = at[step]
    if how == "put":
        at[path[-1]] = junk
    elif how == "drop":
        del at[path[-1]]
    else:
        assume(isinstance(at, dict))
        at["strange"] = junk
    if not VALIDATOR.is_valid(record):
        assert not ours(record)
