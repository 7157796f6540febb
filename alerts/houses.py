"""Who administers the house, and whether two ever have: until then the first may do one thing alone, afterwards nothing.

`two_since` is written once and never taken back: whoever disables the other cannot act alone by that.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, exists, func, select, update

from alerts.access_tables import passkey
from alerts.agencies import Role
from alerts.tables import house, officer

_OF_THE_HOUSE = officer.c.agency_id.is_(None) & officer.c.roles.contains(Role.ADMINISTER.value)
_HAS_PASSKEY = exists().where(passkey.c.officer_id == officer.c.id, passkey.c.removed_at.is_(None))


def administrators(connection: Connection) -> list[int]:
    """Ids of the house's administrators who are not disabled, invited ones among them."""
    return list(connection.scalars(select(officer.c.id).where(_OF_THE_HOUSE, officer.c.disabled_at.is_(None))))


def has_administrator(connection: Connection) -> bool:
    """Whether anybody ever came in as an administrator: from then on no link for a first one is printed."""
    return bool(connection.scalar(select(func.count()).select_from(officer).where(_OF_THE_HOUSE, _HAS_PASSKEY)))


def is_of_one(connection: Connection) -> bool:
    """Whether there has never been a second administrator. Locks the house: two proposals at once are one after the other."""
    return connection.scalar(select(house.c.two_since).with_for_update()) is None


def note_second(connection: Connection, now: datetime) -> None:
    """Written when a second administrator has come in, once and for good."""
    came = select(func.count()).select_from(officer).where(_OF_THE_HOUSE, _HAS_PASSKEY)
    if (connection.scalar(came) or 0) > 1:
        connection.execute(update(house).where(house.c.two_since.is_(None)).values(two_since=now))
