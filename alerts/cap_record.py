"""A record in a CAP message and out of it again. Pure.

CAP has elements for the words, times, areas and files of a record. All else travels in <parameter>s of the first info:

    urn:lookout:record:1#/children/0/hair    the member of the record at this JSON pointer, as text
    CMAMtext, CMAMlongtext                   the wireless texts of an info (names of the IPAWS profile)
    urn:lookout:push:title, ...:body         the push texts of an info

What CAP cannot carry is said in docs/record.md. A message that goes to others holds `released` only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import ValidationError

from alerts import texts
from alerts.describing import years
from alerts.model import Alert, Info, Resource
from alerts.record import Person, Record, json_schema
from alerts.record_blocks import parts_of
from alerts.texts import SHORT_NAMES

PREFIX = "urn:lookout:record:1#"
IN_ELEMENTS = frozenset(
    ["status", "identifier", "sent_at", "expires_at", "agency", "area", "languages", "texts", "cap"]
)  # of the record: what CAP has elements for, and what came from there
OURS = frozenset(SHORT_NAMES.values())
READ: Mapping[str, Callable[[str], Any]] = {
    "integer": int,
    "number": float,
    "boolean": {"true": True, "false": False}.__getitem__,
}
Json = dict[str, Any]


def parameters_of(record: Record) -> tuple[tuple[str, str], ...]:
    """The members of the record that CAP has no element for, in order."""
    told = record.model_dump(mode="json", exclude_none=True, exclude_defaults=True, exclude=set(IN_ELEMENTS))
    return tuple((PREFIX + path, value) for path, value in _leaves(told, ""))


def released(record: Record) -> Record:
    """What others may have: no NCIC entry, no statement for the second officer, ages in place of birth dates."""
    return record.model_copy(
        update={
            "ncic": None,
            "attestation": record.attestation.model_copy(update={"statement": None}),
            "children": [_aged(child, record) for child in record.children],
            "suspects": [_aged(suspect, record) for suspect in record.suspects],
            "photos": [],
        }
    )


def record_of(alert: Alert) -> Json:
    """The record that a message holds, as JSON: whole where Lookout wrote it, else as far as CAP says it.

    `Record.model_validate` names what is missing. Texts that the record would generate anyway are left out.
    """
    found = _members(alert.infos[0].parameters if alert.infos else ())
    found |= {
        "status": alert.status.value,
        "identifier": alert.identifier,
        "sent_at": alert.sent_at.isoformat(),
        "area": parts_of(alert.areas),
        "languages": list(alert.languages),
        "photos": _photos(alert, found.get("photos") or []),
        "cap": _rest(alert, len(found.get("photos") or [])),
    }
    if alert.expires_at is not None:
        found["expires_at"] = alert.expires_at.isoformat()
    if alert.infos and alert.infos[0].sender_name:
        found["agency"] = alert.infos[0].sender_name
    kept = {name: value for name, value in found.items() if value not in ({}, [], None)}
    return kept | ({"texts": own} if (own := _own_texts(alert, kept)) else {})


def _aged(person: Person, record: Record) -> Person:
    return person.model_copy(update={"birth_date": None, "age": years(person, record.abduction.at.date())})


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}/{name}")
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from _leaves(inner, f"{path}/{n}")
    else:
        yield path, str(value).lower() if isinstance(value, bool) else str(value)


def _members(parameters: tuple[tuple[str, str], ...]) -> Json:
    """The parameters as a document. What is no place of a record is passed over: it never came from us."""
    found: Json = {}
    for name, text in parameters:
        if name.startswith(PREFIX) and (kind := _kinds().get(_shape(name.removeprefix(PREFIX)))):
            _put(found, name.removeprefix(PREFIX).split("/")[1:], _typed(text, kind))
    return {name: _listed(value) for name, value in found.items()}


def _put(into: Json, steps: list[str], value: Any) -> None:
    for step in steps[:-1]:
        into = into.setdefault(step, {})
    into[steps[-1]] = value


def _listed(value: Any) -> Any:
    """Objects whose names are all numbers are lists."""
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(one) for name, one in value.items()}
    return [inner[name] for name in sorted(inner, key=int)] if all(name.isdecimal() for name in inner) else inner


def _typed(text: str, kind: str) -> Any:
    """As the record has it; text that is no number stays text, for the record's own rules to refuse."""
    try:
        return READ.get(kind, str)(text)
    except (KeyError, ValueError):
        return text


@cache
def _kinds() -> Mapping[str, str]:
    """The JSON type of each member of a record, by its place: /children/#/age -> integer."""
    schema = json_schema()
    return dict(_typed_places(schema, schema["$defs"], ""))


def _typed_places(part: Json, defs: Json, path: str) -> Iterator[tuple[str, str]]:
    if "$ref" in part:
        part = defs[part["$ref"].rpartition("/")[2]]
    for choice in part.get("anyOf", ()):
        yield from _typed_places(choice, defs, path)
    for name, inner in part.get("properties", {}).items():
        if path or name not in IN_ELEMENTS:
            yield from _typed_places(inner, defs, f"{path}/{name}")
    if part.get("type") == "array":
        yield from _typed_places(part["items"], defs, f"{path}/#")
    elif part.get("type") in {"string", "integer", "number", "boolean"}:
        yield path, part["type"]


def _shape(path: str) -> str:
    return re.sub(r"/[0-9](?=/|$)", "/#", path)


def _photos(alert: Alert, told: list[Json]) -> list[Json]:
    """Those Lookout holds by their number; those that came inside the message as base64."""
    inside = [r for r in _resources(alert) if r.deref_uri and r.mime_type.startswith("image/")]
    return [*told, *({"base64": r.deref_uri, "description": r.description} for r in inside)]


def _rest(alert: Alert, photos: int) -> Json:
    """What else the message says, without our own parameters and photos (which come first)."""
    first = alert.infos[0] if alert.infos else Info("")
    others = [r for r in _resources(alert)[photos:] if not (r.deref_uri and r.mime_type.startswith("image/"))]
    told = {
        "source": alert.source,
        "codes": list(alert.codes),
        "note": alert.note,
        "incidents": list(alert.incidents),
        "event_codes": _pairs(first.event_codes),
        "parameters": _pairs(p for p in first.parameters if p[0] not in OURS and not p[0].startswith(PREFIX)),
        "resources": [_resource(resource) for resource in others],
        "web": first.web,
    }
    return {name: value for name, value in told.items() if value}


def _resources(alert: Alert) -> tuple[Resource, ...]:
    return alert.infos[0].resources if alert.infos else ()


def _resource(resource: Resource) -> Json:
    names = ("description", "mime_type", "uri", "size", "digest")
    return {name: value for name in names if (value := getattr(resource, name)) is not None}


def _pairs(pairs: Any) -> list[Json]:
    return [{"name": name, "value": value} for name, value in pairs]


def _own_texts(alert: Alert, found: Json) -> Json:
    """The texts of each language that are not what the record says by itself."""
    try:
        record: Record | None = Record.model_validate(found)
    except ValidationError:
        record = None
    own = {info.language: _differing(info, record) for info in alert.infos}
    return {language: said for language, said in own.items() if said}


def _differing(info: Info, record: Record | None) -> Json:
    told = {"headline": info.headline, "description": info.description, "instruction": info.instruction}
    parameters = dict(info.parameters)
    told |= {name: parameters.get(valued) for name, valued in SHORT_NAMES.items()}
    made = texts.made(record, info.language) if record else {}
    return {name: text for name, text in told.items() if text and text != made.get(name)}
