"""The body of `POST /v1/people`: one person of a partner's, as a roll's row says it, with the tokens of their phones. Pure.

Members are named as the columns of a roll and keep to the same rules (`roll_rules`); `fcm` and `apns` hold a token each.
All that is wrong is named at once, each fault with its place; nothing of the content is repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from alerts import roll_rules
from alerts.location_lines import pointer
from alerts.model import Problem
from alerts.roll import Person, Rejected, Row, people
from alerts.roll_rules import COLUMNS
from alerts.strict_json import NotJson, loads

WAYS = ("fcm", "apns")
TEXTS = ("person", "kind", "at", "language", "consent_how", "consented_at", "consent_words")
NUMBERS: Mapping[str, tuple[type, ...]] = {"lon": (int, float), "lat": (int, float), "radius_m": (int, float)}
MEMBERS = frozenset({*TEXTS, *NUMBERS, *WAYS, "number", "test"})
EXAMPLE: Mapping[str, Any] = {
    "person": "u-1017",
    "lon": -104.99,
    "lat": 39.74,
    "language": "en",
    "consent_how": "app, first start",
    "consented_at": "2025-05-01T12:00:00Z",
    "consent_words": "Tell me about missing children near me.",
    "fcm": {"token": "dGhpcyBpcyBub3QgYSB0b2tlbg:APA91b"},
}
_MOST_UNKNOWN = 8  # members that are named


def read(body: bytes, now: datetime) -> Person | list[Problem]:
    """The person, or every fault."""
    try:
        value = loads(body)
    except NotJson as error:
        return [Problem.error(error.type, "", str(error))]
    if not isinstance(value, dict):
        return [Problem.error("body.type", "", "the body must be one JSON object")]
    mistyped = dict(_mistyped(value))
    rows = list(_rows(value, mistyped))
    faults = [*_unknown(value), *mistyped.values(), *_missing(value), *_by_the_rules(rows, mistyped, now)]
    if faults:
        return faults
    [found] = people(rows, now)
    return [Problem.error("person", "", why) for why in found.reasons] if isinstance(found, Rejected) else found


def _rows(value: Mapping[str, Any], mistyped: Mapping[str, Problem]) -> Iterator[Row]:
    """A row for each way; one without any where there is none, so that the rest is judged all the same."""
    said = {name: value[name] for name in MEMBERS & value.keys() - {*WAYS, *mistyped}}
    cells = dict.fromkeys(COLUMNS, "") | {name: _text(one) for name, one in said.items()}
    ways = [name for name in WAYS if name in value and name not in mistyped]
    for line, name in enumerate(ways, 1):
        yield Row(line, cells | {"channel": name, "token": value[name]["token"]})
    if not ways:
        yield Row(1, cells | {"channel": "inbox"})


def _text(value: Any) -> str:
    """As a roll writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else repr(value)


def _mistyped(value: Mapping[str, Any]) -> Iterator[tuple[str, Problem]]:
    """Members of another type than theirs; by type(): true is no number."""
    types: dict[str, tuple[type, ...]] = {**NUMBERS, "number": (int,), "test": (bool,)} | dict.fromkeys(TEXTS, (str,))
    words = {str: "text", bool: "true or false", int: "a whole number"}
    for name in types.keys() & value.keys():
        if type(value[name]) not in types[name]:
            meant = "a number" if float in types[name] else words[types[name][0]]
            yield name, Problem.error(f"{name}.type", f"/{name}", f"{name} must be {meant}")
    for name in WAYS:
        way = value.get(name)
        if name in value and not (isinstance(way, dict) and way.keys() == {"token"} and type(way["token"]) is str):
            yield name, Problem.error(f"{name}.type", f"/{name}", f'{name} must be {{"token": text}} and nothing else')


def _unknown(value: Mapping[str, Any]) -> list[Problem]:
    said = "this member is not known here: is it misspelt?"
    return [Problem.error("member.unknown", pointer(n), said) for n in sorted(value.keys() - MEMBERS)[:_MOST_UNKNOWN]]


def _missing(value: Mapping[str, Any]) -> list[Problem]:
    if any(name in value for name in WAYS):
        return []
    return [Problem.error("ways.missing", "", "give fcm, apns or both: a way to be told")]


def _by_the_rules(rows: list[Row], mistyped: Mapping[str, Problem], now: datetime) -> Iterator[Problem]:
    """What a roll would be told, each once; of a member of another type that is said already."""
    seen: set[tuple[str, str]] = set()
    for row in rows:
        for fault in roll_rules.faults(row.cells, now):
            name = fault.partition(" ")[0]
            path = f"/{row.cells['channel']}/token" if name == "token" else f"/{name}"
            if name not in mistyped and (path, fault) not in seen:
                seen.add((path, fault))
                yield Problem.error(f"{name}.form", path, fault)
