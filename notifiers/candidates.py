"""Subscriptions on their way in: what may be enrolled, and what is refused because it left, is known or has no consent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from notifiers import addresses
from notifiers.bulk import rows_in
from notifiers.tables import left, subscription

OPERATORS_ONLY = frozenset({"mqtt", "apprise"})  # lead to what others see and keep: never by sign-up, import or partner
OUTLET = "outlet"  # the kind of recipient that an operator adds
Key = tuple[str, bytes]  # channel and keyed hash: what makes an address this one


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
    """One recipient. kind: "public" (positions coarsened), "partner" or "outlet" (exact); test: takes part in exercises.

    person: `persons.keyed_hash` of the partner's own id for them, so that the next import knows them again; empty: none.
    """

    kind: str
    test: bool
    partner: str
    subscriptions: Sequence[NewSubscription]
    person: bytes = b""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One subscription that was not taken: its place in the enrolment, and left, gone, known, consent or address."""

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

    @property
    def key(self) -> Key:
        return self.new.channel, self.hash


class Standing(NamedTuple):
    """A subscription that is stored already."""

    id: int
    recipient_id: int
    language: str


@dataclass(frozen=True, slots=True)
class Sifted:
    """What is new, and what its own person has already, each with what is stored."""

    taken: list[Candidate]
    had: list[tuple[Candidate, Standing]]


def candidates(
    enrolments: list[Enrolment], public_ids: list[str], secret: bytes, refused: dict[int, list[Refusal]]
) -> Iterator[Candidate]:
    for number, enrolment in enumerate(enrolments):
        for place, new in enumerate(enrolment.subscriptions):
            if not (new.consent_how.strip() and new.consent_words.strip()):
                refused.setdefault(number, []).append(Refusal(place, "consent"))
                continue
            if new.channel in OPERATORS_ONLY and enrolment.kind != OUTLET:
                refused.setdefault(number, []).append(Refusal(place, "address"))
                continue
            try:
                origin = addresses.origin(new.channel, new.address)
                identity = addresses.identity(new.channel, new.address, public_ids[number])
            except (ValueError, KeyError):
                refused.setdefault(number, []).append(Refusal(place, "address"))
                continue
            yield Candidate(number, place, new, origin, addresses.keyed_hash(secret, new.channel, identity))


def sift(
    connection: Connection, found: list[Candidate], owners: Mapping[int, int], refused: dict[int, list[Refusal]]
) -> Sifted:
    """Without those that left, are another's, or came twice. `owners`: recipient ids of the enrolments that are known."""
    asked = [one for one in found if one.new.channel != "inbox" or one.enrolment in owners]  # no other can have one yet
    gone, known = _left(connection, asked), _known(connection, asked)
    taken: dict[Key, Candidate] = {}
    had: dict[Key, tuple[Candidate, Standing]] = {}
    for one in found:
        stands = known.get(one.key)
        first = taken.get(one.key)
        if one.key in gone:
            refused.setdefault(one.enrolment, []).append(Refusal(one.place, "left"))
        elif stands and stands.recipient_id == owners.get(one.enrolment):
            had[one.key] = (one, stands)
        elif stands or first:
            refused.setdefault(one.enrolment, []).append(Refusal(one.place, "known"))
        else:
            taken[one.key] = one
    return Sifted(list(taken.values()), list(had.values()))


def _left(connection: Connection, asked: list[Candidate]) -> set[Key]:
    if connection.execute(select(left.c.channel).limit(1)).first() is None:
        return set()
    query = "SELECT address_hash FROM left_address WHERE channel = ? AND address_hash IN ({values})"
    return {
        (channel, bytes(row[0]))
        for channel, hashes in _by_channel(asked).items()
        for row in rows_in(connection, query, hashes, channel)
    }


def _known(connection: Connection, asked: list[Candidate]) -> dict[Key, Standing]:
    if connection.execute(select(subscription.c.channel).limit(1)).first() is None:
        return {}
    query = (
        "SELECT address_hash, id, recipient_id, language FROM subscription "
        "WHERE channel = ? AND address_hash IN ({values})"
    )
    return {
        (channel, bytes(hash_)): Standing(*rest)
        for channel, hashes in _by_channel(asked).items()
        for hash_, *rest in rows_in(connection, query, hashes, channel)
    }


def _by_channel(asked: list[Candidate]) -> dict[str, list[bytes]]:
    by_channel: dict[str, list[bytes]] = {}
    for one in asked:
        by_channel.setdefault(one.new.channel, []).append(one.hash)
    return by_channel
