"""The demo's world in a fresh sandbox house: two agencies, their officers, an operator, and the invented people.

Every recipient is enrolled for tests and every address is one of the sandbox's own: nothing can reach a real person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alerts import agencies
from alerts.agencies import OFFICER, OPERATOR, Agency
from alerts.demo.people import CHANNEL_SETS, LANGUAGES, People
from alerts.programme import DEFAULT
from geo import store as positions
from geo.shapes import Shape
from notifiers import subscriptions
from notifiers.subscriptions import Enrolled, Enrolment, NewSubscription

BLOCK = 5_000  # people a transaction
MARGIN_DEGREES = 0.7  # how far the demo agency's jurisdiction reaches beyond the alert's area
Browsers = Callable[[str], dict[str, str]]  # a token's web push address, from the sandbox's keys
CONSENT_WORDS = "Yes, tell me about missing children near me (exercise)."


@dataclass(frozen=True, slots=True)
class Person:
    """One of the cast, with an API key and a path to sign in once."""

    name: str
    key: str = field(repr=False)
    sign_in_path: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Cast:
    """The four who act: two officers of one agency, one of another, an operator."""

    submitter: Person
    approver: Person
    stranger: Person
    operator: Person


@dataclass(slots=True)
class Roll:
    """Who is behind each receiver: by channel, what the receiver calls a subscription -> row of the person."""

    rows: dict[str, dict[str, int]] = field(default_factory=lambda: {"web_push": {}, "email": {}, "inbox": {}})
    tokens: dict[str, str] = field(default_factory=dict, repr=False)  # of recipients with an inbox, by public id
    subscriptions: int = 0


def jurisdiction_around(area: Shape) -> Shape:
    """Boxes around the area with a margin; the demo agency must be allowed to enlarge it."""
    from geo.shapes import from_geojson

    return Shape().union(*(from_geojson(_box(*box)) for box in area.bounds))


def _box(west: float, south: float, east: float, north: float) -> dict[str, object]:
    west, east = max(-180.0, west - MARGIN_DEGREES), min(180.0, east + MARGIN_DEGREES)
    south, north = max(-90.0, south - MARGIN_DEGREES), min(90.0, north + MARGIN_DEGREES)
    ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return {"type": "Polygon", "coordinates": [ring]}


def found(connection: Connection, home: Shape, away: Shape, now: datetime, link_s: int) -> Cast:
    """Two agencies and the cast."""
    first = _agency(connection, "exercise-pd", "Exercise Police Department", home, now)
    second = _agency(connection, "neighbour-so", "Neighbour Sheriff's Office", away, now)
    return Cast(
        submitter=_person(connection, "Officer Sam Submitter", first, now, link_s),
        approver=_person(connection, "Officer Alex Approver", first, now, link_s),
        stranger=_person(connection, "Deputy Sky Stranger", second, now, link_s),
        operator=_person(connection, "Olu Operator", None, now, link_s),
    )


def _agency(connection: Connection, code: str, name: str, jurisdiction: Shape, now: datetime) -> Agency:
    sender = f"{code}@exercise.example"
    return agencies.add_agency(
        connection, code=code, name=name, programme=DEFAULT.id, sender=sender, jurisdiction=jurisdiction, now=now
    )


def _person(connection: Connection, name: str, agency: Agency | None, now: datetime, link_s: int) -> Person:
    roles = OFFICER if agency else OPERATOR
    officer = agencies.add_officer(connection, name=name, roles=roles, agency=agency, now=now)
    key = agencies.issue_key(connection, officer.id, now)
    link = agencies.issue_sign_in_link(connection, officer.id, now, link_s)
    return Person(name, key, f"/signin/{link}")


def enrol(
    connection: Connection,
    people: People,
    rows: list[int],
    browsers: Browsers,
    secret: bytes,
    now: datetime,
    roll: Roll,
) -> None:
    """The consenting people among `rows`, with positions; fills `roll`. Who did not consent leaves no trace."""
    consenting = [row for row in rows if people.consent[row]]
    enrolled = subscriptions.enrol(
        connection, [_enrolment(people, row, browsers, now) for row in consenting], secret=secret, now=now
    )
    positions.place(connection, _positions(people, consenting, enrolled), now)
    for row, one in zip(consenting, enrolled, strict=True):
        _note(roll, people, row, one)


def _enrolment(people: People, row: int, browsers: Browsers, now: datetime) -> Enrolment:
    consented_at = now - timedelta(days=30)
    confirmed_at = consented_at if people.confirmed[row] else None
    new = [
        NewSubscription(
            channel=channel,
            address=_address(channel, row, browsers),
            language=LANGUAGES[people.language[row]],
            consent_how="exercise",
            consent_words=CONSENT_WORDS,
            consented_at=consented_at,
            confirmed_at=confirmed_at,
        )
        for channel in CHANNEL_SETS[people.channels[row]]
    ]
    kind = "public" if people.radius_m[row] else "partner"
    return Enrolment(kind=kind, test=True, partner="" if kind == "public" else "exercise", subscriptions=new)


def _address(channel: str, row: int, browsers: Browsers) -> dict[str, str]:
    if channel == "web_push":
        return browsers(f"person-{row}")
    return {"email": f"person-{row}@people.example"} if channel == "email" else {}


def _positions(people: People, rows: list[int], enrolled: list[Enrolled]) -> list[positions.Position]:
    return [
        positions.Position(
            one.recipient_id, float(people.lon[row]), float(people.lat[row]), float(people.radius_m[row])
        )
        for row, one in zip(rows, enrolled, strict=True)
        if one.recipient_id is not None
    ]


def _note(roll: Roll, people: People, row: int, one: Enrolled) -> None:
    for channel in CHANNEL_SETS[people.channels[row]]:
        name = {"web_push": f"person-{row}", "email": f"person-{row}@people.example", "inbox": one.public_id}[channel]
        roll.rows[channel][name] = row
        roll.subscriptions += 1
        if channel == "inbox":
            roll.tokens[one.public_id] = one.token
