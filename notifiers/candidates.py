"""Subscriptions on their way in: what may be enrolled, and what is refused because it left, is known or has no consent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Table, select

from notifiers import addresses
from notifiers.tables import left, subscription

CHUNK = 5_000  # values in one statement; SQLite takes at most 32,766


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """One endpoint to be enrolled. `confirmed_at` None: stored, not contacted until confirmed."""

    channel: str
    address: Mapping[str, str] = field(repr=False)
    language: str
    consent_how: str
    consent_words: str
    consented_at: datetime
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One recipient. kind: "public" (positions coarsened) or "partner" (exact); test: takes part in exercises."""

    kind: str
    test: bool
    partner: str
    subscriptions: Sequence[NewSubscription]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One subscription that was not taken: its place in the enrolment, and left, known, consent or address."""

    place: int
    reason: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subscription on its way in; `enrolment` and `place` say where it came from."""

    enrolment: int
    place: int
    new: NewSubscription
    origin: str
    hash: bytes


def candidates(
    enrolments: list[Enrolment], public_ids: list[str], secret: bytes, refused: dict[int, list[Refusal]]
) -> Iterator[Candidate]:
    for number, enrolment in enumerate(enrolments):
        for place, new in enumerate(enrolment.subscriptions):
            if not (new.consent_how.strip() and new.consent_words.strip()):
                refused.setdefault(number, []).append(Refusal(place, "consent"))
                continue
            try:
                origin = addresses.origin(new.channel, new.address)
                identity = addresses.identity(new.channel, new.address, public_ids[number])
            except (ValueError, KeyError):
                refused.setdefault(number, []).append(Refusal(place, "address"))
                continue
            yield Candidate(number, place, new, origin, addresses.keyed_hash(secret, new.channel, identity))


def sift(connection: Connection, candidates: list[Candidate], refused: dict[int, list[Refusal]]) -> list[Candidate]:
    """Without those that left, are known, or came twice in this enrolment."""
    gone = _known(connection, left, candidates)
    known = _known(connection, subscription, candidates)
    taken = []
    for one in candidates:
        key = (one.new.channel, one.hash)
        if key in gone or key in known:
            refused.setdefault(one.enrolment, []).append(Refusal(one.place, "left" if key in gone else "known"))
            continue
        known.add(key)
        taken.append(one)
    return taken


def _known(connection: Connection, table: Table, candidates: list[Candidate]) -> set[tuple[str, bytes]]:
    """Which of them the table has. Nobody can have an inbox before it is made, so those are not asked for."""
    found: set[tuple[str, bytes]] = set()
    if connection.execute(select(table.c.channel).limit(1)).first() is None:
        return found
    by_channel: dict[str, list[bytes]] = {}
    for one in candidates:
        if one.new.channel != "inbox":
            by_channel.setdefault(one.new.channel, []).append(one.hash)
    for channel, hashes in by_channel.items():
        for chunk in (hashes[start : start + CHUNK] for start in range(0, len(hashes), CHUNK)):
            found.update((channel, value) for value in _same(connection, table, channel, chunk))
    return found


def _same(connection: Connection, table: Table, channel: str, hashes: Sequence[bytes]) -> list[bytes]:
    """Those of the hashes that the table has. Straight to the driver: thousands of values are too many to compile."""
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    marks = ", ".join([mark] * len(hashes))
    statement = f"SELECT address_hash FROM {table.name} WHERE channel = {mark} AND address_hash IN ({marks})"  # noqa: S608 - marks only
    return [bytes(row[0]) for row in connection.exec_driver_sql(statement, (channel, *hashes))]
