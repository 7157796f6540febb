"""The one way in: people with their subscriptions, by the hundred thousand, each answered in its place.

Who is known by a partner's id is brought up to date instead of doubled: new subscriptions are added, the language of
those they have and whether they take part in exercises are overwritten. What left stays gone.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, literal_column, select, text, update

from geo import store as positions
from notifiers import persons
from notifiers.bulk import insert_rows
from notifiers.candidates import Candidate, Enrolment, Refusal, Standing, candidates, sift
from notifiers.tables import recipient, subscription

_as_json = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What came of one enrolment; `recipient_id` None if none of its subscriptions was taken (then nothing is stored).

    `token` is the recipient's own secret, told here and never again: only its hash is stored. Who was `known` keeps
    theirs, and it is empty here. `added`: subscriptions that are new.
    """

    recipient_id: int | None
    public_id: str
    token: str = field(repr=False)
    refused: tuple[Refusal, ...] = ()
    known: bool = False
    added: int = 0


def enrol(connection: Connection, people: Iterable[Enrolment], *, secret: bytes, now: datetime) -> list[Enrolled]:
    """Takes people in, one answer for each in their order. `secret` is `addresses.secret(vault)`.

    Per subscription refused: an address that left or whose person did (both stay gone), that is another's already, or
    without consent. A person (`Enrolment.person`) may stand among them once: IntegrityError.
    """
    enrolments = list(people)
    refused: dict[int, list[Refusal]] = {}
    here = _refuse_gone(connection, enrolments, refused)
    known = _known(connection, enrolments)
    public_ids = _random_texts(len(enrolments), 16)
    for number, one in known.items():
        public_ids[number] = one.public_id
    owners = {number: one.recipient_id for number, one in known.items()}
    found = list(candidates(here, public_ids, secret, refused))
    sifted = sift(connection, found, owners, refused)
    tokens = _add(connection, enrolments, public_ids, owners, sifted.taken, now)
    _update(connection, enrolments, known, sifted.had)
    added = _count(sifted.taken)
    return [
        Enrolled(
            owners.get(n), public_ids[n], tokens.get(n, ""), tuple(refused.get(n, ())), n in known, added.get(n, 0)
        )
        for n in range(len(enrolments))
    ]


def token_hash(token: str) -> bytes:
    """As it is stored: SHA-256 of a random secret."""
    return hashlib.sha256(token.encode()).digest()


def _refuse_gone(
    connection: Connection, enrolments: list[Enrolment], refused: dict[int, list[Refusal]]
) -> list[Enrolment]:
    """The enrolments, those of people who left without subscriptions."""
    gone = persons.left_among(connection, [one.person for one in enrolments if one.person])
    here = list(enrolments)
    for number, one in enumerate(enrolments if gone else ()):
        if one.person in gone:
            refused[number] = [Refusal(place, "gone") for place in range(len(one.subscriptions))]
            here[number] = Enrolment(one.kind, one.test, one.partner, (), one.person)
    return here


def _known(connection: Connection, enrolments: list[Enrolment]) -> dict[int, persons.Known]:
    found = persons.find_whole(connection, [one.person for one in enrolments if one.person])
    return {number: found[one.person] for number, one in enumerate(enrolments) if one.person in found}


def _add(
    connection: Connection,
    enrolments: list[Enrolment],
    public_ids: list[str],
    owners: dict[int, int],
    taken: list[Candidate],
    now: datetime,
) -> dict[int, str]:
    """Stores the taken and the recipients they make, who come into `owners`; the new ones' tokens."""
    new = list(dict.fromkeys(one.enrolment for one in taken if one.enrolment not in owners))
    first = _reserve(connection, recipient, len(new))
    owners.update({number: first + i for i, number in enumerate(new)})
    tokens = dict(zip(new, _random_texts(len(new), 24), strict=True))
    rows = [_recipient_row(owners[n], enrolments[n], public_ids[n], tokens[n], now) for n in new]
    insert_rows(connection, recipient, rows)
    persons.name(connection, {enrolments[n].person: owners[n] for n in new if enrolments[n].person})
    first = _reserve(connection, subscription, len(taken))
    insert_rows(connection, subscription, [_row(first + i, owners[one.enrolment], one) for i, one in enumerate(taken)])
    return tokens


def _update(
    connection: Connection,
    enrolments: list[Enrolment],
    known: dict[int, persons.Known],
    had: Sequence[tuple[Candidate, Standing]],
) -> None:
    """What a later import says otherwise of people who are known."""
    if not known:
        return
    positions.touch(connection, sorted(one.recipient_id for one in known.values()))
    spoken = [
        {"of": stands.id, "said": one.new.language}
        for one, stands in had
        if one.new.language != stands.language.split()[0]
    ]
    if spoken:
        language = update(subscription).where(subscription.c.id == bindparam("of")).values(language=bindparam("said"))
        connection.execute(language, spoken)
    taking_part = [{"of": one.recipient_id, "said": enrolments[number].test} for number, one in known.items()]
    test = update(recipient).where(recipient.c.id == bindparam("of"), recipient.c.test != bindparam("said"))
    connection.execute(test.values(test=bindparam("said")), taking_part)


def _count(taken: Iterable[Candidate]) -> dict[int, int]:
    added: dict[int, int] = {}
    for one in taken:
        added[one.enrolment] = added.get(one.enrolment, 0) + 1
    return added


def _reserve(connection: Connection, table: Table, count: int) -> int:
    """The first of `count` ids that nobody has or ever had: from the sequence, before the rows exist.

    SQLite keeps its sequence in a table that a row with a larger id moves on. The caller's transaction is `writing`,
    so nobody else reserves at the same time.
    """
    if connection.dialect.name == "sqlite":
        last = connection.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        return int(last or 0) + 1
    sequence = func.pg_get_serial_sequence(table.name, "id")
    if count == 0:
        return 1
    span = func.setval(sequence, func.nextval(sequence) + literal_column(str(count - 1)))
    return int(connection.execute(select(span)).scalar_one()) - count + 1


def _recipient_row(id_: int, enrolment: Enrolment, public_id: str, token: str, now: datetime) -> dict[str, Any]:
    return {
        "id": id_,
        "public_id": public_id,
        "token_hash": token_hash(token),
        "kind": enrolment.kind,
        "partner": enrolment.partner,
        "test": enrolment.test,
        "created_at": now,
    }


def _row(id_: int, recipient_id: int, one: Candidate) -> dict[str, Any]:
    new = one.new
    return {
        "id": id_,
        "recipient_id": recipient_id,
        "channel": new.channel,
        "origin": one.origin,
        "address": _as_json(dict(new.address)),
        "address_hash": one.hash,
        "language": new.language,
        "consent_how": new.consent_how,
        "consent_words": new.consent_words,
        "consented_at": new.consented_at,
        "confirmed_at": new.confirmed_at,
    }


def _random_texts(count: int, size: int) -> list[str]:
    """`count` times `size` random bytes as hexadecimal digits, drawn at once: a system call each would cost a third."""
    drawn = os.urandom(count * size).hex()
    return [drawn[start : start + 2 * size] for start in range(0, len(drawn), 2 * size)]
