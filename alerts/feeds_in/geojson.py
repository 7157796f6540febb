"""Alerts as GeoJSON, as api.weather.gov lists them (/alerts/active) -> entries.

The list is a digest: what counts is the CAP message, which each feature's own URL answers to who asks for
`application/cap+xml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from alerts import strict_json
from alerts.feeds_in.gathering import Entry, Gathering, Index, when
from alerts.problems import Problem

MAX_BYTES = 16 << 20


def read_json(body: bytes, base_url: str) -> Index:
    """The features of a FeatureCollection."""
    found = _collection(body)
    if isinstance(found, Problem):
        return Index("unknown", problems=(found,))
    gathering = Gathering("geojson", base_url)
    for number, feature in enumerate(found["features"]):
        place = f"/features/{number}"
        if gathering.full(place):
            break
        if isinstance(feature, dict) and isinstance(feature.get("properties"), dict):
            _feature(feature, feature["properties"], place, gathering)
        else:
            gathering.wrong("entry-malformed", place, "this is no GeoJSON feature with properties")
    pagination = found.get("pagination")
    if isinstance(pagination, dict) and isinstance(pagination.get("next"), str):
        gathering.next(pagination["next"], "/pagination/next")
    return gathering.index()


def _collection(body: bytes) -> dict[str, Any] | Problem:
    if len(body) > MAX_BYTES:
        return Problem.error("index-too-large", "", f"this index has more than {MAX_BYTES} bytes")
    try:
        found = strict_json.loads(body)
    except strict_json.NotJson as error:
        return Problem.error("json-malformed", "", str(error))
    if isinstance(found, dict) and found.get("type") == "FeatureCollection" and isinstance(found.get("features"), list):
        return found
    return Problem.error("index-unknown", "", "this JSON is no FeatureCollection of alerts")


def _feature(feature: Mapping[str, Any], said: Mapping[str, Any], place: str, gathering: Gathering) -> None:
    hrefs = [one for one in (said.get("@id"), feature.get("id"), said.get("cap")) if isinstance(one, str)]
    href = next((one for one in hrefs if one.lower().startswith(("http:", "https:", "/"))), next(iter(hrefs), None))
    link = gathering.link(href, place) if href else None
    if href and link is None:
        return  # told already
    gathering.add(
        Entry(
            identifier=_text(said, "id") or _text(said, "identifier") or _text(feature, "id"),
            link=link,
            updated_at=when(_text(said, "sent") or _text(said, "updated")),
            content=None,
            title=_text(said, "headline") or _text(said, "event") or "",
            events=tuple(_events(said)),
            status=_text(said, "status"),
            message_type=_text(said, "messageType"),
            references=tuple(_references(said.get("references"))),
            place=place,
        )
    )


def _text(said: Mapping[str, Any], name: str) -> str | None:
    found = said.get(name)
    return found if isinstance(found, str) and found.strip() else None


def _events(said: Mapping[str, Any]) -> Iterator[str]:
    """The event and its codes ({"SAME": ["CAE"], ...})."""
    yield _text(said, "event") or ""
    codes = said.get("eventCode")
    for values in codes.values() if isinstance(codes, dict) else ():
        yield from (value for value in (values if isinstance(values, list) else ()) if isinstance(value, str))


def _references(found: Any) -> Iterator[str]:
    for one in found if isinstance(found, list) else ():
        if isinstance(one, dict) and (identifier := _text(one, "identifier")):
            yield identifier
