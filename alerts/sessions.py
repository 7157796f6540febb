"""Of an open session: when its person proved who they are, when they were last seen, how long it lasts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from alerts.access_tables import session
from alerts.agencies import hashed


def proved_at(connection: Connection, token: str) -> datetime | None:
    """When its person last proved who they are."""
    return connection.scalar(select(session.c.created_at).where(session.c.hash == hashed(token)))


def left_s(connection: Connection, token: str, now: datetime) -> int:
    """Seconds until a session ends, whatever its person does."""
    until = connection.scalar(select(session.c.expires_at).where(session.c.hash == hashed(token)))
    return max(0, int((until - now).total_seconds())) if until else 0


def note_seen(connection: Connection, token: str, now: datetime) -> None:
    """The person behind a session did something."""
    connection.execute(update(session).where(session.c.hash == hashed(token)).values(seen_at=now))
