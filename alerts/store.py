"""Statements on incidents, messages and photos: one statement, one name. The caller owns the transaction.

Nothing is sealed or opened here: blobs come and go as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, select, update

from alerts.tables import agency, author, incident, message, officer, photo


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One case of one agency: everything that is told of it is sealed under `key_name`."""

    id: int
    token: str
    agency_id: int
    agency_code: str
    agency_name: str
    status: str
    key_name: str
    opened_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None
    ended_why: str | None
    key_destroyed_at: datetime | None
    test: bool = False  # made by a test key: never sent

    @property
    def reference(self) -> str:
        """What people call it: nothing of the child."""
        return f"{self.agency_code}-{self.id:05d}"


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message of an incident with its sealed parts."""

    id: int
    public_id: str
    incident_id: int
    number: int
    version: int
    kind: str
    state: str
    content_hash: str
    area_digest: str
    reach: int
    sealed: bytes = field(repr=False)
    sealed_area: bytes = field(repr=False)
    sealed_note: bytes | None = field(repr=False)
    problems: int
    created_by: int
    created_at: datetime
    decided_by: int | None
    decided_at: datetime | None
    approved_at: datetime | None
    asked_at: datetime | None
    expires_at: datetime
    languages: str | None = None  # of what was let go, with commas, the first one first

    @property
    def told_in(self) -> tuple[str, ...]:
        return tuple((self.languages or "").split(",")) if self.languages else ()


@dataclass(frozen=True, slots=True)
class SealedPhoto:
    """One photo in two sizes and three formats, each sealed; width and height of the full size in pixels.

    `pdq` is its hash, sealed too; `tags` are not: they tell nothing (`alerts.photo_tags`).
    """

    small_jpeg: bytes = field(repr=False)
    small_webp: bytes = field(repr=False)
    full_jpeg: bytes = field(repr=False)
    full_webp: bytes = field(repr=False)
    width: int
    height: int
    small_avif: bytes | None = field(default=None, repr=False)
    full_avif: bytes | None = field(default=None, repr=False)
    pdq: bytes | None = field(default=None, repr=False)
    tags: bytes | None = field(default=None, repr=False)


_INCIDENT: Select[Any] = select(
    incident, agency.c.code.label("agency_code"), agency.c.name.label("agency_name")
).select_from(incident.join(agency))


def add_incident(connection: Connection, **values: Any) -> int:
    """`values` are the row's columns without id."""
    return int(_new_id(connection.execute(insert(incident).values(**values))))


def find_incident(connection: Connection, token: str) -> IncidentRow | None:
    """The incident that the public page /a/{token} is about."""
    return _one_incident(connection, incident.c.token == token)


def list_public(connection: Connection, ended_since: datetime) -> list[Row[Any]]:
    """What was let go, by message: token, key_name, ended_at, number, state, expires_at. Not what ended before then."""
    shown = (incident.c.token, incident.c.key_name, incident.c.ended_at)
    told = select(*shown, message.c.number, message.c.state, message.c.expires_at).select_from(incident.join(message))
    lately = incident.c.ended_at.is_(None) | (incident.c.ended_at > ended_since)
    return list(connection.execute(told.where(message.c.approved_at.is_not(None), lately)))


def get_incident(connection: Connection, incident_id: int) -> IncidentRow:
    found = _one_incident(connection, incident.c.id == incident_id)
    if found is None:
        raise LookupError(f"no incident {incident_id}")
    return found


def list_incidents(
    connection: Connection, agency_id: int, limit: int, visible: ColumnElement[bool]
) -> list[IncidentRow]:
    """The agency's incidents that are `visible` (`alerts.worlds`), newest first."""
    mine = _INCIDENT.where(incident.c.agency_id == agency_id, visible).order_by(incident.c.id.desc()).limit(limit)
    return [_incident(row) for row in connection.execute(mine)]


def list_due(connection: Connection, now: datetime) -> list[IncidentRow]:
    """Incidents in force whose time is up."""
    due = incident.c.ended_at.is_(None) & (incident.c.expires_at <= now)
    return [_incident(row) for row in connection.execute(_INCIDENT.where(due))]


def list_unanswered(connection: Connection, asked_before: datetime, state: str) -> list[int]:
    """The ids of incidents of which something has waited for an approval since then or longer."""
    waiting = (message.c.state == state) & (message.c.asked_at <= asked_before)
    return list(connection.scalars(select(message.c.incident_id).where(waiting).distinct()))


def list_keys_to_destroy(connection: Connection) -> list[IncidentRow]:
    """Ended incidents whose key may still exist."""
    left = incident.c.ended_at.is_not(None) & incident.c.key_destroyed_at.is_(None)
    return [_incident(row) for row in connection.execute(_INCIDENT.where(left))]


