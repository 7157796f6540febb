"""Scheduled jobs that one server runs for all: a row a job says who, and until when on the database's clock.

A holder that dies is followed by another once its lease has run out. One that was only away (stopped, swapped out) may
wake up in the middle of a job: so whatever it writes asks for its fence in the same transaction (`stands`), and the
fence has moved on with every change of holder.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, case, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from alerts.tables import job_lease
from notifiers.clock import database_now
from notifiers.transactions import reading, writing

_LONG_AGO = datetime.fromtimestamp(0, tz=UTC)


def take(engine: Engine, name: str, holder: str, lease_s: float) -> int | None:
    """The fence, if the job is `holder`'s to run now: its own, free, or left by one that died. None: it is another's.

    Writes only to change the holder or to renew in the second half of a lease: most calls are a read.
    """
    with reading(engine) as connection:
        now = database_now(connection)
        row = connection.execute(select(job_lease).where(job_lease.c.name == name)).one_or_none()
    left = timedelta(0) if row is None else row.until - now
    if row is not None and row.holder != holder and left > timedelta(0):
        return None
    if row is not None and row.holder == holder and left > timedelta(seconds=lease_s / 2):
        return int(row.fence)
    with writing(engine) as connection:
        return _claim(connection, name, holder, lease_s)


def stands(connection: Connection, name: str, fence: int) -> bool:
    """Whether nobody has taken the job over since; locked, so that nobody does until this transaction ends."""
    ours = select(job_lease.c.name).where(job_lease.c.name == name, job_lease.c.fence == fence)
    return connection.execute(ours.with_for_update()).first() is not None


def release(engine: Engine, holder: str) -> None:
    """All that it holds is free at once: a server that is stopped is followed without a wait."""
    with writing(engine) as connection:
        connection.execute(update(job_lease).where(job_lease.c.holder == holder).values(until=_LONG_AGO))


def _claim(connection: Connection, name: str, holder: str, lease_s: float) -> int | None:
    """In one statement, so that of several who try one succeeds. A new holder gets a new fence."""
    now = database_now(connection)
    until = now + timedelta(seconds=lease_s)
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    into = dialect.insert(job_lease).values(name=name, holder=holder, until=until, fence=1)
    mine = job_lease.c.holder == holder
    statement = into.on_conflict_do_update(
        index_elements=["name"],
        set_={"holder": holder, "until": until, "fence": job_lease.c.fence + case((mine, 0), else_=1)},
        where=or_(mine, job_lease.c.until <= now),
    ).returning(job_lease.c.fence)
    fence = connection.execute(statement).scalar_one_or_none()
    return None if fence is None else int(fence)
