"""Statements on forms that were left: rows, sealed as they are. The caller owns the transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update

from alerts.console_tables import working_copy
from alerts.tables import incident, officer


@dataclass(frozen=True, slots=True)
class CopyRow:
    """One form of one officer. `sealed` None: nothing was typed, or it is closed. `co_authors`: ids by spaces."""

    id: int
    officer_id: int
    form: str
    use: str
    incident_id: int | None
    key_name: str
    sealed: bytes | None = field(repr=False)
    sealed_base: bytes | None = field(repr=False)
    sealed_photos: bytes | None = field(repr=False)
    co_authors: str
    saved_at: datetime
    here_at: datetime
    closed_at: datetime | None
    officer: str

    @property
    def has_own_key(self) -> bool:
        return self.incident_id is None


def add(connection: Connection, **values: Any) -> None:
    """`values` are the row's columns without id."""
    connection.execute(insert(working_copy).values(**values))


def change(connection: Connection, copy_id: int, **values: Any) -> None:
    connection.execute(update(working_copy).where(working_copy.c.id == copy_id).values(**values))


def find(connection: Connection, officer_id: int, form: str) -> CopyRow | None:
    """Also one that is closed."""
    found = _list(connection, (working_copy.c.officer_id == officer_id) & (working_copy.c.form == form))
    return found[0] if found else None


def list_kept(connection: Connection, officer_id: int, use: str) -> list[CopyRow]:
    """What this officer typed and neither submitted nor discarded, the newest first."""
    mine = (working_copy.c.officer_id == officer_id) & (working_copy.c.use == use)
    return _list(connection, mine & working_copy.c.closed_at.is_(None) & working_copy.c.sealed.is_not(None))


def list_beside(connection: Connection, incident_id: int, officer_id: int) -> list[CopyRow]:
    """The open forms of all others on this incident, the newest first."""
    others = (working_copy.c.incident_id == incident_id) & (working_copy.c.officer_id != officer_id)
    return _list(connection, others & working_copy.c.closed_at.is_(None))


def close(connection: Connection, copy_id: int, now: datetime) -> None:
    """Nothing of it is left but that it was there."""
    change(connection, copy_id, sealed=None, sealed_base=None, sealed_photos=None, closed_at=now)


def list_due(connection: Connection, before: datetime) -> list[CopyRow]:
    """What was saved before that time, what is closed, and what belongs to an incident that has ended."""
    over = select(incident.c.id).where(incident.c.ended_at.is_not(None))
    old = working_copy.c.saved_at < before
    return _list(connection, or_(old, working_copy.c.closed_at.is_not(None), working_copy.c.incident_id.in_(over)))


def remove(connection: Connection, copy_ids: Iterable[int]) -> None:
    connection.execute(delete(working_copy).where(working_copy.c.id.in_(list(copy_ids))))


def _list(connection: Connection, where: ColumnElement[bool]) -> list[CopyRow]:
    query = select(working_copy, officer.c.name.label("officer"))
    query = query.join(officer, officer.c.id == working_copy.c.officer_id).where(where)
    return [CopyRow(**row._asdict()) for row in connection.execute(query.order_by(working_copy.c.saved_at.desc()))]
