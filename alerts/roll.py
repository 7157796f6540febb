"""A roll of people as partners keep it: rows of text in, `Person`s and rejected rows out. Nothing is stored here.

One row is one subscription at one place; rows with the same `person` that stand together are one person: what is the
same in several of them counts once. Every row carries the consent it rests on: how it was given, when, and in which
words; a row that lacks one of the three is rejected, with its number and reasons.

Columns: person, lon, lat, radius_m, kind (home, device, followed), number (of a followed place), at (ISO 8601 with
offset: when the person was there), language, channel (web_push, unified_push, email, sms, inbox, fcm, apns), email, phone,
endpoint, p256dh, auth, token, consent_how, consented_at (ISO 8601 with offset), consent_words, test (yes or no).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from alerts.languages import known_language
from alerts.roll_rules import CHANNEL_COLUMNS, COLUMNS, REQUIRED, faults, time_of

__all__ = ["COLUMNS", "REQUIRED", "Endpoint", "NotARoll", "Person", "Rejected", "Row", "Spot", "people"]


class NotARoll(ValueError):
    """The file cannot be read as a roll at all: what is required is not there, or it breaks off."""


class Row(NamedTuple):
    """One row: its line or number in the file, a text for each of COLUMNS ("" where there is none), and what is wrong
    with it already.
    """

    line: int
    cells: Mapping[str, str]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """One row that was not taken: its line in the file and all that is wrong with it, in words without its content."""

    line: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One subscription as a roll names it, with the consent it rests on."""

    line: int = field(compare=False)
    channel: str
    address: Mapping[str, str] = field(repr=False)
    language: str
    consent_how: str
    consent_words: str
    consented_at: datetime

    def is_same(self, other: Endpoint) -> bool:
        """Whether both reach the same: what they say besides is then said once."""
        return (self.channel, self.address) == (other.channel, other.address)


class Spot(NamedTuple):
    """One of a person's places. `radius_m` 0 means a point, `at` None: when it is stored."""

    lon: float
    lat: float
    radius_m: float
    at: datetime | None


@dataclass(slots=True)
class Person:
    """One person of a roll, known to the partner as `own_id`; places by kind and number."""

    line: int
    own_id: str = field(repr=False)
    test: bool
    spots: dict[tuple[str, int], Spot] = field(default_factory=dict)
    endpoints: list[Endpoint] = field(default_factory=list)

    def add(self, spots: Mapping[tuple[str, int], Spot], endpoints: Iterable[Endpoint]) -> None:
        """More of the same person; a later place of the same kind and number is the one that counts."""
        self.spots.update(spots)
        for one in endpoints:
            if not any(one.is_same(other) for other in self.endpoints):
                self.endpoints.append(one)


def people(rows: Iterable[Row], now: datetime) -> Iterator[Person | Rejected]:
    """The people of these rows, each when their last row has been read (rows of a person stand together)."""
    current: Person | None = None
    for row in rows:
        found = (*row.faults, *faults(row.cells, now))
        if not found and current and current.own_id != row.cells["person"]:
            yield current
            current = None
        found = found or (_against(current, row.cells) if current else ())
        if found:
            yield Rejected(row.line, found)
            continue
        current = current or Person(row.line, row.cells["person"], row.cells["test"] == "yes")
        current.add(dict([_spot(row.cells)]), (_endpoint(row),))
    if current:
        yield current


def _against(person: Person, row: Mapping[str, str]) -> tuple[str, ...]:
    """What a row says otherwise than the person's rows before it."""
    found = []
    place, spot = _spot(row)
    if person.spots.get(place, spot) != spot:
        found.append("lon, lat, radius_m or at differ from this person's row before, about the same place")
    if (row["test"] == "yes") != person.test:
        found.append("test differs from this person's row before")
    return tuple(found)


def _utc(text: str) -> datetime:
    """The time of a row without faults."""
    at = time_of(text)
    if at is None:
        raise ValueError("no time")
    return at


def _spot(row: Mapping[str, str]) -> tuple[tuple[str, int], Spot]:
    place = (row["kind"] or "home", int(row["number"] or 0))
    return place, Spot(float(row["lon"]), float(row["lat"]), float(row["radius_m"] or 0), time_of(row["at"]))


def _endpoint(row: Row) -> Endpoint:
    values = row.cells
    return Endpoint(
        line=row.line,
        channel=values["channel"],
        address={name: values[name] for name in CHANNEL_COLUMNS[values["channel"]]},
        language=known_language(values["language"] or "en"),
        consent_how=values["consent_how"],
        consent_words=values["consent_words"],
        consented_at=_utc(values["consented_at"]),
    )
