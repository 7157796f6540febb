"""What a subscription was told and still shows: for a receiver that keeps it until somebody takes it away."""

from __future__ import annotations

from sqlalchemy import Connection, select

from notifiers.members import IDS
from notifiers.packing import unpack, unpack_set
from notifiers.tables import batch, notice, planned


def incidents_of(connection: Connection, subscription_id: int, channel: str) -> list[str]:
    """The public tokens of all incidents that may ever have been said there."""
    rows = connection.execute(
        select(planned.c.incident_id, planned.c.subscription_ids).where(planned.c.channel == channel)
    )
    ids = {row.incident_id for row in rows if subscription_id in unpack_set(row.subscription_ids)}
    tokens = select(notice.c.incident).where(notice.c.incident_id.in_(sorted(ids))).distinct()
    return sorted(connection.scalars(tokens))


def held(connection: Connection, subscription_id: int, channel: str) -> bool:
    """Whether a worker holds a batch that it is in: what was loaded before it left may still be said."""
    claimed = select(IDS, batch.c.size).where(batch.c.channel == channel, batch.c.state == "claimed")
    return any(subscription_id in unpack(*row) for row in connection.execute(claimed))
