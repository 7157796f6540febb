"""Who may send what, now: taking a batch, and making sure again and again that it is still ours and still to be sent.

The rules that these keep stand in `notifiers.ledger`, which is where callers find them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BindParameter, ColumnElement, Connection, Row, Select, and_, bindparam, exists, select, update

from notifiers import bits, sets
from notifiers.bits import Bits
from notifiers.clock import DatabaseNow, database_now
from notifiers.origins import open_now
from notifiers.standing import COLUMNS, Standing, live, standing
from notifiers.tables import batch, notice
from notifiers.transactions import Lock, shared, shared_at_once
from notifiers.troubles import read_waits


@dataclass(frozen=True, slots=True)
class Claim:
    """A batch that a worker holds. `starts` are the positions it may start now: written as in flight already."""

    batch_id: int
    notice_id: int
    fence: int
    worker: str
    lease_s: float
    channel: str
    origin: str
    ids: NDArray[np.uint32] = field(repr=False)
    approved_at: datetime
    expires_at: datetime
    left_s: float  # from the claim to `expires_at` on the database's clock: the worker's own may be wrong
    starts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Want:
    """What a worker asks for: a batch of one of the channels, at most `window` positions to start, held for `lease_s`.

    `most`: what each origin may start in this worker, `newcomer` one that is not named there (`notifiers.limits`).
    """

    worker: str
    channels: tuple[str, ...]
    window: int
    lease_s: float
    not_origins: tuple[str, ...] = ()
    most: Mapping[str, int] = field(default_factory=dict)
    newcomer: int | None = None


Ration = Callable[[Connection, tuple[str, str], int, datetime], int]  # what of so many (channel, origin) may start


def unlimited(_connection: Connection, _lane: tuple[str, str], wanted: int, _now: datetime) -> int:
    return wanted


def claim(connection: Connection, want: Want, ration: Ration = unlimited) -> Claim | None:
    """The batch that is to leave first, with its first positions in flight; None if there is none.

    Never one of an incident, channel and origin where a batch of an earlier version is still held: a cancel does not
    overtake its alert. Nor one of an origin that rests or has no tokens left (`notifiers.origins`).
    """
    now = database_now(connection)
    row = connection.execute(_NEXT_BATCH, _asked(now, want)).one_or_none()
    if row is None or lock_standing_at_once(connection, row.notice_id, now) is not Standing.LIVE:
        return None
    before = sets.load(row.size, row)
    waits = read_waits(connection, row.id)
    ready = bits.first(waits.ready(before.waiting, now), min(want.window, _most(want, row.origin)))
    starts = bits.first(ready, ration(connection, (row.channel, row.origin), ready.bit_count(), now))
    if ready and not starts:  # out of tokens: its row says until when, and other batches come first
        return None
    fence = row.fence + 1
    values = {
        "state": "claimed",
        "fence": fence,
        "worker": want.worker,
        "lease_until": now + timedelta(seconds=want.lease_s),
    }
    if not starts:  # its time was set too early: put it right and let the caller look again
        values = {"next_at": waits.next_at(before.waiting, now)}
    connection.execute(CHANGE, {"this": row.id, **values, **sets.columns(before.start(starts))})
    left_s = (row.expires_at - now).total_seconds()
    return _claim(row, want, fence, left_s, starts) if starts else None


def confirm(connection: Connection, claims: Collection[Claim]) -> dict[int, Standing]:
    """By batch id, how the notice of each claim stands; a claim that is lost or whose lease ran out is not among them."""
    statement = (
        select(DatabaseNow().label("now"), batch.c.id, batch.c.fence, *COLUMNS)
        .join(notice, notice.c.id == batch.c.notice_id)
        .where(batch.c.id.in_([one.batch_id for one in claims]), batch.c.state == "claimed")
        .where(batch.c.lease_until > DatabaseNow())
    )
    fences = {one.batch_id: one.fence for one in claims}
    rows = connection.execute(statement)
    return {row.id: standing(row, row.now) for row in rows if row.fence == fences[row.id]}


def claimable(connection: Connection, want: Want) -> bool:
    """Whether a claim or a takeover would find something: a read, so that idle workers do not take the writer lock."""
    now = database_now(connection)
    run_out = select(batch.c.id).where(
        batch.c.state == "claimed", batch.c.lease_until <= now, batch.c.channel.in_(want.channels)
    )
    asked = connection.execute(_NEXT_ID, _asked(now, want)).first()
    return asked is not None or connection.execute(run_out.limit(1)).first() is not None


def stirring(connection: Connection) -> bool:
    """Whether any batch is not done: one look into an index, which is all that an idle worker costs most of the time."""
    open_ = select(batch.c.id).where(batch.c.state.in_(("waiting", "claimed"))).limit(1)
    return connection.execute(open_).first() is not None


def lock_standing(connection: Connection, notice_id: int, now: datetime) -> Standing:
    """How the notice stands, locked against ending until this commits: what starts here is seen by who ends it."""
    shared(connection, Lock.NOTICE, [notice_id])
    return _standing(connection, notice_id, now)


def lock_standing_at_once(connection: Connection, notice_id: int, now: datetime) -> Standing | None:
    """As `lock_standing`; None if somebody ends it just now, who may wait for a batch that is locked here already."""
    if not shared_at_once(connection, Lock.NOTICE, notice_id):
        return None
    return _standing(connection, notice_id, now)


def _standing(connection: Connection, notice_id: int, now: datetime) -> Standing:
    return standing(connection.execute(_STANDING, {"this": notice_id}).one(), now)


def _asked(now: datetime, want: Want) -> dict[str, Any]:
    return {"now": now, "channels": want.channels, "not_origins": want.not_origins}


def _may_leave() -> ColumnElement[bool]:
    now = bindparam("now", type_=notice.c.expires_at.type)
    earlier, its_notice = batch.alias("earlier"), notice.alias("its_notice")
    overtakes = exists(
        select(earlier.c.id)
        .join(its_notice, its_notice.c.id == earlier.c.notice_id)
        .where(earlier.c.incident_id == batch.c.incident_id, earlier.c.state == "claimed")
        .where(earlier.c.channel == batch.c.channel, earlier.c.origin == batch.c.origin)
        .where(its_notice.c.version < notice.c.version)
    )
    ready = and_(batch.c.state == "waiting", batch.c.next_at <= now, live(now), ~overtakes, open_now(now))
    channels: BindParameter[str] = bindparam("channels", expanding=True)
    origins: BindParameter[str] = bindparam("not_origins", expanding=True)
    return and_(ready, batch.c.channel.in_(channels), batch.c.origin.not_in(origins))


def _first(*columns: Any) -> Select[Any]:
    """Of the batches that may leave, the one that is to leave first."""
    chosen = select(*columns).join_from(batch, notice, notice.c.id == batch.c.notice_id)
    return chosen.where(_may_leave()).order_by(batch.c.rank, batch.c.id).limit(1)


# Made once: to put one of these together takes many times as long as to run it.
_NEXT_ID = _first(batch.c.id)
_NEXT_BATCH = _first(batch, notice.c.approved_at, notice.c.expires_at).with_for_update(of=batch, skip_locked=True)
_STANDING = select(*COLUMNS).where(notice.c.id == bindparam("this"))
CHANGE = update(batch).where(batch.c.id == bindparam("this"))  # executed with the columns' new values


def _most(want: Want, origin: str) -> int:
    return want.most.get(origin, want.window if want.newcomer is None else want.newcomer)


def _claim(row: Row[Any], want: Want, fence: int, left_s: float, starts: Bits) -> Claim:
    return Claim(
        batch_id=row.id,
        notice_id=row.notice_id,
        fence=fence,
        worker=want.worker,
        lease_s=want.lease_s,
        channel=row.channel,
        origin=row.origin,
        ids=np.frombuffer(row.subscription_ids, "<u4").astype(np.uint32),
        approved_at=row.approved_at,
        expires_at=row.expires_at,
        left_s=left_s,
        starts=tuple(bits.positions(starts)),
    )
