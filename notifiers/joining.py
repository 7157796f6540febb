"""An address that proved itself joins its person; one that never answered goes, with all that hung on it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select

from geo import store as positions
from notifiers import addresses
from notifiers.tables import left, recipient, subscription


class Joined(Enum):
    """What came of it: it counts now; it was somebody's already (perhaps this person's); nobody is there any more."""

    NOW = "now"
    KNOWN = "known"
    GONE = "gone"


def join(
    connection: Connection,
    recipient_id: int,
    channel: str,
    address: Mapping[str, str],
    *,
    secret: bytes,
    asked_at: datetime,
    now: datetime,
) -> Joined:
    """A proven address counts for this person from now on, in the words and the language that they agreed in before.

    Only its owner can prove it: so it may come back though it had left, but not by a request that is older than that.
    """
    hashed = addresses.keyed_hash(secret, channel, addresses.identity(channel, address, ""))
    same = subscription.c.channel == channel, subscription.c.address_hash == hashed
    if connection.execute(select(subscription.c.id).where(*same)).first() is not None:
        return Joined.KNOWN
    gone = left.c.channel == channel, left.c.address_hash == hashed
    left_at = connection.scalar(select(left.c.left_at).where(*gone))
    agreed = connection.execute(_agreed(recipient_id)).mappings().first()
    if agreed is None or (left_at is not None and left_at >= asked_at):
        return Joined.GONE
    connection.execute(delete(left).where(*gone))
    positions.touch(connection, [recipient_id])
    row = {
        "recipient_id": recipient_id,
        "channel": channel,
        "origin": addresses.origin(channel, address),
        "address": json.dumps(dict(address), separators=(",", ":")),
        "address_hash": hashed,
        "confirmed_at": now,
    }
    connection.execute(insert(subscription).values(**row, **agreed))
    return Joined.NOW


def discard(connection: Connection, subscription_ids: Sequence[int]) -> list[int]:
    """These never answered: their rows go, and may be asked for anew. Who has nothing else goes whole; their ids."""
    owned = select(subscription.c.recipient_id).where(subscription.c.id.in_(subscription_ids))
    owners = sorted(set(connection.scalars(owned)))
    positions.touch(connection, owners)
    connection.execute(delete(subscription).where(subscription.c.id.in_(subscription_ids)))
    rest = select(subscription.c.recipient_id).where(subscription.c.recipient_id.in_(owners))
    bare = sorted(set(owners) - set(connection.scalars(rest)))
    connection.execute(delete(recipient).where(recipient.c.id.in_(bare)))
    positions.forget(connection, bare)
    return bare


def _agreed(recipient_id: int) -> Select[Any]:
    agreed = (
        subscription.c.language,
        subscription.c.consent_how,
        subscription.c.consent_words,
        subscription.c.consented_at,
    )
    return select(*agreed).where(subscription.c.recipient_id == recipient_id).order_by(subscription.c.id).limit(1)
