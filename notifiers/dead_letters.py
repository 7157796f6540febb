"""What ended without an outcome that helps: shown by reason, and put back into the queue while the alert lives.

Only what was refused or given up can be sent again: nothing of it arrived. What is gone is gone, and what is in doubt
may have arrived: where repeats collapse it was repeated already, and elsewhere it must not be.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select, update

from notifiers import bits, sets
from notifiers.claiming import lock_standing
from notifiers.clock import database_now
from notifiers.model import Result
from notifiers.standing import Standing, speaks
from notifiers.tables import batch, exception, notice

SHOWN = (Result.REFUSED.value, Result.GAVE_UP.value, Result.GONE.value, Result.IN_DOUBT.value)
AGAIN = (Result.REFUSED.value, Result.GAVE_UP.value)


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """How many of a notice ended in the same way at the same origin, the last of them when."""

    channel: str
    origin: str
    result: str
    reason: str
    count: int
    last_at: datetime

    @property
    def again(self) -> bool:
        """Whether they can be sent again, as long as the alert lives."""
        return self.result in AGAIN


def dead_letters(
    connection: Connection, notice_id: int, *, reason: str = "", channel: str = "", origin: str = "", limit: int = 200
) -> list[DeadLetters]:
    """What of a notice is not going to be tried again, the most frequent first; an empty filter lets all through.

    `reason` and `origin` are parts of the word, in any case; `channel` is the whole of it.
    """
    keys = (batch.c.channel, batch.c.origin, exception.c.result, exception.c.reason)
    chosen = [batch.c.notice_id == notice_id, exception.c.next_at.is_(None), exception.c.result.in_(SHOWN)]
    chosen += [batch.c.channel == channel] if channel else []
    parts = ((exception.c.reason, reason), (batch.c.origin, origin))
    chosen += [column.icontains(part, autoescape=True) for column, part in parts if part]
    rows = connection.execute(
        select(*keys, func.count().label("count"), func.max(exception.c.last_at))
        .join(batch, batch.c.id == exception.c.batch_id)
        .where(*chosen)
        .group_by(*keys)
        .order_by(func.count().desc(), *keys)
        .limit(limit)
    )
    return [DeadLetters(*row) for row in rows]


def requeue(
    connection: Connection, notice_id: int, reason: str, *, channel: str | None = None, origin: str | None = None
) -> int | None:
    """Those refused or given up for exactly this reason wait again; returns how many, None if the notice is over.

    Asked twice, the second time finds none. A batch that a worker is just writing to is left out: ask again.
    """
    now = database_now(connection)
    if lock_standing(connection, notice_id, now, channel or "") is Standing.OVER:
        return None
    dead = and_(exception.c.next_at.is_(None), exception.c.result.in_(AGAIN), exception.c.reason == reason)
    lane = [batch.c.notice_id == notice_id]
    lane += [] if channel is None else [batch.c.channel == channel]
    lane += [] if origin is None else [batch.c.origin == origin]
    holds = select(exception.c.batch_id).where(dead)
    chosen = select(batch).join(notice, notice.c.id == batch.c.notice_id).where(*lane, speaks(), batch.c.id.in_(holds))
    rows = connection.execute(chosen.order_by(batch.c.id).with_for_update(of=batch, skip_locked=True)).all()
    return sum(_requeue(connection, row, dead, now) for row in rows)


def _requeue(connection: Connection, row: Row[Any], dead: ColumnElement[bool], now: datetime) -> int:
    """Positions of one locked batch; a worker that holds it finds them waiting at its next checkpoint."""
    mine = and_(exception.c.batch_id == row.id, dead)
    before = sets.load(row.size, row)
    positions = bits.of(connection.scalars(select(exception.c.position).where(mine))) & (
        before.refused | before.gave_up
    )
    if not positions:
        return 0
    found: Collection[int] = tuple(bits.positions(positions))
    here = and_(exception.c.batch_id == row.id, exception.c.position.in_(found))
    connection.execute(update(exception).where(here).values(next_at=now, attempts=0))
    state = {"state": "waiting"} if row.state == "done" else {}
    values = {**sets.columns(before.requeue(positions)), **state, "next_at": now}
    connection.execute(update(batch).where(batch.c.id == row.id).values(**values))
    return len(found)
