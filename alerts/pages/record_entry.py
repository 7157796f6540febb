"""A filled form to a record and back. Pure. What cannot be read is a fault beside its own field; the rest is left to
the record's own rules.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from alerts.pages import measures
from alerts.pages.area_form import MINUS, Faults
from alerts.pages.record_form import ABDUCTION, AREA_WORDS, LANGUAGES, LISTS, PARTS, TEXTS, Field, Part, full_name

Values = dict[str, str]


@dataclass(frozen=True, slots=True)
class RecordEntry:
    """The record as JSON, as far as it could be read, and the faults by the names of their inputs."""

    record: dict[str, Any]
    faults: Faults = field(default_factory=dict)


def tidy(values: Mapping[str, str]) -> Values:
    """The values with empty items of lists closed up, so that the places of the record are the names of the inputs."""
    kept = {name: text for name, text in values.items() if _list_of(name) is None}
    for part in LISTS:
        items = [item for index in range(part.most) if any((item := _item(values, part, index)).values())]
        for index, item in enumerate(items):
            kept |= {full_name(part, leaf, index): text for leaf, text in item.items()}
    return kept


def count(values: Mapping[str, str], part: Part) -> int:
    """How many items of a list the form shows: those filled, and at least the part's least."""
    filled = [index for index in range(part.most) if any(_item(values, part, index).values())]
    return max(part.least, filled[-1] + 1 if filled else 0)


def read(values: Mapping[str, str], base: Mapping[str, Any] | None = None) -> RecordEntry:
    """`values` (tidied) laid over `base`, the record as it was: what the form does not show stays."""
    faults: Faults = {}
    record = copy.deepcopy(dict(base or {}))
    for part in PARTS:
        if part.most:
            was = record.get(part.key) or []
            items = range(count(values, part) if any(_item(values, part, 0).values()) else 0)
            record[part.key] = [_filled(values, part, i, was[i] if i < len(was) else {}, faults) for i in items]
        elif part not in TEXTS or any(full_name(part, one.name) in values for one in part.fields):
            _lay(record, part, values, None, faults)
    record["languages"] = [tag for tag, _ in LANGUAGES if values.get(f"languages.{tag}")]
    # What must be there is there, if empty: then each thing that is missing in it is named.
    return RecordEntry({"abduction": {}, "contact": {}, "attestation": {}} | _pruned(record), faults)


def write(record: Mapping[str, Any]) -> Values:
    """A record as the form's values."""
    values: Values = {f"languages.{tag}": "yes" for tag in record.get("languages") or ["en"]}
    for part in PARTS:
        items = enumerate(record.get(part.key) or []) if part.most else [(None, record)]
        for index, item in items:
            for one in part.fields:
                found = _find(item, one.name if part.most else full_name(part, one.name))
                values[full_name(part, one.name, index)] = _shown(one, found)
    values["abduction.zone"] = "UTC" if values.get("abduction.at") else ""
    return values


def _item(values: Mapping[str, str], part: Part, index: int) -> Values:
    return {one.name: values.get(full_name(part, one.name, index), "").strip() for one in part.fields}


def _list_of(name: str) -> Part | None:
    return next((part for part in LISTS if name.startswith(part.key + ".")), None)


def _filled(
    values: Mapping[str, str], part: Part, index: int, was: Mapping[str, Any], faults: Faults
) -> dict[str, Any]:
    item = dict(was)
    _lay(item, part, values, index, faults)
    return item


def _lay(into: dict[str, Any], part: Part, values: Mapping[str, str], index: int | None, faults: Faults) -> None:
    for one in part.fields:
        name = full_name(part, one.name, index)
        place = one.name if index is not None else full_name(part, one.name)
        text = values.get(name, "").strip()
        if text and _untouched(one, text, _find(into, place), values):
            continue
        try:
            _put(into, place, _value(one, text, values))
        except ValueError as fault:
            faults.setdefault(name, []).append(str(fault))


def _untouched(one: Field, text: str, was: Any, values: Mapping[str, str]) -> bool:
    """Whether it stands as the form showed it: then what no form shows of it stays too, such as the seconds of a time."""
    return text == _shown(one, was) and (one.kind != "moment" or values.get(f"{ABDUCTION.key}.zone") == "UTC")


def _value(one: Field, text: str, values: Mapping[str, str]) -> Any:
    """The record's value for what was entered; None for nothing. ValueError says what should have been entered."""
    if one.kind == "check":
        return bool(text)
    if not text:
        return None
    if one.kind == "moment":
        return measures.moment(text, values.get(f"{ABDUCTION.key}.zone", ""))
    return _READ.get(one.kind, str)(text)


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 4:
        raise ValueError("Write a whole number.")
    return int(text)


def _number(text: str) -> float:
    try:
        return float(text.replace(",", ".").replace(MINUS, "-"))
    except ValueError:
        raise ValueError("Write a number such as 38.58.") from None


_READ: Mapping[str, Callable[[str], Any]] = {
    "whole": _whole,
    "number": _number,
    "height": measures.height_m,
    "weight": measures.weight_kg,
}


def _shown(one: Field, found: Any) -> str:
    if found is None or found is False:
        return ""
    if one.kind == "check":
        return "yes"
    shown: Mapping[str, Callable[[Any], str]] = {
        "height": measures.shown_height,
        "weight": measures.shown_weight,
        "moment": measures.shown_moment,
    }
    return shown.get(one.kind, str)(found)


def _find(record: Any, place: str) -> Any:
    for step in place.split("."):
        record = record.get(step) if isinstance(record, Mapping) else None
    return record


def _put(record: dict[str, Any], place: str, value: Any) -> None:
    *way, leaf = place.split(".")
    for step in way:
        inner = record.get(step)
        record[step] = record = dict(inner) if isinstance(inner, Mapping) else {}
    record[leaf] = value


def _pruned(record: dict[str, Any]) -> dict[str, Any]:
    """Without what was left empty: nothing is said about what is not known."""
    pruned = {}
    for name, value in record.items():
        kept = _pruned(value) if isinstance(value, dict) else value
        if isinstance(value, list):
            kept = [_pruned(item) if isinstance(item, dict) else item for item in value]
        if kept is not None and kept not in ({}, []):
            pruned[name] = kept
    return pruned


__all__ = ["AREA_WORDS", "RecordEntry", "count", "read", "tidy", "write"]
