"""The batches that somebody holds, read and locked for a checkpoint together with how their notices stand: one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, or_, select

from notifiers.clock import DatabaseNow
from notifiers.standing import COLUMNS, NoticeState, Standing, standing
from notifiers.tables import batch, notice
from notifiers.troubles import TROUBLED


def held_rows(connection: Connection, batch_ids: Sequence[int]) -> dict[int, Row[Any]]:
    """The rows of those batches that somebody holds, locked; with how their notices stand."""
    rows: dict[int, Row[Any]] = {}
    ids = sorted(batch_ids)
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        some += some[-1:] * (_AT_ONCE - len(some))
        rows |= {row.id: row for row in connection.execute(_HELD, dict(zip(_THESE, some, strict=True))).all()}
    return rows


def how_it_stands(row: Row[Any]) -> Standing:
    """Of a row of `held_rows`, on the clock that it was read by."""
    state = NoticeState(**{one.name: getattr(row, f"notice_{one.name}") for one in COLUMNS})
    return standing(state, row.now, row.channel)


_AT_ONCE = 8  # a fixed number, so that it is one statement that is made once (`claiming`)
_THESE = tuple(f"this_{number}" for number in range(_AT_ONCE))
_HELD: Select[Any] = (
    select(
        batch,
        *(column.label(f"notice_{column.name}") for column in COLUMNS),
        notice.c.approved_at,
        DatabaseNow().label("now"),
        TROUBLED,
    )
    .join(notice, notice.c.id == batch.c.notice_id)
    .where(or_(*(batch.c.id == bindparam(name) for name in _THESE)), batch.c.state == "claimed")
    .order_by(batch.c.id)
    .with_for_update(of=batch)
)
