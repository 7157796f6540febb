"""Who may act: agencies with their jurisdictions, officers, API keys, one-time sign-in links and sessions.

Every secret is 256 random bits, shown once and kept as its SHA-256: a stolen database opens nothing, and a look-up by
hash tells nothing by its timing.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, insert, select, update

from alerts import audit
from alerts.tables import agency, credential, officer, session, sign_in_link
from geo.shapes import Shape


class Role(StrEnum):
    OFFICER = "officer"  # of one agency: submits, and approves what others submitted
    OPERATOR = "operator"  # of the house: watches, pauses and resumes; sees nothing of a child


class BadLink(Exception):
    """The sign-in link is unknown, used or too old."""


@dataclass(frozen=True, slots=True)
class Agency:
    """An authority that may issue alerts inside its `jurisdiction`, under its `programme`'s rules."""

    id: int
    code: str
    name: str
    programme: str
    sender: str
    jurisdiction: Shape = field(repr=False)


@dataclass(frozen=True, slots=True)
class Officer:
    """A person who signs in. An operator belongs to no agency."""

    id: int
    name: str
    role: Role
    agency: Agency | None


def add_agency(  # one argument a column
    connection: Connection, *, code: str, name: str, programme: str, sender: str, jurisdiction: Shape, now: datetime
) -> Agency:
    drawn = json.dumps(jurisdiction.to_geojson())
    row = {"code": code, "name": name, "programme": programme, "sender": sender, "jurisdiction": drawn}
    done = connection.execute(insert(agency).values(created_at=now, **row))
    return Agency(_key(done), code, name, programme, sender, jurisdiction)


def add_officer(
    connection: Connection, *, name: str, role: Role, now: datetime, agency: Agency | None = None
) -> Officer:
    agency_id = agency.id if agency else None
    done = connection.execute(insert(officer).values(name=name, role=role, agency_id=agency_id, created_at=now))
    return Officer(_key(done), name, role, agency)


def get_agency(connection: Connection, agency_id: int) -> Agency:
    return _agency(connection.execute(select(agency).where(agency.c.id == agency_id)).one())


def find_agency(connection: Connection, code: str) -> Agency | None:
    row = connection.execute(select(agency).where(agency.c.code == code)).one_or_none()
    return _agency(row) if row else None


def list_officers(connection: Connection) -> list[Officer]:
    rows = connection.execute(select(officer).where(officer.c.disabled_at.is_(None)).order_by(officer.c.id))
    return [_officer(connection, row) for row in rows.all()]


def disable(connection: Connection, officer_id: int, now: datetime) -> None:
    """From now on neither key, link nor session of this officer opens anything."""
    connection.execute(update(officer).where(officer.c.id == officer_id).values(disabled_at=now))


def issue_key(connection: Connection, officer_id: int, now: datetime, *, lifetime_s: int | None = None) -> str:
    """A new API key for `Authorization: Bearer`; shown this once."""
    key, expires_at = "lk_" + secrets.token_urlsafe(32), _after(now, lifetime_s)
    row = {"officer_id": officer_id, "hash": hashed(key), "created_at": now, "expires_at": expires_at}
    connection.execute(insert(credential).values(**row))
    return key


def find_by_key(connection: Connection, key: str, now: datetime) -> Officer | None:
    """Whose key this is, if it is still good."""
    return _bearer(connection, credential, key, now, credential.c.revoked_at.is_(None))


def revoke_key(connection: Connection, key: str, now: datetime) -> None:
    connection.execute(update(credential).where(credential.c.hash == hashed(key)).values(revoked_at=now))


def issue_sign_in_link(connection: Connection, officer_id: int, now: datetime, lifetime_s: int) -> str:
    """A token that signs this officer in once (the path is /signin/{token})."""
    token = secrets.token_urlsafe(32)
    row = {"officer_id": officer_id, "hash": hashed(token), "created_at": now, "expires_at": _after(now, lifetime_s)}
    connection.execute(insert(sign_in_link).values(**row))
    return token


def use_sign_in_link(connection: Connection, token: str, now: datetime, session_s: int) -> str:
    """Consume the link and open a session; its token. BadLink when unknown, used, too old or the officer is disabled."""
    whose = _bearer(connection, sign_in_link, token, now, sign_in_link.c.used_at.is_(None))
    if whose is None or not _consumed(connection, token, now):
        raise BadLink
    opened = secrets.token_urlsafe(32)
    row = {"officer_id": whose.id, "hash": hashed(opened), "created_at": now, "expires_at": _after(now, session_s)}
    connection.execute(insert(session).values(**row))
    audit.write(connection, audit.by_officer(whose.id), "sign_in", now)
    return opened


def find_session(connection: Connection, token: str, now: datetime) -> Officer | None:
    """Who is signed in with this session, if it is still open."""
    return _bearer(connection, session, token, now, session.c.ended_at.is_(None))


def end_session(connection: Connection, token: str, now: datetime) -> None:
    connection.execute(update(session).where(session.c.hash == hashed(token)).values(ended_at=now))


def hashed(secret: str) -> bytes:
    """SHA-256 of a random secret: 256 bits need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _consumed(connection: Connection, token: str, now: datetime) -> bool:
    # One statement decides between two who press at once.
    unused = (sign_in_link.c.hash == hashed(token)) & sign_in_link.c.used_at.is_(None)
    return connection.execute(update(sign_in_link).where(unused).values(used_at=now)).rowcount == 1


def _bearer(
    connection: Connection, table: Table, secret: str, now: datetime, usable: ColumnElement[bool]
) -> Officer | None:
    still = table.c.expires_at.is_(None) | (table.c.expires_at > now)
    query = select(officer).join(table, table.c.officer_id == officer.c.id)
    query = query.where(table.c.hash == hashed(secret), usable, still, officer.c.disabled_at.is_(None))
    row = connection.execute(query).one_or_none()
    return _officer(connection, row) if row else None


def _officer(connection: Connection, row: Row[Any]) -> Officer:
    of = get_agency(connection, row.agency_id) if row.agency_id else None
    return Officer(row.id, row.name, Role(row.role), of)


def _agency(row: Row[Any]) -> Agency:
    return Agency(row.id, row.code, row.name, row.programme, row.sender, _drawn(row.jurisdiction))


@lru_cache(maxsize=256)
def _drawn(jurisdiction: str) -> Shape:
    """Read once: a state has thousands of corners, and every request asks who is calling."""
    return Shape.from_json(json.loads(jurisdiction))


def _after(now: datetime, lifetime_s: int | None) -> datetime | None:
    return now + timedelta(seconds=lifetime_s) if lifetime_s is not None else None


def _key(done: Any) -> int:
    return int(done.inserted_primary_key[0])
