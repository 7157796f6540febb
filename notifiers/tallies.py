"""What the ledger knows, read: tallies that add up at every moment, reasons, latency, and who was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Column, ColumnElement, Connection, Row, and_, bindparam, case, func, select

from notifiers import bits, sets
from notifiers.clock import DatabaseNow
from notifiers.latency import Latency, added
from notifiers.members import IDS
from notifiers.model import OUTLETS, Kind, Result, Tally, total
from notifiers.packing import unpack
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


@dataclass(frozen=True, slots=True)
class Totals:
    """Of one notice and channel. `repeats`: sends that may have reached someone a second time. `open_at`: how many have
    no final outcome yet, by origin, but for those that wait for the end of their people's quiet hours: these are
    `quiet`, the last of them until `quiet_until`.
    """

    tally: Tally
    repeats: int
    first_sent_at: datetime | None
    last_sent_at: datetime | None
    open_at: Mapping[str, int]
    quiet: int = 0
    quiet_until: datetime | None = None


def tally(connection: Connection, notice_id: int) -> dict[str, Tally]:
    """Of one notice, by channel."""
    return _tally(connection, batch.c.notice_id, notice_id)


def totals(connection: Connection, notice_id: int) -> dict[str, Totals]:
    """Of one notice, by channel: counters alone, in one pass over its batches."""
    lanes: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(_TOTALS, {"this": notice_id}):
        lanes.setdefault(row.channel, []).append(row)
    return {channel: _together(rows) for channel, rows in lanes.items()}


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
    """The same of all notices together, but for self-tests: those have numbers below 0, and their rows go again."""
    return _drops(connection, batch.c.incident_id > 0)


def repeats(connection: Connection, notice_id: int) -> int:
    """Sends of a notice that may have reached someone a second time, because the outcome of the first was unknowable."""
    total = select(func.coalesce(func.sum(batch.c.repeats), 0)).where(batch.c.notice_id == notice_id)
    return int(connection.execute(total).scalar_one())


def failures(connection: Connection, notice_id: int) -> list[Failure]:
    """What did not go well, grouped by channel, result and reason, the most frequent first."""
    rows = connection.execute(_FAILURES, {"this": notice_id})
    return [Failure(row[0], row[1], row[2], bool(row[3]), row[4]) for row in rows]


def latency(connection: Connection, notice_id: int) -> dict[str, Latency]:
    """From approval to sent, by channel; of those whom no quiet hours held back."""
    stored: dict[str, list[bytes]] = {}
    for channel, counts in connection.execute(_LATENCIES, {"this": notice_id}).all():
        stored.setdefault(channel, []).append(counts)
    return {channel: added(counts) for channel, counts in stored.items()}


def told(
    connection: Connection, incident_id: int, *, below_version: int, from_version: int = 0, in_flight: bool = True
) -> NDArray[np.uint32]:
    """The subscriptions that earlier versions of an incident reached or may have reached: sent, in doubt, in flight.

    Without `in_flight`, those only that a first send under way now may still reach are left out.
    """
    names = ("size", *sets.SETS)
    rows = connection.execute(
        select(IDS, *(batch.c[name] for name in names))
        .join(notice, notice.c.id == batch.c.notice_id)
        .where(notice.c.incident_id == incident_id)
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
        select(dropped.c.channel, notice.c.over, notice.c.outlets_over, dropped.c.count, func.coalesce(left.c.count, 0))
        .join(notice, notice.c.id == dropped.c.notice_id)
        .outerjoin(left, and_(left.c.notice_id == dropped.c.notice_id, left.c.channel == dropped.c.channel))
    )
    found: dict[str, dict[str, int]] = {}
    for channel, over, wider, count, gone in rows:
        why = found.setdefault(channel, dict.fromkeys(WHY, 0))
        why["left"] += gone
        first = "superseded" if wider and channel in OUTLETS else over
        why[first or "expired"] += count - gone  # its time came, and no sweep has marked it yet
    return found


def _told(size: int, ids: bytes, positions: int) -> NDArray[np.uint32]:
    if not positions:
        return np.zeros(0, np.uint32)
    chosen = np.unpackbits(np.frombuffer(bits.plain(positions, size), np.uint8), count=size, bitorder="little")
    found: NDArray[np.uint32] = unpack(ids, size)[chosen.astype(bool)]
    return found


_SUMS = (func.sum(batch.c.size), *(func.sum(batch.c[f"n_{name}"]) for name in _COUNTED))
# Whole statements, because a dashboard asks them all the time and SQLAlchemy takes as long to make one as to run it.
_OF_THIS = batch.c.notice_id == bindparam("this")
_ENDS = func.min(batch.c.first_sent_at).label("first"), func.max(batch.c.last_sent_at).label("last")
_FIRST_COUNT = 7  # what stands before the counts: channel, origin, repeats, first, last, quiet, quiet_until
_SLEEPS = and_(batch.c.quiet_until > DatabaseNow(), batch.c.state == "waiting")
_QUIET = (
    func.sum(case((_SLEEPS, batch.c.size - sum(batch.c[f"n_{name}"] for name in _COUNTED)), else_=0)).label("quiet"),
    func.max(case((_SLEEPS, batch.c.quiet_until))).label("quiet_until"),
)
_TOTALS = (
    select(batch.c.channel, batch.c.origin, func.sum(batch.c.repeats).label("repeats"), *_ENDS, *_QUIET, *_SUMS)
    .where(_OF_THIS)
    .group_by(batch.c.channel, batch.c.origin)
)
_LATENCIES = select(batch.c.channel, batch.c.latency).where(_OF_THIS, batch.c.quiet_until.is_(None))
_KEYS = (batch.c.channel, exception.c.result, exception.c.reason, exception.c.next_at.is_not(None).label("waits"))
_FAILURES = (
    select(*_KEYS, func.count().label("count"))
    .join(batch, batch.c.id == exception.c.batch_id)
    .where(_OF_THIS)
    .group_by(*_KEYS)
    .order_by(func.count().desc(), batch.c.channel, exception.c.reason)
)


def _together(lanes: Sequence[Row[Any]]) -> Totals:
    """The sum of one channel's origins."""
    tallies = {row.origin: _counts(*tuple(row)[_FIRST_COUNT:]) for row in lanes}
    asleep = {row.origin: int(row.quiet) for row in lanes}
    first, last = [row.first for row in lanes if row.first], [row.last for row in lanes if row.last]
    return Totals(
        total(tallies.values()),
        sum(int(row.repeats) for row in lanes),
        min(first, default=None),
        max(last, default=None),
        {origin: tally.open - asleep[origin] for origin, tally in tallies.items() if tally.open > asleep[origin]},
        sum(asleep.values()),
        max((row.quiet_until for row in lanes if row.quiet_until), default=None),
    )


def _tally(connection: Connection, key: Column[int], value: int) -> dict[str, Tally]:
    rows = connection.execute(select(batch.c.channel, *_SUMS).where(key == value).group_by(batch.c.channel))
    return {channel: _counts(planned, *counts) for channel, planned, *counts in rows}


def _counts(planned: int, *counts: int) -> Tally:
    numbers = dict(zip(_COUNTED, counts, strict=True))
    return Tally(planned=planned, waiting=planned - sum(counts), **numbers)
