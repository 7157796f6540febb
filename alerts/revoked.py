"""Signs that were revoked during an alert: what they show is taken away, and only then their row.

The row is all that is known of where a sign's messages lie, so it stays, told nothing more, until the broker has
confirmed that nothing is left there. Whatever dies meanwhile, the next round finds the row again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog
from sqlalchemy import Connection

from alerts import outlet_rows
from alerts.outlet_rows import Leaving
from alerts.outlets import mqtt
from alerts.outlets.kit import make_guard
from alerts.services import Services
from notifiers import subscriptions
from notifiers.channels.mqtt import Mqtt
from notifiers.model import Outcome, Result
from notifiers.transactions import reading, writing

log = structlog.get_logger()


def clear(services: Services, may: Callable[[Connection], bool]) -> int:
    """Clears and removes the revoked signs that no worker has in hand; returns how many. `may`: asked before removal."""
    with reading(services.engine) as connection:
        leaving = outlet_rows.list_leaving(connection)
    broker = mqtt.broker_of(services.settings)
    if not leaving or broker is None:
        return 0
    ends = asyncio.run(_clear(Mqtt(broker, make_guard(services.settings)), leaving))
    done = [one.id for one, end in zip(leaving, ends, strict=True) if end.result is Result.SENT]
    with writing(services.engine) as connection:
        if not may(connection):
            return 0
        subscriptions.unsubscribe(connection, done, services.clock())
    log.info("revoked_signs_cleared", cleared=len(done), waiting=len(ends) - len(done))
    return len(done)


async def _clear(channel: Mqtt, leaving: Sequence[Leaving]) -> list[Outcome]:
    try:
        return await asyncio.gather(*(channel.clear(one.address, one.incidents) for one in leaving))
    finally:
        await channel.close()
