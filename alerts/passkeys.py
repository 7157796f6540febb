"""Passkeys (WebAuthn Level 3): the public keys of people, and the challenges that are signed once and soon.

Only the public half is kept. A challenge is random, bound to its purpose and, for a registration, to its person; it is
taken away with the first answer, right or wrong. What it is checked by is `alerts.service.signing`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from alerts.access_tables import challenge, passkey
from alerts.agencies import hashed
from alerts.tables import officer

LIFETIME_S = 300  # of a challenge: as long as a browser waits for its person
SIGN_IN, REGISTER = "sign_in", "register"
MOST = 10  # passkeys a person


@dataclass(frozen=True, slots=True)
class Passkey:
    """One authenticator of a person."""

    id: int
    officer_id: int
    name: str
    created_at: datetime
    used_at: datetime | None
    credential_id: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    sign_count: int = 0


def make_challenge(connection: Connection, purpose: str, now: datetime, officer_id: int | None = None) -> bytes:
    """64 random bytes, good for LIFETIME_S; what nobody answered is cleared away on the occasion."""
    connection.execute(delete(challenge).where(challenge.c.expires_at <= now))
    made = secrets.token_bytes(64)
    row = {"hash": _hash(made), "purpose": purpose, "officer_id": officer_id}
    connection.execute(insert(challenge).values(expires_at=now + timedelta(seconds=LIFETIME_S), **row))
    return made


def take_challenge(
    connection: Connection, given: bytes, purpose: str, now: datetime, officer_id: int | None = None
) -> bool:
    """Whether this challenge was made for this, and not answered yet; it is gone afterwards."""
    whose = challenge.c.officer_id.is_(None) if officer_id is None else challenge.c.officer_id == officer_id
    this = (challenge.c.hash == _hash(given)) & (challenge.c.purpose == purpose) & whose
    return connection.execute(delete(challenge).where(this, challenge.c.expires_at > now)).rowcount == 1


def add(  # one argument a column
    connection: Connection,
    officer_id: int,
    *,
    credential_id: bytes,
    public_key: bytes,
    sign_count: int,
    name: str,
    now: datetime,
) -> int:
    row = {"credential_id": credential_id, "public_key": public_key, "sign_count": sign_count, "name": name}
    done = connection.execute(insert(passkey).values(officer_id=officer_id, created_at=now, **row))
    return int(done.inserted_primary_key[0])  # type: ignore[index]  # a row was inserted


def find(connection: Connection, credential_id: bytes) -> Passkey | None:
    """A passkey that was not removed, of a person who is not disabled."""
    able = passkey.c.removed_at.is_(None) & officer.c.disabled_at.is_(None)
    query = select(passkey).join(officer, officer.c.id == passkey.c.officer_id)
    row = connection.execute(query.where(passkey.c.credential_id == credential_id, able)).one_or_none()
    return _passkey(row) if row else None


def list_of(connection: Connection, officer_id: int) -> list[Passkey]:
    """A person's passkeys, the oldest first."""
    mine = (passkey.c.officer_id == officer_id) & passkey.c.removed_at.is_(None)
    return [_passkey(row) for row in connection.execute(select(passkey).where(mine).order_by(passkey.c.id))]


def note_use(connection: Connection, used: Passkey, sign_count: int, now: datetime) -> None:
    connection.execute(update(passkey).where(passkey.c.id == used.id).values(used_at=now, sign_count=sign_count))


def remove(connection: Connection, officer_id: int, passkey_id: int, now: datetime) -> bool:
    """Whether it was one of this person's; the last one stays, or they could not come in again."""
    connection.execute(select(officer.c.id).where(officer.c.id == officer_id).with_for_update())  # one after the other
    mine = (passkey.c.officer_id == officer_id) & passkey.c.removed_at.is_(None)
    others = select(func.count()).select_from(passkey).where(mine, passkey.c.id != passkey_id).scalar_subquery()
    chosen = update(passkey).where(mine, passkey.c.id == passkey_id, others > 0)
    return connection.execute(chosen.values(removed_at=now)).rowcount == 1


def _hash(given: bytes) -> bytes:
    return hashed(given.hex())


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(
        row.id,
        row.officer_id,
        row.name,
        row.created_at,
        row.used_at,
        row.credential_id,
        row.public_key,
        row.sign_count,
    )
