"""API keys as they are listed, granted, collected and revoked. What a key is, is in `alerts.agencies`.

A granted key waits for its officer: only who collects it ever sees it, neither of the two who granted it does.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select, true, update

from alerts.access_tables import credential
from alerts.agencies import Role, Use, hashed, new_key
from alerts.tables import officer


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as it may be shown: never the secret. `roles`: what it opens now, as far as its officer holds them."""

    id: int
    officer_id: int
    officer: str
    agency_id: int | None
    name: str
    use: Use
    roles: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    waiting: bool


def grant(  # one argument a column
    connection: Connection,
    officer_id: int,
    *,
    name: str,
    use: Use,
    roles: Collection[Role],
    lifetime_s: int,
    now: datetime,
) -> int:
    """A key that opens nothing until its officer has collected it."""
    nobodys = hashed(secrets.token_urlsafe(32))
    row = {"officer_id": officer_id, "hash": nobodys, "created_at": now, "waiting": True, "name": name}
    scope = {"purpose": use.value, "roles": " ".join(sorted(roles)), "expires_at": now + timedelta(seconds=lifetime_s)}
    done = connection.execute(insert(credential).values(**row, **scope))
    return int(done.inserted_primary_key[0])  # type: ignore[index]  # a row was inserted


def collect(connection: Connection, officer_id: int, key_id: int, now: datetime) -> str | None:
    """The key, shown this once; None where there is none of this officer that waits."""
    waits = (credential.c.id == key_id) & (credential.c.officer_id == officer_id) & credential.c.waiting.is_(True)
    open_ = credential.c.revoked_at.is_(None) & (credential.c.expires_at > now)
    purpose = connection.scalar(select(credential.c.purpose).where(waits, open_))
    if purpose is None:
        return None
    key = new_key(Use(purpose))
    done = connection.execute(update(credential).where(waits, open_).values(hash=hashed(key), waiting=False))
    return key if done.rowcount == 1 else None


def revoke(connection: Connection, key_id: int, now: datetime) -> None:
    connection.execute(
        update(credential).where(credential.c.id == key_id, credential.c.revoked_at.is_(None)).values(revoked_at=now)
    )


def find(connection: Connection, key_id: int) -> KeyRow | None:
    rows = _list(connection, credential.c.id == key_id)
    return rows[0] if rows else None


def list_of(connection: Connection, officer_id: int) -> list[KeyRow]:
    """Those of one person that are not revoked, the newest first."""
    return _list(connection, (credential.c.officer_id == officer_id) & credential.c.revoked_at.is_(None))


def list_all(connection: Connection, agency_id: int | None) -> list[KeyRow]:
    """Those of an agency's people, with None of everybody, that are not revoked, the newest first."""
    whose = true() if agency_id is None else officer.c.agency_id == agency_id
    return _list(connection, whose & credential.c.revoked_at.is_(None) & officer.c.disabled_at.is_(None))


def _list(connection: Connection, where: ColumnElement[bool]) -> list[KeyRow]:
    query = select(credential, officer.c.name.label("officer"), officer.c.agency_id, officer.c.roles.label("held"))
    query = query.join(officer, officer.c.id == credential.c.officer_id).where(where)
    return [_key(row) for row in connection.execute(query.order_by(credential.c.id.desc()))]


def _key(row: Row[Any]) -> KeyRow:
    return KeyRow(
        row.id,
        row.officer_id,
        row.officer,
        row.agency_id,
        row.name,
        Use(row.purpose),
        tuple(sorted(set(row.roles.split()) & set(row.held.split()) - {Role.ADMINISTER.value})),
        row.created_at,
        row.expires_at,
        row.used_at,
        row.waiting,
    )
