"""Bytes -> Alert. Whatever comes in, either an alert goes out or Refused with every fault that can be named at once.

Two documents are read: an AMBER record as JSON, and a CAP 1.2 message, which is taken as an import.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import Message
from typing import Any, Protocol

from pydantic import ValidationError

from alerts import cap, compose, errors, plain_words, programme, validation
from alerts.area import Places, effective, place
from alerts.compose import Origin
from alerts.faults import from_pydantic
from alerts.model import Alert, Area, MsgType, Problem, Severity
from alerts.programme import Programme
from alerts.record import Photo, Record
from alerts.record_area import AreaParts
from alerts.strict_json import NotJson, loads
from alerts.validation import Policy

RECORD_TYPES = frozenset({"application/json"})
CAP_TYPES = frozenset({cap.CONTENT_TYPE, "application/xml", "text/xml"})
MAX_CAP_BYTES = cap.MAX_BYTES
MALFORMED = frozenset({"xml-malformed", "xml-encoding", "doctype-forbidden", "document-empty"})
GEOJSON_TYPES = frozenset({"Polygon", "MultiPolygon", "GeometryCollection", "Feature", "FeatureCollection", "Point"})


class Limits(Protocol):
    """What bounds a document; `alerts.settings.Settings` is one."""

    @property
    def max_alert_bytes(self) -> int: ...
    @property
    def max_photo_bytes(self) -> int: ...
    @property
    def max_photos(self) -> int: ...


class Names(Places, Protocol):
    """A gazetteer that also knows names (geo.places.Gazetteer)."""

    def name(self, code: str) -> str:
        """The name of a SAME or FIPS code; KeyError."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What was read: the alert, its new photos as they came, and what the approver should know (no errors)."""

    alert: Alert
    photos: tuple[bytes, ...] = ()
    problems: tuple[Problem, ...] = ()
    policy: Policy = Policy.AUTHORITY


@dataclass(frozen=True, slots=True)
class _Desk:
    """What reading needs beside the bytes."""

    now: datetime
    limits: Limits
    origin: Origin
    gazetteer: Names | None


def read(
    body: bytes,
    content_type: str,
    *,
    now: datetime,
    limits: Limits,
    origin: Origin | None = None,
    gazetteer: Names | None = None,
) -> Intake:
    """The document as an alert of `origin`. Raises WrongType, TooLarge, Malformed or Refused, and nothing else.

    With a `gazetteer`, areas are named, and the faults of an area are told beside the others.
    """
    desk = _Desk(now.replace(microsecond=0), limits, origin or Origin(), gazetteer)
    kind = media_type(content_type)
    limit = min(limits.max_alert_bytes, MAX_CAP_BYTES) if kind in CAP_TYPES else limits.max_alert_bytes
    if len(body) > limit:
        raise errors.TooLarge([Problem.error("body.large", "", f"the document has more than {limit} bytes")])
    return _read_cap(body, desk) if kind in CAP_TYPES else _read_record(body, desk)


def is_cap(content_type: str) -> bool:
    """Whether it is read as a CAP message. WrongType."""
    return media_type(content_type) in CAP_TYPES


def read_area(drawn: Mapping[str, Any], gazetteer: Names) -> tuple[Area, ...]:
    """An area's JSON as blocks that can be placed: the parts of a record's area, or bare GeoJSON. Refused with every fault."""
    blocks = read_parts(drawn, gazetteer)
    if faults := place(blocks, gazetteer).faults:
        raise errors.Refused(faults)
    return blocks


def read_parts(drawn: Mapping[str, Any], gazetteer: Names) -> tuple[Area, ...]:
    """An area's JSON as blocks, not placed yet. Refused with every fault of its form."""
    parts = {"geojson": dict(drawn)} if drawn.get("type") in GEOJSON_TYPES else dict(drawn)
    try:
        return compose.areas_of(AreaParts.model_validate(parts), gazetteer.name)
    except ValidationError as error:
        raise errors.Refused(from_pydantic(error, "/area")) from None


def media_type(content_type: str) -> str:
    """The type without its parameters; WrongType where it is none that is read here."""
    header = Message()
    header["Content-Type"] = " ".join(content_type.split())[:200]
    kind, charset = header.get_content_type(), header.get_param("charset", "utf-8")
    if kind not in RECORD_TYPES | CAP_TYPES:
        said = f"send an AMBER record as application/json or a CAP message as {cap.CONTENT_TYPE}"
        raise errors.WrongType([Problem.error("content_type", "", said)])
    if kind in RECORD_TYPES and str(charset).lower() not in {"utf-8", "us-ascii"}:
        raise errors.WrongType([Problem.error("content_type", "", "JSON is read as UTF-8 only")])
    return kind


