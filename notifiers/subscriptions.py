"""Who wants what, confirmed how: the ways out (leave, retire), and loading them to be sent to.

Whoever changes what a person may be told by touches the person's place (`geo.store`), so that every map hears of it.
The one way in stands in `enrolling`, who is to be told (eligible, reach) in `eligibility`, what an address is in
`addresses`.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, delete, insert, select, update

from geo import store as positions
from notifiers import persons
from notifiers.bulk import rows_in
from notifiers.candidates import Enrolment, NewSubscription, Refusal
from notifiers.eligibility import Eligible, Reach, eligible, eligible_subscriptions, reach
from notifiers.enrolling import Enrolled, enrol, token_hash
from notifiers.model import Subscription
from notifiers.tables import inbox, left, recipient, subscription

__all__ = [
    "Eligible",
    "Enrolled",
    "Enrolment",
    "NewSubscription",
    "Reach",
    "Refusal",
    "come_back",
    "confirm",
    "eligible",
    "eligible_subscriptions",
    "enrol",
    "find",
    "find_recipient",
    "leave",
    "load",
    "reach",
    "retire",
    "stay_away",
    "unsubscribe",
]

T = TypeVar("T")
CHUNK = 5_000  # values in one statement; SQLite takes at most 32,766


def find_recipient(connection: Connection, public_id: str, token: str) -> int | None:
    """The recipient whom this public id and token belong to (compared in constant time); None for anything else."""
    row = connection.execute(
        select(recipient.c.id, recipient.c.token_hash).where(recipient.c.public_id == public_id)
    ).one_or_none()
    known = row.token_hash if row else bytes(32)
    same = hmac.compare_digest(token_hash(token), known)
    return int(row.id) if row and same else None


def owner_of(connection: Connection, subscription_id: int) -> int | None:
    """Whose subscription it is; None once it is gone."""
    return connection.scalar(select(subscription.c.recipient_id).where(subscription.c.id == subscription_id))


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
    owner = recipient_id or (rows[0].recipient_id if rows else None)
    if owner:
        positions.touch(connection, [owner])
    for row in rows:
        connection.execute(delete(left).where(left.c.channel == row.channel, left.c.address_hash == row.address_hash))
        connection.execute(insert(left).values(channel=row.channel, address_hash=row.address_hash, left_at=now))
        connection.execute(delete(inbox).where(inbox.c.subscription_id == row.id))
        connection.execute(delete(subscription).where(subscription.c.id == row.id))
    return _remove_if_empty(connection, owner, now) if owner else None


def unsubscribe(connection: Connection, subscription_ids: Sequence[int], now: datetime) -> None:
    """These leave, each as by its one-click link; of who has nothing left the place is forgotten too."""
    for one in subscription_ids:
        gone = leave(connection, subscription_id=one, now=now)
        if gone is not None:
            positions.forget(connection, [gone])


def come_back(connection: Connection, channel: str, address_hash: bytes) -> bool:
    """Whoever proved that an address that left is their own, and agreed anew, may be enrolled again; whether it had left.

    For nobody else: no import and no sign-up by others comes here.
    """
    gone = delete(left).where(left.c.channel == channel, left.c.address_hash == address_hash)
    return connection.execute(gone).rowcount > 0


def stay_away(connection: Connection, channel: str, address_hash: bytes, now: datetime) -> bool:
    """An address that is not enrolled wants to stay so; whether that is news."""
    same = left.c.channel == channel, left.c.address_hash == address_hash
    if connection.execute(select(left.c.left_at).where(*same)).first() is not None:
        return False
    connection.execute(insert(left).values(channel=channel, address_hash=address_hash, left_at=now))
    return True


def find(connection: Connection, channel: str, address_hash: bytes) -> int | None:
    """The subscription of an address, retired or not; None where there is none."""
    same = subscription.c.channel == channel, subscription.c.address_hash == address_hash
    return connection.scalar(select(subscription.c.id).where(*same))


def confirm(connection: Connection, subscription_id: int, now: datetime) -> bool:
    """The address answered: from now on it counts. False where it did already, is retired or is gone."""
    waiting = subscription.c.id == subscription_id, subscription.c.confirmed_at.is_(None)
    chosen = select(subscription.c.recipient_id).where(*waiting, subscription.c.retired_at.is_(None))
    owner = connection.scalar(chosen)
    if owner is None:
        return False
    positions.touch(connection, [owner])
    return connection.execute(update(subscription).where(*waiting).values(confirmed_at=now)).rowcount > 0


def retire(connection: Connection, subscription_ids: Sequence[int], why: str, now: datetime) -> bool:
    """The endpoints are no more (404, 410): not contacted again; the rows stay as a record. Whether that was news of any."""
    news = False
    for chunk in _chunks(subscription_ids):
        these = subscription.c.id.in_(chunk), subscription.c.retired_at.is_(None)
        owners = set(connection.scalars(select(subscription.c.recipient_id).where(*these)))
        if owners:
            positions.touch(connection, sorted(owners))
        retired = update(subscription).where(*these).values(retired_at=now, retired_why=why[:64])
        news |= connection.execute(retired).rowcount > 0
    return news


def load(connection: Connection, subscription_ids: Sequence[int]) -> list[Subscription]:
    """Those of the ids that may still be contacted; who left, was retired or is unconfirmed is not among them."""
    return [
        Subscription(id_, recipient_id, channel, origin, json.loads(address), language)
        for id_, recipient_id, channel, origin, address, language in rows_in(connection, _LOAD, subscription_ids)
    ]


_LOAD = """
SELECT id, recipient_id, channel, origin, address, language FROM subscription
WHERE id IN ({values}) AND retired_at IS NULL AND confirmed_at IS NOT NULL
"""


def _remove_if_empty(connection: Connection, recipient_id: int, now: datetime) -> int | None:
    rest = connection.scalar(select(subscription.c.id).where(subscription.c.recipient_id == recipient_id).limit(1))
    if rest is not None:
        return None
    persons.leave(connection, recipient_id, now)
    removed = connection.execute(delete(recipient).where(recipient.c.id == recipient_id))
    return recipient_id if removed.rowcount else None


def _chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
