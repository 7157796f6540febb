"""Canaries: addresses of the operator's own that get the self-tests, and nothing else, ever.

A canary is enrolled for tests and has no place on the map: no alert finds it, real or exercise, and a self-test is
planned for canaries by their number. Nobody else can enrol one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from notifiers import subscriptions
from notifiers.subscriptions import Enrolment, NewSubscription
from notifiers.tables import recipient, subscription

PARTNER = "~canary"  # no partner can have this name (`alerts.partners`)
CONSENT = "operator"
CHANNELS = ("web_push", "unified_push", "email", "inbox", "fcm", "apns", "webhook", "sms")


@dataclass(frozen=True, slots=True)
class Canary:
    """As it may be shown: never its address."""

    id: int  # the subscription's
    recipient_id: int
    channel: str
    origin: str
    retired_why: str | None


def add(
    connection: Connection, channel: str, address: Mapping[str, str], *, secret: bytes, now: datetime
) -> int | None:
    """Its number; None where the address is enrolled already, or left."""
    new = NewSubscription(channel, address, "en", CONSENT, CONSENT, now, now)
    [done] = subscriptions.enrol(connection, [Enrolment("partner", True, PARTNER, (new,))], secret=secret, now=now)
    if done.recipient_id is None:
        return None
    return connection.scalar(select(subscription.c.id).where(subscription.c.recipient_id == done.recipient_id))


def list_all(connection: Connection) -> list[Canary]:
    """All of them, those too that their receiver does not know any more."""
    columns = (subscription.c[name] for name in ("id", "recipient_id", "channel", "origin", "retired_why"))
    query = select(*columns).join(recipient, recipient.c.id == subscription.c.recipient_id)
    rows = connection.execute(query.where(recipient.c.partner == PARTNER).order_by(subscription.c.id))
    return [Canary(*row) for row in rows]


def remove(connection: Connection, number: int) -> bool:
    """Whether there was one. Its address may be a canary again, so nothing is remembered of it."""
    chosen = [one for one in list_all(connection) if one.id == number]
    for one in chosen:
        connection.execute(delete(recipient).where(recipient.c.id == one.recipient_id))
    return bool(chosen)
