"""Which workers are there, busy or idle: each leaves a sign of life now and then. Shown and alarmed on; decides nothing."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, Row, delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from notifiers.clock import database_now
from notifiers.tables import worker_seen
from notifiers.transactions import writing

log = structlog.get_logger()

EVERY_S = 10.0
ALIVE_S = 35.0  # three signs missed: it is gone
FORGOTTEN_S = 24 * 3600.0


def note(engine: Engine, name: str) -> None:
    """This worker is here."""
    with writing(engine) as connection:
        now = database_now(connection)
        seen = update(worker_seen).where(worker_seen.c.name == name).values(seen_at=now)
        if not connection.execute(seen).rowcount:
            connection.execute(insert(worker_seen).values(name=name, started_at=now, seen_at=now))
            stale = worker_seen.c.seen_at < now - timedelta(seconds=FORGOTTEN_S)
            connection.execute(delete(worker_seen).where(stale))


def leave(engine: Engine, name: str) -> None:
    """It stops by itself: nobody need miss it."""
    with writing(engine) as connection:
        connection.execute(delete(worker_seen).where(worker_seen.c.name == name))


def alive(connection: Connection, now: datetime) -> list[Row[Any]]:
    """Those seen lately, by name."""
    lately = worker_seen.c.seen_at > now - timedelta(seconds=ALIVE_S)
    return list(connection.execute(select(worker_seen).where(lately).order_by(worker_seen.c.name)))


async def keep_noting(engine: Engine, name: str) -> None:
    """Until cancelled. A database that is away for a while ends nothing."""
    while True:
        try:
            await asyncio.to_thread(note, engine, name)
        except SQLAlchemyError as error:
            log.warning("presence_not_noted", worker=name, error=type(error).__name__)
        await asyncio.sleep(EVERY_S)
