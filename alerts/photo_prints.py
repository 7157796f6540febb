"""Statements on what photos are known again by. The caller owns the transaction; nothing is opened here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, or_, select, update

from alerts.tables import agency, incident, message, photo


@dataclass(frozen=True, slots=True)
class Print:
    """What one photo is known by: its sealed hash while its alert lives, its tags after that. `told`: it was let go."""

    photo_id: int
    key_name: str
    sealed_pdq: bytes | None = field(repr=False)
    tags: bytes = field(repr=False)
    ended_at: datetime | None
    agency_id: int
    agency_name: str
    reference: str
    told: bool


_TOLD = exists().where((message.c.incident_id == incident.c.id) & message.c.approved_at.is_not(None))
_PRINT: Select[Any] = (
    select(
        photo.c.id.label("photo_id"),
        incident.c.key_name,
        photo.c.sealed_pdq,
        photo.c.tags,
        incident.c.ended_at,
        incident.c.agency_id,
        agency.c.name.label("agency_name"),
        agency.c.code.label("agency_code"),
        incident.c.id.label("incident_id"),
        _TOLD.label("told"),
    )
    .select_from(photo.join(incident, photo.c.incident_id == incident.c.id).join(agency))
    .where(photo.c.tags.is_not(None))
    .order_by(photo.c.id)
)


def list_own(connection: Connection, incident_id: int) -> list[Print]:
    """Of the photos of one incident."""
    return _prints(connection, incident.c.id == incident_id)


def list_others(connection: Connection, incident_id: int, since: datetime) -> list[Print]:
    """Of all other incidents that live, or were told to people and ended since then."""
    lives = incident.c.ended_at.is_(None)
    return _prints(connection, (incident.c.id != incident_id) & or_(lives, (incident.c.ended_at > since) & _TOLD))


def forget(connection: Connection, before: datetime) -> int:
    """Photos of incidents that ended before then are known no more; how many."""
    old = select(incident.c.id).where(incident.c.ended_at <= before)
    chosen = photo.c.incident_id.in_(old) & photo.c.tags.is_not(None)
    return connection.execute(update(photo).where(chosen).values(tags=None, sealed_pdq=None)).rowcount


def _prints(connection: Connection, chosen: ColumnElement[bool]) -> list[Print]:
    rows: Sequence[Any] = connection.execute(_PRINT.where(chosen)).all()
    return [
        Print(
            photo_id=row.photo_id,
            key_name=row.key_name,
            sealed_pdq=row.sealed_pdq,
            tags=row.tags,
            ended_at=row.ended_at,
            agency_id=row.agency_id,
            agency_name=row.agency_name,
            reference=f"{row.agency_code}-{row.incident_id:05d}",
            told=bool(row.told),
        )
        for row in rows
    ]
