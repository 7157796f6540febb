"""People and agencies as administrators list and change them. The rows are those of `alerts.agencies`."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select, true, update

from alerts.access_tables import sign_in_link
from alerts.agencies import Agency, Officer, Role, find_officer, get_agency
from alerts.feed_tables import feed_source
from alerts.tables import agency, officer
from geo.shapes import Shape

_PEOPLE = tuple(
    officer.c.id.not_in(select(column)) for column in (feed_source.c.author_id, feed_source.c.rule_id)
)  # sources act in the names of rows of their own, as whom nobody signs in


def list_agencies(connection: Connection) -> list[Agency]:
    """All of them, by name."""
    ids = connection.scalars(select(agency.c.id).order_by(agency.c.name)).all()
    return [get_agency(connection, one) for one in ids]


def has_agency(connection: Connection, agency_id: int) -> bool:
    return connection.scalar(select(agency.c.id).where(agency.c.id == agency_id)) is not None


def list_people(connection: Connection, agency_id: int | None) -> list[Officer]:
    """Who is not disabled, of an agency, or with None everybody; those of the house first."""
    whose = true() if agency_id is None else officer.c.agency_id == agency_id
    chosen = select(officer.c.id).where(whose, officer.c.disabled_at.is_(None), *_PEOPLE)
    ids = connection.scalars(chosen.order_by(officer.c.role.desc(), officer.c.agency_id, officer.c.id)).all()
    return [found for one in ids if (found := find_officer(connection, one))]


def set_roles(connection: Connection, officer_id: int, roles: Collection[Role]) -> None:
    words = " ".join(sorted(roles))
    connection.execute(update(officer).where(officer.c.id == officer_id).values(roles=words))


def set_jurisdiction(connection: Connection, agency_id: int, jurisdiction: Shape) -> None:
    drawn = json.dumps(jurisdiction.to_geojson())
    connection.execute(update(agency).where(agency.c.id == agency_id).values(jurisdiction=drawn))


def set_live(connection: Connection, agency_id: int) -> None:
    connection.execute(update(agency).where(agency.c.id == agency_id).values(live=True))


def void_links(connection: Connection, officer_id: int, now: datetime) -> None:
    """One-time links that nobody used open nothing any more."""
    mine = (sign_in_link.c.officer_id == officer_id) & sign_in_link.c.used_at.is_(None)
    connection.execute(update(sign_in_link).where(mine).values(used_at=now))
