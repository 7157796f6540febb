"""A roll of people as partners keep it: CSV in, `Person`s and rejected rows out. Nothing is stored here.

One row is one subscription; rows with the same `person` are one person. Every row carries the consent it rests on:
how it was given, when, and in which words; a row that lacks one of the three is rejected, with its line and reason.

Columns: person, lon, lat, radius_m (optional), language, channel (web_push, email, inbox), email, endpoint, p256dh,
auth, consent_how, consented_at (ISO 8601 with offset), consent_words, test (yes or no, optional).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TextIO

COLUMNS = (
    *("person", "lon", "lat", "radius_m", "language", "channel", "email", "endpoint", "p256dh", "auth"),
    *("consent_how", "consented_at", "consent_words", "test"),
)
REQUIRED = ("person", "lon", "lat", "channel", "consent_how", "consented_at", "consent_words")
CHANNEL_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "web_push": ("endpoint", "p256dh", "auth"),
    "email": ("email",),
    "inbox": (),
}
_LONGEST = {"endpoint": 1024, "consent_words": 1000}
_LONG = 255
_KEY = re.compile(r"[A-Za-z0-9_-]+={0,2}")
_FORMS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "email": (re.compile(r"[^@\s<>,;:\"\\]+@[^@\s<>,;:\"\\]+\.[^@\s<>,;:\"\\]+"), "an address"),
    "endpoint": (re.compile(r"https?://\S+"), "a URL"),
    "p256dh": (_KEY, "base64url"),
    "auth": (_KEY, "base64url"),
    "language": (re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*"), "a BCP 47 tag"),
    "test": (re.compile(r"yes|no"), "yes or no"),
}
MAX_RADIUS_M = 50_000.0


@dataclass(frozen=True, slots=True)
class Rejected:
    """One row that was not taken: its line in the file and all that is wrong with it, in words without its content."""

    line: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One subscription as a roll names it, with the consent it rests on."""

    channel: str
    address: Mapping[str, str] = field(repr=False)
    language: str
    consent_how: str
    consent_words: str
    consented_at: datetime


@dataclass(slots=True)
class Person:
    """One person of a roll. The position is the one of the first row; `radius_m` 0 means a point."""

    line: int
    lon: float
    lat: float
    radius_m: float
    test: bool
    endpoints: list[Endpoint] = field(default_factory=list)


class NotARoll(ValueError):
    """The file cannot be read as a roll at all: no header, or required columns missing."""


def read(file: TextIO, now: datetime) -> Iterator[Person | Rejected]:
    """The people of a CSV file, each when their last row has been read (rows of a person stand together)."""
    current: tuple[str, Person] | None = None
    for line, row in _rows(file):
        reasons = faults(row, now)
        if reasons:
            yield Rejected(line, reasons)
            continue
        if current and current[0] != row["person"]:
            yield current[1]
            current = None
        person = current[1] if current else _person(line, row)
        person.endpoints.append(_endpoint(row))
        current = (row["person"], person)
    if current:
        yield current[1]


def faults(row: Mapping[str, str], now: datetime) -> tuple[str, ...]:
    """All that is wrong with one row; empty when it can be taken."""
    return (
        *(f"{name} is missing" for name in REQUIRED if not row[name]),
        *(f"{name} is too long" for name, value in row.items() if len(value) > _LONGEST.get(name, _LONG)),
        *_number_faults(row),
        *_channel_faults(row),
        *_consent_faults(row, now),
    )


def _rows(file: TextIO) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(file, strict=True)
    try:
        missing = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
        if missing:
            raise NotARoll(f"the first line must name the columns; missing: {', '.join(missing)}")
        for row in reader:
            yield reader.line_num, {name: (row.get(name) or "").strip() for name in COLUMNS}
    except (csv.Error, UnicodeDecodeError) as error:
        raise NotARoll(f"line {reader.line_num + 1} is not CSV in UTF-8: {type(error).__name__}") from None


def _number_faults(row: Mapping[str, str]) -> Iterable[str]:
    for name, most in (("lon", 180.0), ("lat", 90.0)):
        if row[name] and not _in_range(row[name], -most, most):
            yield f"{name} is not a number from {-most:.0f} to {most:.0f}"
    if row["radius_m"] and not _in_range(row["radius_m"], 0.0, MAX_RADIUS_M):
        yield f"radius_m is not a number from 0 to {MAX_RADIUS_M:.0f}"


def _in_range(text: str, least: float, most: float) -> bool:
    try:
        return least <= float(text) <= most
    except ValueError:
        return False


def _channel_faults(row: Mapping[str, str]) -> Iterable[str]:
    channel = row["channel"]
    if channel and channel not in CHANNEL_COLUMNS:
        yield f"channel is not one of {', '.join(CHANNEL_COLUMNS)}"
    for name in CHANNEL_COLUMNS.get(channel, ()):
        if not row[name]:
            yield f"{name} is missing, the channel {channel} needs it"
    for name, (form, meaning) in _FORMS.items():
        if row[name] and not form.fullmatch(row[name]):
            yield f"{name} is not {meaning}"


def _consent_faults(row: Mapping[str, str], now: datetime) -> Iterable[str]:
    if not row["consented_at"]:
        return
    try:
        at = datetime.fromisoformat(row["consented_at"])
        at.astimezone(UTC)
    except (ValueError, OverflowError):  # the first and the last day of the calendar have no UTC in some zones
        yield "consented_at is not an ISO 8601 time"
        return
    if at.tzinfo is None:
        yield "consented_at has no offset"
    elif at > now:
        yield "consented_at lies in the future"


def _person(line: int, row: Mapping[str, str]) -> Person:
    return Person(line, float(row["lon"]), float(row["lat"]), float(row["radius_m"] or 0), row["test"] == "yes")


def _endpoint(row: Mapping[str, str]) -> Endpoint:
    return Endpoint(
        channel=row["channel"],
        address={name: row[name] for name in CHANNEL_COLUMNS[row["channel"]]},
        language=row["language"] or "en",
        consent_how=row["consent_how"],
        consent_words=row["consent_words"],
        consented_at=datetime.fromisoformat(row["consented_at"]).astimezone(UTC),
    )
