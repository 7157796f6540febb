"""Who leaves soon after a notice is counted with it: by notice, channel and hour, in sum, never by person.

A count of the kind that looks are (`notifiers.attention`): told from ten on, in tens. It is written in the transaction of
the leaving, before the rows go, and put to the newest notice that was planned for one of them within WITHIN: a person
counts once, whatever goes with them. Only what people do themselves counts (a link, a page, STOP, a complaint), not an
address that is no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, select

from notifiers import attention
from notifiers.attention import LEFT
from notifiers.packing import unpack_set
from notifiers.tables import notice, planned, subscription

WITHIN = timedelta(hours=24)
MOST = 20  # newest notices that are looked through: a day with more than that is no longer about one


def note(
    connection: Connection, *, recipient_id: int | None = None, subscription_id: int | None = None, now: datetime
) -> None:
    """Call it before they leave, with one of the two ids. Nothing is counted for who was told of nothing lately."""
    chosen = subscription.c.recipient_id == recipient_id if recipient_id else subscription.c.id == subscription_id
    query = select(subscription.c.id, subscription.c.channel).where(chosen).order_by(subscription.c.id)
    leaving: dict[str, list[int]] = {}
    for row in connection.execute(query):
        leaving.setdefault(row.channel, []).append(row.id)
    found = next(_told(connection, leaving, now), None) if leaving else None
    if found is not None:
        attention.add_one(connection, *found, LEFT, now)


def _told(connection: Connection, leaving: dict[str, list[int]], now: datetime) -> Iterator[tuple[int, str]]:
    """(notice, channel) by which one of them was to be told, the newest first."""
    for row in _lately(connection, list(leaving), now):
        told = unpack_set(row.subscription_ids)
        if any(one in told for one in leaving[row.channel]):
            yield row.id, row.channel


def _lately(connection: Connection, channels: list[str], now: datetime) -> Sequence[Any]:
    recent = notice.c.incident_id > 0, notice.c.approved_at > now - WITHIN
    newest = select(notice.c.id, notice.c.incident_id, notice.c.version).where(*recent).order_by(notice.c.id.desc())
    these = newest.limit(MOST).subquery()
    same = and_(planned.c.incident_id == these.c.incident_id, planned.c.version == these.c.version)
    query = select(these.c.id, planned.c.channel, planned.c.subscription_ids).join(planned, same)
    return connection.execute(query.where(planned.c.channel.in_(channels)).order_by(these.c.id.desc())).all()
