"""Partner platforms: they enrol their own people and tell where those are, with a key that opens nothing else.

A key names its row and holds 256 random bits, shown once and kept as their SHA-256. The row is found by its number and
the secret compared in constant time.
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from alerts.agencies import hashed
from alerts.people_tables import partner, partner_key

PREFIX = "lkp_"  # apart from an officer's lk_...
NAME = re.compile(r"[^\W_]([\w .&'-]{0,62}[\w.])?")
NAMES_ARE = "a partner's name has 1 to 64 letters, digits, spaces and . & ' - _"
_FORM = re.compile(rf"{PREFIX}([1-9][0-9]{{0,8}})_([A-Za-z0-9_-]{{43}})")


@dataclass(frozen=True, slots=True)
class Partner:
    """A platform; `name` is what its people are enrolled under."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as it may be shown: never the secret."""

    id: int
    partner: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


def is_name(name: str) -> bool:
    """Letters, digits and a little punctuation, at most 64: it is a part of what is hashed, and people read it."""
    return NAME.fullmatch(name) is not None


def add(connection: Connection, name: str, now: datetime) -> Partner:
    """ValueError for a name that is none."""
    if not is_name(name):
        raise ValueError(NAMES_ARE)
    done = connection.execute(insert(partner).values(name=name, created_at=now))
    return Partner(int(done.inserted_primary_key[0]), name)  # type: ignore[index]  # a row was inserted


def find(connection: Connection, name: str) -> Partner | None:
    row = connection.execute(select(partner).where(partner.c.name == name)).one_or_none()
    return Partner(row.id, row.name) if row else None


def issue_key(connection: Connection, partner_id: int, now: datetime, *, lifetime_s: int | None = None) -> str:
    """A new key for `Authorization: Bearer`; shown this once."""
    secret = secrets.token_urlsafe(32)
    expires_at = now + timedelta(seconds=lifetime_s) if lifetime_s is not None else None
    row = {"partner_id": partner_id, "hash": hashed(secret), "created_at": now, "expires_at": expires_at}
    done = connection.execute(insert(partner_key).values(**row))
    return f"{PREFIX}{done.inserted_primary_key[0]}_{secret}"  # type: ignore[index]  # a row was inserted


def find_by_key(connection: Connection, key: str, now: datetime) -> Partner | None:
    """Whose key this is, if it is still good."""
    found = _FORM.fullmatch(key)
    if found is None:
        return None
    query = select(partner, partner_key.c.hash).join(partner_key, partner_key.c.partner_id == partner.c.id)
    still = partner_key.c.expires_at.is_(None) | (partner_key.c.expires_at > now)
    query = query.where(partner_key.c.id == int(found[1]), partner_key.c.revoked_at.is_(None), still)
    row = connection.execute(query).one_or_none()
    same = hmac.compare_digest(hashed(found[2]), row.hash if row else bytes(32))
    return Partner(row.id, row.name) if row and same else None


def revoke_key(connection: Connection, key_id: int, now: datetime) -> bool:
    """From now on this key opens nothing; False if there is none that did."""
    open_ = (partner_key.c.id == key_id) & partner_key.c.revoked_at.is_(None)
    return connection.execute(update(partner_key).where(open_).values(revoked_at=now)).rowcount == 1


def list_keys(connection: Connection) -> list[KeyRow]:
    """Every key there ever was, the oldest first."""
    columns = (
        partner_key.c.id,
        partner.c.name,
        *(partner_key.c[n] for n in ("created_at", "expires_at", "revoked_at")),
    )
    rows = connection.execute(
        select(*columns).join(partner, partner_key.c.partner_id == partner.c.id).order_by(partner_key.c.id)
    )
    return [KeyRow(*row) for row in rows]
