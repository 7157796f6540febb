"""Sources of alerts of others: their rows, and the health of each. Every change of one is proposed and confirmed by two."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, or_, select, update

from alerts.access_tables import pending_change
from alerts.feed_tables import feed_source
from alerts.feeds_in.health import Health
from alerts.tables import agency, officer

_HEALTH = tuple(one.name for one in fields(Health))


@dataclass(frozen=True, slots=True)
class Source:
    """One source as it stands. `trust` None: what it says bears no signature that counts. `author_id` and `rule_id` are
    rows of officers that nobody signs in as: in their names it submits, and its rule approves.
    """

    id: int
    name: str
    url: str
    agency_id: int
    agency_name: str
    trust: str | None
    interval_s: int
    longest_silence_s: int | None
    enabled: bool
    author_id: int
    rule_id: int
    rule_on: bool
    reach_cap: int | None
    change_id: str
    rule_change_id: str | None
    health: Health
    last_poll_at: datetime | None
    last_poll_s: float | None


@dataclass(frozen=True, slots=True)
class Two:
    """Who proposed, who confirmed, and when."""

    proposer: str
    confirmer: str
    at: datetime


_SOURCE: Select[Any] = select(feed_source, agency.c.name.label("agency_name")).select_from(feed_source.join(agency))


def add(connection: Connection, **values: Any) -> int:
    """A new one, asked at once. `values` are the row's columns without id and health."""
    columns = values | {"state": "new", "failures": 0, "enabled": True}
    done = connection.execute(insert(feed_source).values(**columns))
    return int((done.inserted_primary_key or (0,))[0])


def change(connection: Connection, source_id: int, **values: Any) -> None:
    connection.execute(update(feed_source).where(feed_source.c.id == source_id).values(**values))


def find(connection: Connection, source_id: int) -> Source | None:
    row = connection.execute(_SOURCE.where(feed_source.c.id == source_id)).one_or_none()
    return _source(row) if row else None


def find_name(connection: Connection, name: str) -> Source | None:
    row = connection.execute(_SOURCE.where(feed_source.c.name == name)).one_or_none()
    return _source(row) if row else None


def list_all(connection: Connection, agency_id: int | None = None) -> list[Source]:
    """By name, of an agency, or with None of all."""
    query = _SOURCE if agency_id is None else _SOURCE.where(feed_source.c.agency_id == agency_id)
    return [_source(row) for row in connection.execute(query.order_by(feed_source.c.name))]


def list_due(connection: Connection, now: datetime) -> list[int]:
    """The ids of those that are to be asked, who has waited longest first."""
    waits = feed_source.c.next_poll_at
    due = feed_source.c.enabled.is_(True) & or_(waits.is_(None), waits <= now)
    return list(connection.scalars(select(feed_source.c.id).where(due).order_by(waits, feed_source.c.id)))


def note_health(connection: Connection, source_id: int, health: Health, at: datetime, took_s: float) -> None:
    values = {name: getattr(health, name) for name in _HEALTH}
    change(connection, source_id, **values, last_poll_at=at, last_poll_s=took_s)


def is_source(connection: Connection, officer_id: int) -> bool:
    """Whether this officer is no person, but a source or its rule."""
    mine = or_(feed_source.c.author_id == officer_id, feed_source.c.rule_id == officer_id)
    return connection.execute(select(feed_source.c.id).where(mine)).first() is not None


def find_two(connection: Connection, change_id: str | None) -> Two | None:
    """The two people of a change that was confirmed."""
    one, other = officer.alias(), officer.alias()
    both = pending_change.join(one, one.c.id == pending_change.c.proposed_by)
    both = both.join(other, other.c.id == pending_change.c.decided_by)
    query = select(one.c.name, other.c.name, pending_change.c.decided_at).select_from(both)
    row = connection.execute(query.where(pending_change.c.public_id == change_id)).one_or_none()
    return Two(*row) if row else None


def _source(row: Row[Any]) -> Source:
    plain = row._asdict()
    del plain["id"]
    health = Health(**{name: plain.pop(name) for name in _HEALTH})
    return Source(id=row.id, health=health, **plain)