def _read_record(body: bytes, desk: _Desk) -> Intake:
    try:
        given = loads(body)
    except NotJson as error:
        raise errors.Malformed([Problem.error(error.type, "", str(error))]) from None
    try:
        record = Record.model_validate(given)
    except ValidationError as error:
        raise errors.Refused([*from_pydantic(error), *_area_faults(given, desk)]) from None
    under, faults = _programme(record, desk.origin)
    faults += _written_out(given, record)
    photos = _photos(record.photos, desk.limits, faults)
    kept = [photo.model_copy(update={"base64": None}) for photo in record.photos]
    name_of = desk.gazetteer.name if desk.gazetteer else str
    alert = compose.from_record(record.model_copy(update={"photos": kept}), desk.origin, under, desk.now, name_of)
    return _whole(Intake(alert, photos, tuple(faults)), under, desk)


def _read_cap(body: bytes, desk: _Desk) -> Intake:
    reading = cap.read(body, lenient=True)
    if reading.understood is None:
        kind = errors.Malformed if any(p.type in MALFORMED for p in reading.problems) else errors.Refused
        raise kind(reading.problems)
    under = programme.PROGRAMMES.get(desk.origin.programme, programme.DEFAULT)
    alert, added = _with_expiry(reading.understood, under, desk.now)
    problems = (*reading.problems, *added)
    return _whole(Intake(replace(alert, deviations=problems), (), problems, Policy.IMPORT), under, desk)


def _whole(found: Intake, under: Programme, desk: _Desk) -> Intake:
    """The intake, or Refused: then with the faults of area and rules beside those of reading, all in one answer."""
    if not validation.refuses(found.problems):
        return found
    placed = effective(found.alert, desk.gazetteer).faults if desk.gazetteer else ()
    ruled = validation.check(found.alert, under, None, None, desk.now, found.policy)
    more = [problem for problem in (*placed, *ruled) if problem.severity is Severity.ERROR]
    raise errors.Refused(tuple(dict.fromkeys((*found.problems, *validation.beside(found.problems, more)))))


def _area_faults(given: Any, desk: _Desk) -> list[Problem]:
    """The faults of a record's area where the area can be understood though the record cannot."""
    try:
        parts = AreaParts.model_validate(given.get("area") if isinstance(given, dict) else None)
    except ValidationError:
        return []
    if desk.gazetteer is None:
        return []
    found = place(compose.areas_of(parts), desk.gazetteer)
    return [replace(p, path=f"/area{p.path}" if not p.path.startswith("/area") else p.path) for p in found.faults]


def _written_out(given: Any, record: Record) -> list[Problem]:
    """Whoever submits is told which of their words were changed."""
    kept = record.model_dump(mode="json", exclude={"photos"})
    said = "people cannot read {0!r}: it was written out as {1!r}"
    return [
        Problem(Severity.ADVICE, "abbreviation", path, said.format(before[:60], after[:120]))
        for path, before, after in plain_words.rewritten(given, kept)
    ]


def _programme(record: Record, origin: Origin) -> tuple[Programme, list[Problem]]:
    """The programme the record names, else that of its agency."""
    under = programme.PROGRAMMES.get(record.programme or origin.programme)
    if under is None:
        said = f"there is no such programme; there are {', '.join(programme.PROGRAMMES)}"
        return programme.DEFAULT, [Problem.error("programme.unknown", "/programme", said)]
    return under, []


def _photos(photos: Sequence[Photo], limits: Limits, faults: list[Problem]) -> tuple[bytes, ...]:
    """The bytes of the new photos, in order."""
    if len(photos) > limits.max_photos:
        faults.append(Problem.error("photos.many", "/photos", f"there may be {limits.max_photos} photos at most"))
    found = []
    for n, photo in enumerate(photos):
        if (photo.base64 is None) is (photo.photo_id is None):
            faults.append(Problem.error("photo.form", f"/photos/{n}", "a photo has either base64 or photo_id"))
        elif photo.base64 is not None:
            found.append(_bytes(photo.base64, f"/photos/{n}/base64", limits.max_photo_bytes, faults))
    return tuple(found)


def _bytes(text: str, path: str, most: int, faults: list[Problem]) -> bytes:
    if len(text) * 3 // 4 > most + 3:
        faults.append(Problem.error("photo.large", path, f"the photo has more than {most} bytes"))
        return b""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        faults.append(Problem.error("photo.base64", path, "this is not base64"))
        return b""


def _with_expiry(alert: Alert, under: Programme, now: datetime) -> tuple[Alert, tuple[Problem, ...]]:
    """An import that does not say when it expires gets the programme's time from now, and the approver is told."""
    if alert.msg_type is MsgType.CANCEL or all(info.expires_at for info in alert.infos):
        return alert, ()
    ends_at = now + timedelta(seconds=under.default_expiry_s)
    said = f"it does not say when it expires; it will on {ends_at:%Y-%m-%d at %H:%M} UTC ({under.name})"
    infos = tuple(info if info.expires_at else replace(info, expires_at=ends_at) for info in alert.infos)
    return replace(alert, infos=infos), (Problem(Severity.WARNING, "expires-missing", "/cap:alert/cap:info", said),)
