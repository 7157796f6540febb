"""Positions in the database: placed (overwritten), forgotten, loaded whole, and what changed since a sequence number.

Places are removed and come to their end one by one in `geo.keeping`.

Every change gets the next number of one sequence inside its own transaction, so an index that has read up to n holds
everything committed up to n. The caller owns the transaction and, on SQLite, holds the writer lock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, delete, func, insert, select, text, update

from geo import kinds
from geo.columns import microseconds
from geo.tables import forgotten, position, position_sequence

CHUNK = 5_000  # values in one statement

_PLACE = (
    "INSERT INTO position (recipient_id, kind, number, lon, lat, radius_m, seq, touched_seq, moved_at, expires_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (recipient_id, kind, number) DO UPDATE SET lon = excluded.lon, lat = excluded.lat, "
    "radius_m = excluded.radius_m, seq = excluded.seq, moved_at = excluded.moved_at, expires_at = excluded.expires_at"
)
# What is older changes nothing, and neither does the same once more.
_NEWER = (
    " WHERE excluded.moved_at > position.moved_at OR (excluded.moved_at = position.moved_at AND "
    "(excluded.lon <> position.lon OR excluded.lat <> position.lat OR excluded.radius_m <> position.radius_m))"
)


_NEXT = text(
    "INSERT INTO position_sequence (id, seq) VALUES (1, 1) "
    "ON CONFLICT (id) DO UPDATE SET seq = position_sequence.seq + 1 RETURNING seq"
)
_NOBODY = np.zeros(0, np.uint32)


class Position(NamedTuple):
    """Where a recipient is: degrees, and the radius of the circle of uncertainty in metres (0: a point).

    kind, number: which of the person's places it is (`geo.kinds`); at: when they were there, now unless said.
    """

    recipient_id: int
    lon: float
    lat: float
    radius_m: float = 0.0
    kind: str = "home"
    number: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """Positions as parallel arrays, and the sequence number they are complete up to.

    removed: who was forgotten; touched: of whom something else may have changed, or who is new.
    """

    ids: NDArray[np.uint32]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    radius_m: NDArray[np.float64]
    seq: int
    removed: NDArray[np.uint32] = field(default_factory=lambda: _NOBODY)
    touched: NDArray[np.uint32] = field(default_factory=lambda: _NOBODY)


def place(connection: Connection, rows: Sequence[Position], now: datetime, *, keep_newer: bool = False) -> int:
    """Stores where people are, over what was there; the new sequence number.

    `keep_newer`: a row whose `at` is older than what is stored of that place changes nothing.
    """
    seq = _next(connection)
    if rows:
        statement = _PLACE + _NEWER if keep_newer else _PLACE
        if connection.dialect.paramstyle != "qmark":
            statement = statement.replace("?", "%s")
        connection.exec_driver_sql(statement, [_values(row, seq, now) for row in rows])
    return seq


def forget(connection: Connection, recipient_ids: Sequence[int]) -> int:
    """Takes people off the map; the new sequence number."""
    seq = _next(connection)
    for chunk in chunks(recipient_ids):
        connection.execute(delete(position).where(position.c.recipient_id.in_(chunk)))
        connection.execute(delete(forgotten).where(forgotten.c.recipient_id.in_(chunk)))
        connection.execute(insert(forgotten), [{"recipient_id": one, "seq": seq} for one in chunk])
    return seq


def touch(connection: Connection, recipient_ids: Sequence[int]) -> int:
    """Something else about these people changed (their subscriptions, one of their places): every index hears of it.

    The new sequence number. Who is not on the map stays off it.
    """
    seq = _next(connection)
    for chunk in chunks(recipient_ids):
        connection.execute(update(position).where(position.c.recipient_id.in_(chunk)).values(seq=seq, touched_seq=seq))
    return seq


def load_all(connection: Connection) -> Placed:
    """Every position, to build an index from."""
    return _placed(connection, select(position))


def changes_since(connection: Connection, seq: int, most: int | None = None) -> Placed:
    """What was placed or forgotten after `seq`, complete up to the `seq` of the answer.

    `most`: so many places, and as many more as share the last one's number; then ask again from there.
    """
    upto = newest(connection) if most is None else _upto(connection, seq, most)
    late = (position.c.seq > seq, position.c.seq <= upto)
    gone = _ids(connection, select(forgotten.c.recipient_id).where(forgotten.c.seq > seq, forgotten.c.seq <= upto))
    touched = _ids(connection, select(position.c.recipient_id).where(*late, position.c.touched_seq > seq))
    changed = select(position.c.recipient_id).where(*late)  # all places of whoever changed one
    found = _placed(connection, select(position).where(position.c.recipient_id.in_(changed)))
    removed = np.setdiff1d(gone, found.ids)  # who came back since is not gone
    return replace(found, seq=upto, removed=removed, touched=np.unique(touched))


def count_since(connection: Connection, seq: int) -> int:
    """How many places were placed or touched after `seq`."""
    return connection.scalar(select(func.count()).select_from(position).where(position.c.seq > seq)) or 0


def any_left_since(connection: Connection, seq: int) -> bool:
    """Whether anybody was forgotten after `seq`."""
    return connection.execute(select(forgotten.c.seq).where(forgotten.c.seq > seq).limit(1)).first() is not None


def newest(connection: Connection) -> int:
    """The sequence number of the last change."""
    return connection.scalar(select(position_sequence.c.seq)) or 0


def _values(row: Position, seq: int, now: datetime) -> tuple[Any, ...]:
    at = row.at or now
    moved_at, expires_at = _times(row.kind, at)
    return row.recipient_id, row.kind, row.number, row.lon, row.lat, row.radius_m, seq, seq, moved_at, expires_at


@lru_cache(maxsize=1024)  # the rows of one import share a few times
def _times(kind: str, at: datetime) -> tuple[int, int | None]:
    """As they are stored: when the person was there, and until when that counts."""
    until = kinds.expires_at(kind, at)
    return microseconds(at), None if until is None else microseconds(until)


def _placed(connection: Connection, query: Select[Any]) -> Placed:
    seq = newest(connection)
    columns = [position.c[name] for name in ("recipient_id", "lon", "lat", "radius_m")]
    # Straight from the driver, whose numbers need no conversion: a third of the time of rows.
    cursor: Any = connection.execute(query.with_only_columns(*columns)).cursor or ()
    table = np.fromiter(chain.from_iterable(cursor), np.float64).reshape(-1, 4)
    return Placed(table[:, 0].astype(np.uint32), table[:, 1].copy(), table[:, 2].copy(), table[:, 3].copy(), seq)


def _ids(connection: Connection, query: Select[Any]) -> NDArray[np.uint32]:
    return np.fromiter(connection.scalars(query), np.uint32)


def _upto(connection: Connection, seq: int, most: int) -> int:
    """The number that the next `most` places reach, the newest if there are no more."""
    last = newest(connection)
    after = select(position.c.seq).where(position.c.seq > seq).order_by(position.c.seq).offset(most).limit(1)
    return connection.scalar(after) or last


def chunks(values: Sequence[int]) -> Iterator[list[int]]:
    """So many as one statement takes."""
    for start in range(0, len(values), CHUNK):
        yield list(values[start : start + CHUNK])


def _next(connection: Connection) -> int:
    """A new number, which nobody else gives until this transaction ends: numbers are committed in their order."""
    return int(connection.execute(_NEXT).scalar_one())
