"""Partners' servers that get alerts about one place: added, rotated and revoked by operators.

A webhook takes the road that all take: a recipient at a place with a radius, and one subscription. Its secret is shown
once and stored nowhere (`notifiers.channels.webhook_signature`). A rotated key signs beside its successor for a day.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, delete, select, update

from geo import store as positions
from geo.store import Position
from notifiers import addresses, subscriptions
from notifiers.channels.webhook_signature import PURPOSE, secret_of, shown
from notifiers.subscriptions import Enrolment, NewSubscription
from notifiers.tables import left, recipient, subscription
from notifiers.vault import Vault

CHANNEL = "webhook"
HOW = "added by an operator"
OLD_KEY_S = 24 * 60 * 60
WHY = {"known": "there is a webhook for this endpoint already", "address": "this is no absolute URL"}


class NotAdded(ValueError):
    """The webhook was not added; says why."""


@dataclass(frozen=True, slots=True)
class Circle:
    """What a receiver wants to hear about: alerts whose area touches it."""

    lon: float
    lat: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """A webhook to be added; `test`: also told of Test, Exercise and System messages."""

    endpoint: str = field(repr=False)
    partner: str
    circle: Circle
    test: bool = False


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook as it may be shown: where it goes, never the whole URL (it may be a secret of its own)."""

    id: int
    partner: str
    origin: str
    test: bool
    retired_why: str | None


@dataclass(frozen=True, slots=True)
class Issued:
    """A webhook's number and its new secret, told this once."""

    id: int
    secret: str = field(repr=False)


class _Stored(NamedTuple):
    address: Mapping[str, str]
    hash: bytes


def signing_secret(vault: Vault) -> bytes:
    """What all receivers' secrets follow from, made at first use."""
    return vault.derive(addresses.KEY_NAME, PURPOSE)


def add(connection: Connection, vault: Vault, wanted: Wanted, now: datetime) -> Issued:
    """From now on the endpoint is told of alerts that touch the circle. NotAdded if it is told already."""
    key, circle = _new_key(), wanted.circle
    address = {"endpoint": wanted.endpoint, "key": key}
    new = NewSubscription(CHANNEL, address, "en", HOW, f"webhook of {wanted.partner}", now, now)
    person = Enrolment("partner", wanted.test, wanted.partner, (new,))
    [done] = subscriptions.enrol(connection, [person], secret=addresses.secret(vault), now=now)
    if done.recipient_id is None:
        raise NotAdded(WHY.get(done.refused[0].reason, done.refused[0].reason))
    positions.place(connection, [Position(done.recipient_id, circle.lon, circle.lat, circle.radius_m)], now)
    mine = select(subscription.c.id).where(subscription.c.recipient_id == done.recipient_id)
    return Issued(int(connection.execute(mine).scalar_one()), _shown(vault, wanted.endpoint, key))


def rotate(connection: Connection, vault: Vault, hook_id: int, now: datetime) -> Issued | None:
    """A new secret; the one before goes on signing beside it for a day. None if there is no such webhook."""
    row = _find(connection, hook_id)
    if row is None:
        return None
    until = (now + timedelta(seconds=OLD_KEY_S)).isoformat()
    address = {
        "endpoint": row.address["endpoint"],
        "key": _new_key(),
        "old_key": row.address["key"],
        "old_until": until,
    }
    written = json.dumps(address, separators=(",", ":"))
    connection.execute(update(subscription).where(subscription.c.id == hook_id).values(address=written))
    return Issued(hook_id, _shown(vault, address["endpoint"], address["key"]))


def revoke(connection: Connection, hook_id: int, now: datetime) -> bool:
    """It is told nothing more. Unlike a person who left, it may be added again: then with another secret."""
    row = _find(connection, hook_id)
    if row is None:
        return False
    gone = subscriptions.leave(connection, subscription_id=hook_id, now=now)
    if gone is not None:
        positions.forget(connection, [gone])
    connection.execute(delete(left).where(left.c.channel == CHANNEL, left.c.address_hash == row.hash))
    return True


def list_hooks(connection: Connection) -> list[Hook]:
    """All webhooks, the oldest first."""
    columns = (
        subscription.c.id,
        recipient.c.partner,
        subscription.c.origin,
        recipient.c.test,
        subscription.c.retired_why,
    )
    hooks = select(*columns).join(recipient, recipient.c.id == subscription.c.recipient_id)
    rows = connection.execute(hooks.where(subscription.c.channel == CHANNEL).order_by(subscription.c.id))
    return [Hook(*row) for row in rows]


def _find(connection: Connection, hook_id: int) -> _Stored | None:
    row = connection.execute(
        select(subscription.c.address, subscription.c.address_hash)
        .where(subscription.c.id == hook_id, subscription.c.channel == CHANNEL)
        .with_for_update()
    ).one_or_none()
    return _Stored(json.loads(row.address), row.address_hash) if row else None


def _new_key() -> str:
    return secrets.token_hex(8)


def _shown(vault: Vault, endpoint: str, key: str) -> str:
    return shown(secret_of(signing_secret(vault), endpoint, key))
