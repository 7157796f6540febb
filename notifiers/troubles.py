"""The exception rows of a batch: sparse, only positions that did not go well. They say when to try again, and why not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update

from notifiers import bits
from notifiers.bits import Bits
from notifiers.model import Result
from notifiers.recording import Trouble
from notifiers.tables import batch, exception


@dataclass(frozen=True, slots=True)
class Waits:
    """By position, before when it is not to be tried again."""

    until: Mapping[int, datetime]

    def ready(self, waiting: Bits, now: datetime) -> Bits:
        """Those that wait and may be tried now."""
        return waiting & ~bits.of(position for position, at in self.until.items() if at > now)

    def next_at(self, waiting: Bits, now: datetime) -> datetime:
        """When the first of those that wait may be tried."""
        if self.ready(waiting, now) or not waiting:
            return now
        return min(at for position, at in self.until.items() if waiting >> position & 1)


NO_WAITS = Waits({})

_WAITS = select(exception.c.position, exception.c.next_at).where(
    exception.c.batch_id == bindparam("this"), exception.c.next_at.is_not(None)
)


def read_waits(connection: Connection, batch_id: int) -> Waits:
    """The positions of a batch that are to be tried again later."""
    rows = connection.execute(_WAITS, {"this": batch_id})
    return Waits({row.position: row.next_at for row in rows})


def read_attempts(connection: Connection, batch_id: int) -> dict[int, int]:
    """Earlier tries by position: one for every exception row of the batch."""
    rows = connection.execute(_ATTEMPTS, {"this": batch_id})
    return {row.position: row.attempts for row in rows}


_ATTEMPTS = select(exception.c.position, exception.c.attempts).where(exception.c.batch_id == bindparam("this"))
# Whether a batch has any exception row, as a column beside its own: mostly it has none, and nothing more is asked.
TROUBLED = exists().where(exception.c.batch_id == batch.c.id).label("troubled")


def write_troubles(
    connection: Connection, batch_id: int, troubles: Mapping[int, Trouble], sent: Collection[int] = ()
) -> None:
    """Replaces the rows of these positions; those sent after all have none."""
    written = set(connection.scalars(select(exception.c.position).where(exception.c.batch_id == batch_id)))
    outdated = sorted(written.intersection((*troubles, *sent)))  # mostly none: a thousand names cost more than a look
    if outdated:
        connection.execute(
            delete(exception).where(exception.c.batch_id == batch_id, exception.c.position.in_(outdated))
        )
    if troubles:
        connection.execute(insert(exception), [_row(batch_id, position, one) for position, one in troubles.items()])


def end_waits(connection: Connection, batch_ids: Sequence[int]) -> None:
    """Nothing of these batches is going to be tried again. What was put back into the queue is dropped, not refused."""
    put_back = exception.c.result.in_((Result.REFUSED.value, Result.GAVE_UP.value))
    for start in range(0, len(batch_ids), 1000):
        some = exception.c.batch_id.in_(batch_ids[start : start + 1000])
        connection.execute(delete(exception).where(some, put_back, exception.c.next_at.is_not(None)))
        connection.execute(update(exception).where(some, exception.c.next_at.is_not(None)).values(next_at=None))


def _row(batch_id: int, position: int, one: Trouble) -> dict[str, object]:
    return {
        "batch_id": batch_id,
        "position": position,
        "result": one.result.value,
        "reason": one.reason,
        "attempts": min(one.attempts, 32_767),
        "next_at": one.next_at,
        "last_at": one.last_at,
    }
