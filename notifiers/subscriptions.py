"""Who wants what, confirmed how: the one way in (enrol), the ways out (leave, retire), and loading them to be sent to.

Who is to be told (eligible, reach) is asked in `notifiers.eligibility`; what an address is stands in `addresses`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, delete, func, insert, literal_column, select, text, update

from notifiers.bulk import insert_rows
from notifiers.candidates import Candidate, Enrolment, NewSubscription, Refusal, candidates, sift
from notifiers.eligibility import Eligible, Reach, eligible, eligible_subscriptions, reach
from notifiers.model import Subscription
from notifiers.tables import inbox, left, recipient, subscription

__all__ = [
    "Eligible",
    "Enrolled",
    "Enrolment",
    "NewSubscription",
    "Reach",
    "Refusal",
    "eligible",
    "eligible_subscriptions",
    "enrol",
    "find_recipient",
    "leave",
    "load",
    "reach",
    "retire",
]

T = TypeVar("T")
_as_json = json.JSONEncoder(separators=(",", ":")).encode
CHUNK = 5_000  # values in one statement; SQLite takes at most 32,766


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What came of one enrolment; `recipient_id` None if none of its subscriptions was taken (then nothing is stored).

    `token` is the recipient's own secret, told here and never again: only its hash is stored.
    """

    recipient_id: int | None
    public_id: str
    token: str = field(repr=False)
    refused: tuple[Refusal, ...] = ()


def enrol(connection: Connection, people: Iterable[Enrolment], *, secret: bytes, now: datetime) -> list[Enrolled]:
    """Takes people in, one answer for each in their order. `secret` is `addresses.secret(vault)`.

    Per subscription refused: an address that left (it stays gone), that is known already, or without consent.
    """
    enrolments = list(people)
    public_ids = _random_texts(len(enrolments), 16)
    refused: dict[int, list[Refusal]] = {}
    found = list(candidates(enrolments, public_ids, secret, refused))
    taken = sift(connection, found, refused)
    first = _reserve(connection, recipient, len({candidate.enrolment for candidate in taken}))
    ids = {number: first + i for i, number in enumerate(dict.fromkeys(item.enrolment for item in taken))}
    tokens = dict(zip(ids, _random_texts(len(ids), 24), strict=True))
    rows = [_recipient_row(ids[n], enrolments[n], public_ids[n], tokens[n], now) for n in ids]
    insert_rows(connection, recipient, rows)
    first = _reserve(connection, subscription, len(taken))
    insert_rows(connection, subscription, [_row(first + i, ids[one.enrolment], one) for i, one in enumerate(taken)])
    return [
        Enrolled(ids.get(n), public_ids[n], tokens.get(n, ""), tuple(refused.get(n, ())))
        for n in range(len(enrolments))
    ]


def find_recipient(connection: Connection, public_id: str, token: str) -> int | None:
    """The recipient whom this public id and token belong to (compared in constant time); None for anything else."""
    row = connection.execute(
        select(recipient.c.id, recipient.c.token_hash).where(recipient.c.public_id == public_id)
    ).one_or_none()
    known = row.token_hash if row else bytes(32)
    same = hmac.compare_digest(_token_hash(token), known)
    return int(row.id) if row and same else None


def leave(
    connection: Connection, *, recipient_id: int | None = None, subscription_id: int | None = None, now: datetime
) -> int | None:
    """Who leaves is gone: the rows, and for good, since a keyed hash of each address stays behind.

    Give one of the two ids. Returns the recipient's id if nothing is left of the recipient: the caller then forgets
    the position. Nothing happens (None) where there is no such row.
    """
    chosen = subscription.c.recipient_id == recipient_id if recipient_id else subscription.c.id == subscription_id
    rows = connection.execute(
        select(
            subscription.c.id, subscription.c.recipient_id, subscription.c.channel, subscription.c.address_hash
        ).where(chosen)
    ).all()
    for row in rows:
        connection.execute(delete(left).where(left.c.channel == row.channel, left.c.address_hash == row.address_hash))
        connection.execute(insert(left).values(channel=row.channel, address_hash=row.address_hash, left_at=now))
        connection.execute(delete(inbox).where(inbox.c.subscription_id == row.id))
        connection.execute(delete(subscription).where(subscription.c.id == row.id))
    owner = recipient_id or (rows[0].recipient_id if rows else None)
    return _remove_if_empty(connection, owner) if owner else None


def retire(connection: Connection, subscription_ids: Sequence[int], why: str, now: datetime) -> None:
    """The endpoints are no more (404, 410): not contacted again; the rows stay as a record."""
    for chunk in _chunks(subscription_ids):
        connection.execute(
            update(subscription)
            .where(subscription.c.id.in_(chunk), subscription.c.retired_at.is_(None))
            .values(retired_at=now, retired_why=why[:64])
        )


def load(connection: Connection, subscription_ids: Sequence[int]) -> list[Subscription]:
    """Those of the ids that may still be contacted; who left, was retired or is unconfirmed is not among them."""
    found: list[Subscription] = []
    columns = [subscription.c[name] for name in ("id", "recipient_id", "channel", "origin", "address", "language")]
    for chunk in _chunks(subscription_ids):
        rows = connection.execute(
            select(*columns).where(
                subscription.c.id.in_(chunk),
                subscription.c.retired_at.is_(None),
                subscription.c.confirmed_at.is_not(None),
            )
        )
        for id_, recipient_id, channel, origin, address, language in rows:
            found.append(Subscription(id_, recipient_id, channel, origin, json.loads(address), language))
    return found


def _reserve(connection: Connection, table: Table, count: int) -> int:
    """The first of `count` ids that nobody has or ever had: from the sequence, before the rows exist.

    SQLite keeps its sequence in a table that a row with a larger id moves on; the caller holds the writer lock.
    """
    if connection.dialect.name == "sqlite":
        last = connection.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        return int(last or 0) + 1
    sequence = func.pg_get_serial_sequence(table.name, "id")
    if count == 0:
        return 1
    span = func.setval(sequence, func.nextval(sequence) + literal_column(str(count - 1)))
    connection.execute(text(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE"))
    return int(connection.execute(select(span)).scalar_one()) - count + 1


def _recipient_row(id_: int, enrolment: Enrolment, public_id: str, token: str, now: datetime) -> dict[str, Any]:
    return {
        "id": id_,
        "public_id": public_id,
        "token_hash": _token_hash(token),
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


def _remove_if_empty(connection: Connection, recipient_id: int) -> int | None:
    rest = connection.scalar(select(subscription.c.id).where(subscription.c.recipient_id == recipient_id).limit(1))
    if rest is not None:
        return None
    removed = connection.execute(delete(recipient).where(recipient.c.id == recipient_id))
    return recipient_id if removed.rowcount else None


def _chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _random_texts(count: int, size: int) -> list[str]:
    """`count` times `size` random bytes as hexadecimal digits, drawn at once: a system call each would cost a third."""
    drawn = os.urandom(count * size).hex()
    return [drawn[start : start + 2 * size] for start in range(0, len(drawn), 2 * size)]