def change_incident(connection: Connection, incident_id: int, **values: Any) -> None:
    connection.execute(update(incident).where(incident.c.id == incident_id).values(**values))


def add_message(connection: Connection, authors: Iterable[int], **values: Any) -> int:
    """`values` are the row's columns without id; `authors` may not approve it."""
    message_id = int(_new_id(connection.execute(insert(message).values(**values))))
    add_authors(connection, message_id, authors, values["created_at"])
    return message_id


def add_authors(connection: Connection, message_id: int, officers: Iterable[int], at: datetime) -> None:
    """Who wrote a part of it; those known already are left as they are."""
    known = set(list_authors(connection, message_id))
    for officer_id in set(officers) - known:
        connection.execute(insert(author).values(message_id=message_id, officer_id=officer_id, at=at))


def list_authors(connection: Connection, message_id: int) -> list[int]:
    return list(connection.scalars(select(author.c.officer_id).where(author.c.message_id == message_id)))


def find_message(connection: Connection, public_id: str) -> MessageRow | None:
    row = connection.execute(_messages(message.c.public_id == public_id)).one_or_none()
    return _message(row) if row else None


def find_replay(connection: Connection, origin_hash: bytes) -> MessageRow | None:
    """The message that came with the same sender, identifier and time before."""
    row = connection.execute(_messages(message.c.origin_hash == origin_hash)).one_or_none()
    return _message(row) if row else None


def list_messages(connection: Connection, incident_id: int) -> list[MessageRow]:
    """The chain of one incident, oldest first."""
    chain = _messages(message.c.incident_id == incident_id).order_by(message.c.number)
    return [_message(row) for row in connection.execute(chain)]


def list_newest(connection: Connection, incident_ids: Sequence[int]) -> dict[int, MessageRow]:
    """The newest message of each incident."""
    newest = select(func.max(message.c.id)).where(message.c.incident_id.in_(incident_ids))
    rows = connection.execute(_messages(message.c.id.in_(newest.group_by(message.c.incident_id))))
    return {row.incident_id: _message(row) for row in rows}


def change_message(connection: Connection, message_id: int, **values: Any) -> None:
    connection.execute(update(message).where(message.c.id == message_id).values(**values))


def name_officers(connection: Connection, officer_ids: Iterable[int]) -> dict[int, str]:
    query = select(officer.c.id, officer.c.name).where(officer.c.id.in_(set(officer_ids)))
    return {row.id: row.name for row in connection.execute(query)}


def add_photo(connection: Connection, incident_id: int, sealed: SealedPhoto) -> int:
    values = {
        "sealed_small_jpeg": sealed.small_jpeg,
        "sealed_small_webp": sealed.small_webp,
        "sealed_full_jpeg": sealed.full_jpeg,
        "sealed_full_webp": sealed.full_webp,
        "width": sealed.width,
        "height": sealed.height,
        "sealed_small_avif": sealed.small_avif,
        "sealed_full_avif": sealed.full_avif,
        "sealed_pdq": sealed.pdq,
        "tags": sealed.tags,
    }
    return int(_new_id(connection.execute(insert(photo).values(incident_id=incident_id, **values))))


def find_photo(connection: Connection, incident_id: int, photo_id: int) -> SealedPhoto | None:
    """A photo, if it is one of this incident's."""
    mine = (photo.c.id == photo_id) & (photo.c.incident_id == incident_id)
    row = connection.execute(select(photo).where(mine)).one_or_none()
    if row is None:
        return None
    return SealedPhoto(
        row.sealed_small_jpeg,
        row.sealed_small_webp,
        row.sealed_full_jpeg,
        row.sealed_full_webp,
        row.width,
        row.height,
        row.sealed_small_avif,
        row.sealed_full_avif,
    )


def size_photos(connection: Connection, incident_id: int) -> dict[int, tuple[int, int, bool]]:
    """Of each photo of the incident: width and height in pixels, and whether it is there as AVIF."""
    has_avif = photo.c.sealed_small_avif.is_not(None).label("has_avif")
    query = select(photo.c.id, photo.c.width, photo.c.height, has_avif).where(photo.c.incident_id == incident_id)
    return {row.id: (row.width, row.height, bool(row.has_avif)) for row in connection.execute(query)}


def _one_incident(connection: Connection, where: ColumnElement[bool]) -> IncidentRow | None:
    row = connection.execute(_INCIDENT.where(where)).one_or_none()
    return _incident(row) if row else None


def _messages(where: ColumnElement[bool]) -> Select[Any]:
    columns = [column for column in message.c if column.name != "origin_hash"]
    return select(*columns).where(where)


def _incident(row: Row[Any]) -> IncidentRow:
    return IncidentRow(**row._asdict())


def _message(row: Row[Any]) -> MessageRow:
    return MessageRow(**row._asdict())


def _new_id(done: Any) -> Any:
    return done.inserted_primary_key[0]
