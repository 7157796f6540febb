"""What the ledger knows, read: tallies that add up at every moment, reasons, latency, and who was told."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Column, ColumnElement, Connection, and_, func, literal, select, true

from notifiers import bits, sets
from notifiers.latency import Latency, added
from notifiers.model import FINAL, Kind, Result, Tally
from notifiers.tables import batch, exception, notice

WHY = ("cancelled", "expired", "superseded", "left")  # what drops what was not sent
_COUNTED = tuple(one.name for one in fields(Tally) if one.name not in {"planned", "waiting"})


@dataclass(frozen=True, slots=True)
class Failure:
    """How many subscriptions did not go well in the same way. `waiting`: they are going to be tried again."""

    channel: str
    result: str
    reason: str
    waiting: bool
    count: int


def tally(connection: Connection, notice_id: int) -> dict[str, Tally]:
    """Of one notice, by channel."""
    return _tally(connection, batch.c.notice_id, notice_id)


def tally_incident(connection: Connection, incident_id: int) -> dict[str, Tally]:
    """Of all notices of an incident, by channel."""
    return _tally(connection, batch.c.incident_id, incident_id)


def drops(connection: Connection, notice_id: int) -> dict[str, dict[str, int]]:
    """Why the dropped of a notice were: by channel, how many because of `cancelled`, `expired`, `superseded` or `left`.

    Who left has an exception; all others were dropped by the end of the notice, and its row says which. Adds up to the
    dropped of `tally` where both are read in one transaction that sees one state.
    """
    return _drops(connection, batch.c.notice_id == notice_id)


def drops_of_all(connection: Connection) -> dict[str, dict[str, int]]:
    """The same of all notices together."""
    return _drops(connection, true())


def repeats(connection: Connection, notice_id: int) -> int:
    """Sends of a notice that may have reached someone a second time, because the outcome of the first was unknowable."""
    total = select(func.coalesce(func.sum(batch.c.repeats), 0)).where(batch.c.notice_id == notice_id)
    return int(connection.execute(total).scalar_one())


def open_by_origin(connection: Connection, notice_id: int) -> dict[str, int]:
    """How many of a notice have no final outcome yet, by origin."""
    settled = sum((batch.c[f"n_{result.value}"] for result in FINAL), literal(0))
    rows = connection.execute(
        select(batch.c.origin, func.sum(batch.c.size - settled))
        .where(batch.c.notice_id == notice_id, batch.c.state != "done")
        .group_by(batch.c.origin)
    )
    return {origin: int(count) for origin, count in rows if count}


def failures(connection: Connection, notice_id: int) -> list[Failure]:
    """What did not go well, grouped by channel, result and reason, the most frequent first."""
    waits = exception.c.next_at.is_not(None)
    keys = (batch.c.channel, exception.c.result, exception.c.reason, waits.label("waits"))
    rows = connection.execute(
        select(*keys, func.count().label("count"))
        .join(batch, batch.c.id == exception.c.batch_id)
        .where(batch.c.notice_id == notice_id)
        .group_by(*keys)
        .order_by(func.count().desc(), batch.c.channel, exception.c.reason)
    )
    return [Failure(row[0], row[1], row[2], bool(row[3]), row[4]) for row in rows]


def latency(connection: Connection, notice_id: int) -> dict[str, Latency]:
    """From approval to sent, by channel."""
    stored: dict[str, list[bytes]] = {}
    rows = connection.execute(select(batch.c.channel, batch.c.latency).where(batch.c.notice_id == notice_id))
    for channel, counts in rows:
        stored.setdefault(channel, []).append(counts)
    return {channel: added(counts) for channel, counts in stored.items()}


def told(
    connection: Connection, incident_id: int, *, below_version: int, from_version: int = 0, in_flight: bool = True
) -> NDArray[np.uint32]:
    """The subscriptions that earlier versions of an incident reached or may have reached: sent, in doubt, in flight.

    Without `in_flight`, those only that a first send under way now may still reach are left out.
    """
    names = ("size", "subscription_ids", *sets.SETS)
    rows = connection.execute(
        select(*(batch.c[name] for name in names))
        .join(notice, notice.c.id == batch.c.notice_id)
        .where(batch.c.incident_id == incident_id)
        .where(notice.c.version.between(from_version, below_version - 1), notice.c.kind != Kind.CANCEL.value)
    )
    found = ((row, sets.load(row.size, row)) for row in rows)
    parts = [_told(row.size, row.subscription_ids, one.told if in_flight else one.reached) for row, one in found]
    return np.unique(np.concatenate(parts)) if parts else np.zeros(0, np.uint32)


def _drops(connection: Connection, chosen: ColumnElement[bool]) -> dict[str, dict[str, int]]:
    """In one statement, so that a worker's commit cannot come between the two counts."""
    left = (
        select(batch.c.notice_id, batch.c.channel, func.count().label("count"))
        .join(exception, exception.c.batch_id == batch.c.id)
        .where(chosen, exception.c.result == Result.DROPPED.value)
        .group_by(batch.c.notice_id, batch.c.channel)
        .subquery()
    )
    dropped = (
        select(batch.c.notice_id, batch.c.channel, func.sum(batch.c.n_dropped).label("count"))
        .where(chosen, batch.c.n_dropped > 0)
        .group_by(batch.c.notice_id, batch.c.channel)
        .subquery()
    )
    rows = connection.execute(
        select(dropped.c.channel, notice.c.over, dropped.c.count, func.coalesce(left.c.count, 0))
        .join(notice, notice.c.id == dropped.c.notice_id)
        .outerjoin(left, and_(left.c.notice_id == dropped.c.notice_id, left.c.channel == dropped.c.channel))
    )
    found: dict[str, dict[str, int]] = {}
    for channel, over, count, gone in rows:
        why = found.setdefault(channel, dict.fromkeys(WHY, 0))
        why["left"] += gone
        why[over or "expired"] += count - gone  # its time came, and no sweep has marked it yet
    return found


def _told(size: int, ids: bytes, positions: int) -> NDArray[np.uint32]:
    if not positions:
        return np.zeros(0, np.uint32)
    chosen = np.unpackbits(np.frombuffer(bits.pack(positions, size), np.uint8), count=size, bitorder="little")
    everyone: NDArray[np.uint32] = np.frombuffer(ids, "<u4").astype(np.uint32)
    return np.compress(chosen.astype(bool), everyone)


def _tally(connection: Connection, key: Column[int], value: int) -> dict[str, Tally]:
    sums = [func.sum(batch.c[f"n_{name}"]) for name in _COUNTED]
    rows = connection.execute(
        select(batch.c.channel, func.sum(batch.c.size), *sums).where(key == value).group_by(batch.c.channel)
    )
    return {channel: _counts(planned, *counts) for channel, planned, *counts in rows}


def _counts(planned: int, *counts: int) -> Tally:
    numbers = dict(zip(_COUNTED, counts, strict=True))
    return Tally(planned=planned, waiting=planned - sum(counts), **numbers)
