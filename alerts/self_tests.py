"""What came of the messages to the canaries: a row for each message and receiver, and how each receiver is by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from alerts.tables import self_test

KINDS = ("alert", "update", "cancel")
LATE_S = 120.0  # no outcome for so long: that is one, too
KEPT_S = 7 * 24 * 3600.0
SENT = "sent"
LATE = "late"


@dataclass(frozen=True, slots=True)
class Probe:
    """The last that is known of one kind of message to one receiver; `took_ms` from hand-over to its answer."""

    channel: str
    origin: str
    kind: str
    sent_at: datetime
    result: str
    reason: str = ""
    took_ms: int | None = None

    @property
    def ok(self) -> bool:
        return self.result == SENT


def add(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Handed over, nothing known yet: notice_id, channel, origin, kind, sent_at."""
    if rows:
        connection.execute(insert(self_test), list(rows))


def settle(connection: Connection, key: tuple[int, str, str], result: str, reason: str, took_ms: int | None) -> None:
    """What came of one."""
    notice_id, channel, origin = key
    here = (self_test.c.notice_id == notice_id) & (self_test.c.channel == channel) & (self_test.c.origin == origin)
    told = {"result": result, "reason": reason[:64], "took_ms": took_ms}
    connection.execute(update(self_test).where(here).values(**told))


def unsettled(connection: Connection) -> list[Row[Any]]:
    """Those of which nothing is known yet."""
    return list(connection.execute(select(self_test).where(self_test.c.result.is_(None))))


def forget(connection: Connection, now: datetime) -> None:
    connection.execute(delete(self_test).where(self_test.c.sent_at < now - timedelta(seconds=KEPT_S)))


def latest(connection: Connection, now: datetime) -> list[Probe]:
    """By channel, origin and kind: the newest of which anything is known. One that has waited too long is late."""
    since = self_test.c.sent_at > now - timedelta(hours=24)
    rows = connection.execute(select(self_test).where(since).order_by(self_test.c.notice_id))
    found: dict[tuple[str, str, str], Probe] = {}
    for row in rows:
        late = row.result is None and now - row.sent_at > timedelta(seconds=LATE_S)
        if row.result or late:
            told = Probe(
                row.channel, row.origin, row.kind, row.sent_at, row.result or LATE, row.reason or "", row.took_ms
            )
            found[row.channel, row.origin, row.kind] = told
    order = {kind: number for number, kind in enumerate(KINDS)}
    return sorted(found.values(), key=lambda one: (one.channel, one.origin, order.get(one.kind, 9)))
