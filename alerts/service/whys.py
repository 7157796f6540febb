"""Why somebody gets alerts: what they chose, where, and when they agreed. For themselves alone, and never precise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from alerts.services import Services
from geo import cities
from geo.tables import position
from notifiers.tables import recipient, subscription
from notifiers.transactions import reading


@dataclass(frozen=True, slots=True)
class Way:
    """One channel, and since when its owner has wanted it."""

    channel: str
    consented_at: datetime


@dataclass(frozen=True, slots=True)
class Why:
    """`around`: towns near the places that count, each once; a place far from any town is not named. `partner`: who
    enrolled the person; empty where they did it themselves.
    """

    around: tuple[str, ...]
    ways: tuple[Way, ...]
    partner: str


def of_recipient(services: Services, recipient_id: int) -> Why | None:
    """All of a person's ways; None where there is no such person."""
    with reading(services.engine) as connection:
        return _why(connection, recipient_id, None)


def of_subscription(services: Services, subscription_id: int) -> Why | None:
    """One way; None where it is gone."""
    with reading(services.engine) as connection:
        owner = select(subscription.c.recipient_id).where(subscription.c.id == subscription_id)
        found = connection.scalar(owner)
        return None if found is None else _why(connection, found, subscription_id)


def _why(connection: Connection, recipient_id: int, only: int | None) -> Why | None:
    person = connection.execute(select(recipient.c.partner).where(recipient.c.id == recipient_id)).first()
    if person is None:
        return None
    ways = select(subscription.c.channel, subscription.c.consented_at).order_by(subscription.c.id)
    ways = ways.where(subscription.c.recipient_id == recipient_id, subscription.c.confirmed_at.is_not(None))
    rows = connection.execute(ways if only is None else ways.where(subscription.c.id == only))
    return Why(_around(connection, recipient_id), tuple(Way(*row) for row in rows), str(person.partner))


def _around(connection: Connection, recipient_id: int) -> tuple[str, ...]:
    places = select(position.c.lon, position.c.lat).where(position.c.recipient_id == recipient_id)
    rows = connection.execute(places.order_by(position.c.kind, position.c.number))
    return tuple(dict.fromkeys(name for row in rows if (name := cities.nearest(row.lon, row.lat))))
