"""What people say that they saw, as rows: boxes encrypted to the agency (`alerts.tip_box`), sealed once more under a key of
the case, which is destroyed 30 days after the case is closed. And how often one may be sent: counted in the store, so that
all servers count together, by keyed hashes of networks, for an hour.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from alerts.console_tables import tip, tip_sent
from alerts.tables import incident, officer

KEPT = timedelta(days=30)  # after closing
HOUR = timedelta(hours=1)
A_NETWORK = 20  # an hour: a station's crowd behind one address, not a pump
AN_ALERT = 1_000  # an hour
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is mistaken for another on the telephone


@dataclass(frozen=True, slots=True)
class Tip:
    """One row. `sealed`: the box, sealed under the key of the case."""

    id: int
    reference: str
    key_id: int
    created_at: datetime
    read_at: datetime | None
    read_by: str | None
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many came of one alert, and how many nobody has marked as read."""

    all: int = 0
    unread: int = 0


def key_name(incident_id: int) -> str:
    """The vault's key for the tips of one case: another than the case's own, which goes at the end."""
    return f"tips-incident-{incident_id}"


def new_reference() -> str:
    """Ten signs to tell on the telephone: "7KQ-M2XH9PA"; about 49 random bits."""
    signs = "".join(secrets.choice(_LETTERS) for _ in range(10))
    return f"{signs[:3]}-{signs[3:]}"


def take(connection: Connection, incident_id: int, network: bytes, now: datetime) -> float:
    """0.0: one more may be sent, and is counted. Else the seconds until then, and nothing is counted."""
    connection.execute(delete(tip_sent).where(tip_sent.c.sent_at <= now - HOUR))
    wait_s = max(
        _wait(connection, tip_sent.c.network_hash == network, A_NETWORK, now),
        _wait(connection, tip_sent.c.incident_id == incident_id, AN_ALERT, now),
    )
    if not wait_s:
        connection.execute(insert(tip_sent).values(incident_id=incident_id, network_hash=network, sent_at=now))
    return wait_s


def add(connection: Connection, **values: Any) -> None:
    """`values`: the row's columns without id."""
    connection.execute(insert(tip).values(**values))


def find_form(connection: Connection, form_hash: bytes) -> str | None:
    """The reference of what came by this form already."""
    reference: str | None = connection.scalar(select(tip.c.reference).where(tip.c.form_hash == form_hash))
    return reference


def has(connection: Connection, incident_id: int, reference: str) -> bool:
    mine = (tip.c.incident_id == incident_id) & (tip.c.reference == reference)
    return connection.scalar(select(tip.c.id).where(mine)) is not None


def list_tips(
    connection: Connection, incident_id: int, *, unread: bool = False, before: str = "", limit: int = 100
) -> list[Tip]:
    """The newest first; `before`: those that came before the one of this reference, none where there is none such."""
    chosen = (tip.c.incident_id == incident_id) & (tip.c.read_at.is_(None) if unread else tip.c.id > 0)
    if before:
        chosen &= tip.c.id < select(tip.c.id).where(tip.c.reference == before).scalar_subquery()
    query = select(tip, officer.c.name).outerjoin(officer, officer.c.id == tip.c.read_by).where(chosen)
    return [_tip(row) for row in connection.execute(query.order_by(tip.c.id.desc()).limit(limit))]


def count(connection: Connection, incident_ids: Collection[int]) -> Mapping[int, Counted]:
    """By the incident, of those that have any."""
    counted = select(tip.c.incident_id, func.count().label("all"), func.count(tip.c.read_at).label("read"))
    rows = connection.execute(counted.where(tip.c.incident_id.in_(incident_ids)).group_by(tip.c.incident_id))
    return {row.incident_id: Counted(row.all, row.all - row.read) for row in rows}


def count_unread(connection: Connection, tokens: Collection[str]) -> Mapping[str, int]:
    """By the token of the alert's page, of those of which something is not marked as read."""
    left = select(incident.c.token, func.count().label("unread")).join(tip, tip.c.incident_id == incident.c.id)
    chosen = left.where(incident.c.token.in_(tokens), tip.c.read_at.is_(None)).group_by(incident.c.token)
    return {row.token: row.unread for row in connection.execute(chosen)}


def mark_read(connection: Connection, incident_id: int, reference: str, officer_id: int, now: datetime) -> bool | None:
    """False: somebody had marked it before, who stays. None: there is no such tip of this case."""
    if not has(connection, incident_id, reference):
        return None
    mine = (tip.c.incident_id == incident_id) & (tip.c.reference == reference) & tip.c.read_at.is_(None)
    return connection.execute(update(tip).where(mine).values(read_by=officer_id, read_at=now)).rowcount == 1


def list_due(connection: Connection, now: datetime) -> list[int]:
    """The incidents whose tips are to go."""
    closed = select(incident.c.id).where(incident.c.ended_at <= now - KEPT)
    return list(connection.scalars(select(tip.c.incident_id).where(tip.c.incident_id.in_(closed)).distinct()))


def remove(connection: Connection, incident_id: int) -> int:
    """Deletes them; how many. Their key goes first."""
    return connection.execute(delete(tip).where(tip.c.incident_id == incident_id)).rowcount


def forget_networks(connection: Connection, now: datetime) -> None:
    """Whose network sent something more than an hour ago is not known any more."""
    connection.execute(delete(tip_sent).where(tip_sent.c.sent_at <= now - HOUR))


def _wait(connection: Connection, whose: ColumnElement[bool], most: int, now: datetime) -> float:
    recent = select(tip_sent.c.sent_at).where(whose, tip_sent.c.sent_at > now - HOUR)
    oldest: datetime | None = connection.scalar(recent.order_by(tip_sent.c.sent_at.desc()).offset(most - 1).limit(1))
    return 0.0 if oldest is None else max(1.0, (oldest + HOUR - now).total_seconds())


def _tip(row: Row[Any]) -> Tip:
    return Tip(row.id, row.reference, row.key_id, row.created_at, row.read_at, row.name, row.sealed)
