"""A neighbour's consent: one agency lets another send alerts into its jurisdiction, wholly or into an area of it.

It is given by an officer who may approve, has an end, can be revoked, and stands in the log. One for an area counts
as long as that area lies in the jurisdiction of who gave it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, or_, select, update

from alerts.public_ids import new_public_id
from alerts.tables import agency, consent
from geo.shapes import Shape


@dataclass(frozen=True, slots=True)
class Consent:
    """One as it stands. `area` None: the whole jurisdiction of who gave it."""

    id: str
    by_agency: str
    to_agency: str
    by_agency_id: int
    area: Shape | None = field(repr=False)
    given_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    @property
    def tag(self) -> str:
        """Its entity-tag: another once it is revoked."""
        said = f"{self.id} {self.expires_at.isoformat()} {self.revoked_at}"
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    def counts(self, now: datetime) -> bool:
        return self.revoked_at is None and self.expires_at > now


def give(  # one argument a column
    connection: Connection,
    by_agency_id: int,
    to_agency_id: int,
    *,
    area: Shape | None,
    officer_id: int,
    now: datetime,
    expires_at: datetime,
) -> str:
    """Its public id."""
    public_id = new_public_id()
    drawn = None if area is None else json.dumps(area.to_geojson())
    row = {"by_agency_id": by_agency_id, "to_agency_id": to_agency_id, "area": drawn, "given_by": officer_id}
    connection.execute(insert(consent).values(public_id=public_id, given_at=now, expires_at=expires_at, **row))
    return public_id


def revoke(connection: Connection, public_id: str, by_agency_id: int, officer_id: int, now: datetime) -> bool:
    """Whether there was one to revoke: given by this agency, and not revoked before."""
    mine = (consent.c.public_id == public_id) & (consent.c.by_agency_id == by_agency_id)
    chosen = update(consent).where(mine, consent.c.revoked_at.is_(None))
    return connection.execute(chosen.values(revoked_at=now, revoked_by=officer_id)).rowcount == 1


def list_of(connection: Connection, agency_id: int) -> list[Consent]:
    """All that this agency gave or was given, the newest first."""
    return _list(connection, or_(consent.c.by_agency_id == agency_id, consent.c.to_agency_id == agency_id))


def list_for(connection: Connection, agency_id: int, now: datetime) -> list[Consent]:
    """Those that this agency was given and that count now."""
    given = (consent.c.to_agency_id == agency_id) & consent.c.revoked_at.is_(None) & (consent.c.expires_at > now)
    return _list(connection, given)


def _list(connection: Connection, where: ColumnElement[bool]) -> list[Consent]:
    by, to = agency.alias("by_agency"), agency.alias("to_agency")
    query = (
        select(consent, by.c.name.label("by_name"), to.c.name.label("to_name"))
        .join(by, by.c.id == consent.c.by_agency_id)
        .join(to, to.c.id == consent.c.to_agency_id)
        .where(where)
        .order_by(consent.c.id.desc())
    )
    return [_consent(row) for row in connection.execute(query)]


def _consent(row: Row[Any]) -> Consent:
    area = None if row.area is None else Shape.from_json(json.loads(row.area))
    return Consent(
        row.public_id, row.by_name, row.to_name, row.by_agency_id, area, row.given_at, row.expires_at, row.revoked_at
    )
