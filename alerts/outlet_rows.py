"""Operators' own outlets (signs, displays, posts): each a recipient of its own with a place, found on the map like anybody.

Nobody else can enrol these channels: not the sign-up, no import, no partner (`notifiers.candidates`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select, update

from geo import store as positions
from notifiers import addresses, retained, subscriptions
from notifiers.candidates import OPERATORS_ONLY, OUTLET
from notifiers.channels.apprise_urls import refused
from notifiers.channels.mqtt import is_prefix
from notifiers.subscriptions import Enrolment, NewSubscription
from notifiers.tables import recipient, subscription

CONSENT = "operator"
SIGN = "mqtt"
REVOKED = "revoked"
WRONG = {
    "mqtt": "--to is a topic to begin with: at most 200 characters, no + # $ and no slash at either end",
    "apprise": "--to is an Apprise URL of a service that is taken here (see docs), without options that weaken it",
}


@dataclass(frozen=True, slots=True)
class Outlet:
    """What is to be told: where it stands (degrees), how far around it is its own, in which language."""

    channel: str
    to: str
    lon: float
    lat: float
    radius_m: float
    language: str
    test: bool


@dataclass(frozen=True, slots=True)
class Row:
    """As it may be shown: never where it leads, which may hold somebody's key."""

    id: int
    channel: str
    language: str
    test: bool
    created_at: datetime
    retired_why: str | None


@dataclass(frozen=True, slots=True)
class Leaving:
    """A revoked sign: where its messages lie, and of which incidents (public tokens)."""

    id: int
    address: Mapping[str, str] = field(repr=False)
    incidents: tuple[str, ...]


def wrong(outlet: Outlet, *, sandbox: bool) -> str | None:
    """What is wrong with where it leads, in words; None if nothing is."""
    bad = not is_prefix(outlet.to) if outlet.channel == "mqtt" else refused(outlet.to, sandbox=sandbox) is not None
    return WRONG[outlet.channel] if bad else None


def add(connection: Connection, outlet: Outlet, secret: bytes, now: datetime) -> int | None:
    """The outlet's number; None if it is there already. An operator may bring back what was revoked."""
    address = {addresses.NAMED_BY[outlet.channel]: outlet.to}
    new = NewSubscription(outlet.channel, address, outlet.language, CONSENT, CONSENT, now, now)
    hash_ = addresses.keyed_hash(secret, outlet.channel, addresses.identity(outlet.channel, address, ""))
    subscriptions.come_back(connection, outlet.channel, hash_)
    [done] = subscriptions.enrol(connection, [Enrolment(OUTLET, outlet.test, "", (new,))], secret=secret, now=now)
    if done.recipient_id is None:
        return None
    place = positions.Position(done.recipient_id, outlet.lon, outlet.lat, outlet.radius_m)
    positions.place(connection, [place], now)
    return connection.scalar(select(subscription.c.id).where(subscription.c.recipient_id == done.recipient_id))


def list_all(connection: Connection) -> list[Row]:
    """Every outlet of these channels, the oldest first."""
    columns = (*(subscription.c[n] for n in ("id", "channel", "language")), recipient.c.test, recipient.c.created_at)
    query = select(*columns, subscription.c.retired_why).join(recipient, recipient.c.id == subscription.c.recipient_id)
    ours = recipient.c.kind == OUTLET, subscription.c.channel.in_(sorted(OPERATORS_ONLY))
    return [Row(*tuple(row)) for row in connection.execute(query.where(*ours).order_by(subscription.c.id))]


def revoke(connection: Connection, number: int, now: datetime) -> bool:
    """It is told nothing more; False if there is no such outlet.

    Of a sign that was told something the row stays until what it shows is cleared (`alerts.revoked`).
    """
    channels = {row.id: row.channel for row in list_all(connection)}
    if number not in channels:
        return False
    if channels[number] == SIGN and retained.incidents_of(connection, number, SIGN):
        again = subscription.c.id == number  # it may have been retired for another reason
        subscriptions.retire(connection, [number], REVOKED, now)
        connection.execute(update(subscription).where(again).values(retired_why=REVOKED))
    else:
        subscriptions.unsubscribe(connection, [number], now)
    return True


def list_leaving(connection: Connection) -> list[Leaving]:
    """Revoked signs that are to be cleared, and that no worker may still be saying anything to."""
    gone = subscription.c.channel == SIGN, subscription.c.retired_why == REVOKED
    rows = connection.execute(select(subscription.c.id, subscription.c.address).where(*gone)).all()
    return [
        Leaving(row.id, json.loads(row.address), tuple(retained.incidents_of(connection, row.id, SIGN)))
        for row in rows
        if not retained.held(connection, row.id, SIGN)
    ]
