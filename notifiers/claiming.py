"""Who may send what, now: taking a batch, and making sure again and again that it is still ours and still to be sent.

The rules that these keep stand in `notifiers.ledger`, which is where callers find them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    or_,
    select,
    update,
)

from notifiers import bits, sets
from notifiers.bits import Bits
from notifiers.clock import DatabaseNow, database_now
from notifiers.members import IDS
from notifiers.model import OUTLETS
from notifiers.origins import open_now
from notifiers.packing import unpack
from notifiers.standing import COLUMNS, Standing, live, standing
from notifiers.tables import batch, notice
from notifiers.transactions import Lock, shared, shared_at_once
from notifiers.troubles import NO_WAITS, TROUBLED, read_waits


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
    outside: bool = False  # all of them: told before, and the area no longer holds them


@dataclass(frozen=True, slots=True)
class Want:
    """What a worker asks for: a batch of one of the channels, at most `window` positions to start, held for `lease_s`.

    `most`: what each origin may start in this worker, `newcomer` one that is not named there (`notifiers.limits`).
    `batches`: as many at most, `per_origin` of one origin, of which it has as many as `jobs` says.
    """

    worker: str
    channels: tuple[str, ...]
    window: int
    lease_s: float
    not_origins: tuple[str, ...] = ()
    most: Mapping[str, int] = field(default_factory=dict)
    newcomer: int | None = None
    batches: int = 1
    per_origin: int | None = None
    jobs: Mapping[str, int] = field(default_factory=dict)


Ration = Callable[[Connection, tuple[str, str], int, datetime], int]  # what of so many (channel, origin) may start


def unlimited(_connection: Connection, _lane: tuple[str, str], wanted: int, _now: datetime) -> int:
    return wanted


def claim(connection: Connection, want: Want, ration: Ration = unlimited) -> Claim | None:
    """The batch that is to leave first, with its first positions in flight; None if there is none."""
    return next(iter(claim_some(connection, replace(want, batches=1), ration)), None)


def claim_some(
    connection: Connection, want: Want, ration: Ration = unlimited, gates: Collection[int] = ()
) -> list[Claim]:
    """The batches that are to leave first, with their first positions in flight: `want.batches` of them at most.

    `gates`: notices whose gates this transaction has locked before: what is read of them here stands until it commits.

    Never one of an incident, channel and origin where a batch of an earlier version is still held: a cancel does not
    overtake its alert, nor a wider area its narrower one at a sign. Nor one of an origin that rests or has no tokens left (`notifiers.origins`).
    """
    now = database_now(connection)
    rows = connection.execute(_NEXT_BATCHES, _asked(now, want) | {"most": want.batches}).all()
    left, found, changes = Left(want), list[Claim](), list[dict[str, Any]]()
    for row in _live(connection, _in_turn(rows), now, gates):
        waits = read_waits(connection, row.id) if row.troubled else NO_WAITS
        before = sets.load(row.size, row)
        ready = bits.first(waits.ready(before.waiting, now), left.of(row.origin))
        starts = bits.first(ready, ration(connection, (row.channel, row.origin), ready.bit_count(), now))
        if starts:
            left.take(row.origin, starts.bit_count())
            found.append(_claim(row, want, (row.expires_at - now).total_seconds(), starts))
            changes.append(_held(row, want, now) | sets.columns(before.start(starts)))
        elif not waits.ready(before.waiting, now):  # its time was set too early: put it right, and look again
            connection.execute(CHANGE, {"this": row.id, "next_at": waits.next_at(before.waiting, now)})
    if changes:
        connection.execute(CHANGE, changes)
    return found


def confirm(connection: Connection, claims: Collection[Claim]) -> dict[int, Standing]:
    """By batch id, how the notice of each claim stands; a claim that is lost or whose lease ran out is not among them."""
    statement = (
        select(DatabaseNow().label("now"), batch.c.id, batch.c.fence, batch.c.channel, *COLUMNS)
        .join(notice, notice.c.id == batch.c.notice_id)
        .where(batch.c.id.in_([one.batch_id for one in claims]), batch.c.state == "claimed")
        .where(batch.c.lease_until > DatabaseNow())
    )
    fences = {one.batch_id: one.fence for one in claims}
    rows = connection.execute(statement)
    return {row.id: standing(row, row.now, row.channel) for row in rows if row.fence == fences[row.id]}


def claimable(connection: Connection, want: Want) -> bool:
    """Whether a claim or a takeover would find something: a read, so that idle workers do not take the writer lock."""
    now = database_now(connection)
    run_out = select(batch.c.id).where(batch.c.state == "claimed", batch.c.lease_until <= now)
    asked = connection.execute(_NEXT_ID, _asked(now, want) | {"most": 1}).first()
    return asked is not None or connection.execute(run_out.limit(1)).first() is not None


def stirring(connection: Connection) -> bool:
    """Whether any batch is not done: one look into an index, which is all that an idle worker costs most of the time."""
    open_ = select(batch.c.id).where(batch.c.state.in_(("waiting", "claimed"))).limit(1)
    return connection.execute(open_).first() is not None


def lock_standing(connection: Connection, notice_id: int, now: datetime, channel: str) -> Standing:
    """How the notice stands, locked against ending until this commits: what starts here is seen by who ends it."""
    shared(connection, Lock.NOTICE, [notice_id])
    return _standing(connection, notice_id, now, channel)


def lock_standing_at_once(connection: Connection, notice_id: int, now: datetime, channel: str) -> Standing | None:
    """As `lock_standing`; None if somebody ends it just now, who may wait for a batch that is locked here already."""
    if not shared_at_once(connection, Lock.NOTICE, notice_id):
        return None
    return _standing(connection, notice_id, now, channel)


def _standing(connection: Connection, notice_id: int, now: datetime, channel: str) -> Standing:
    return standing(connection.execute(_STANDING, {"this": notice_id}).one(), now, channel)


def _asked(now: datetime, want: Want) -> dict[str, Any]:
    return {"now": now, "channels": want.channels, "not_origins": want.not_origins}


def _may_leave() -> ColumnElement[bool]:
    now = bindparam("now", type_=notice.c.expires_at.type)
    earlier, its_notice = batch.alias("earlier"), notice.alias("its_notice")
    wider = and_(batch.c.channel.in_(OUTLETS), its_notice.c.number < notice.c.number)
    overtakes = exists(
        select(earlier.c.id)
        .join(its_notice, its_notice.c.id == earlier.c.notice_id)
        .where(earlier.c.incident_id == batch.c.incident_id, earlier.c.state == "claimed")
        .where(earlier.c.channel == batch.c.channel, earlier.c.origin == batch.c.origin)
        .where(or_(its_notice.c.version < notice.c.version, wider))
    )
    ready = and_(batch.c.state == "waiting", batch.c.next_at <= now, live(now), ~overtakes, open_now(now))
    channels: BindParameter[str] = bindparam("channels", expanding=True)
    origins: BindParameter[str] = bindparam("not_origins", expanding=True)
    return and_(ready, batch.c.channel.in_(channels), batch.c.origin.not_in(origins))


def _first(*columns: Any) -> Select[Any]:
    """Of the batches that may leave, those that are to leave first."""
    chosen = select(*columns).join_from(batch, notice, notice.c.id == batch.c.notice_id)
    return chosen.where(_may_leave()).order_by(batch.c.rank, batch.c.id).limit(bindparam("most", type_=Integer))


# Made once: to put one of these together takes many times as long as to run it.
_NEXT_ID = _first(batch.c.id)
_NEXT_BATCHES = _first(
    *(
        batch,
        IDS,
        notice.c.approved_at,
        notice.c.expires_at,
        notice.c.version,
        notice.c.number,
        TROUBLED,
    )
).with_for_update(of=batch, skip_locked=True)
_STANDING = select(*COLUMNS).where(notice.c.id == bindparam("this"))
CHANGE = update(batch).where(batch.c.id == bindparam("this"))  # executed with the columns' new values


class Left:
    """What is left of a want while batches are taken for it: of the window, and for each origin."""

    def __init__(self, want: Want) -> None:
        self._want = want
        self._window = want.window
        self._taken, self._jobs = Counter[str](), Counter(want.jobs)

    def of(self, origin: str) -> int:
        """How many positions of one more batch of this origin may start."""
        want = self._want
        if want.per_origin is not None and self._jobs[origin] >= want.per_origin:
            return 0
        most = want.most.get(origin, self._want.window if want.newcomer is None else want.newcomer)
        return max(0, min(self._window, most - self._taken[origin]))

    def take(self, origin: str, count: int) -> None:
        self._window -= count
        self._taken[origin] += count
        self._jobs[origin] += 1


def _in_turn(rows: Sequence[Row[Any]]) -> Iterator[Row[Any]]:
    """Without those of a later version where an earlier one is taken before them: it would be held beside it."""
    taken: dict[tuple[int, str, str], int] = {}
    for row in rows:
        lane = (row.incident_id, row.channel, row.origin)
        said = row.number if row.channel in OUTLETS else row.version  # as `_may_leave` orders them
        if taken.get(lane, said) >= said:
            taken[lane] = said
            yield row


def _live(
    connection: Connection, rows: Iterable[Row[Any]], now: datetime, gates: Collection[int]
) -> Iterator[Row[Any]]:
    """Those whose notice may leave, locked against ending until this commits; each notice is asked once.

    Not those behind a locked gate: all that is found is live, and it was found after the gate was locked.
    """
    known: dict[tuple[int, bool], Standing | None] = {}
    for row in rows:
        asked = row.notice_id, row.channel in OUTLETS
        if asked[0] in gates:
            known[asked] = Standing.LIVE
        if asked not in known:
            known[asked] = lock_standing_at_once(connection, row.notice_id, now, row.channel)
        if known[asked] is Standing.LIVE:
            yield row


def _held(row: Row[Any], want: Want, now: datetime) -> dict[str, Any]:
    lease_until = now + timedelta(seconds=want.lease_s)
    held = {"state": "claimed", "fence": row.fence + 1, "worker": want.worker, "lease_until": lease_until}
    return {"this": row.id, **held}


def _claim(row: Row[Any], want: Want, left_s: float, starts: Bits) -> Claim:
    return Claim(
        batch_id=row.id,
        notice_id=row.notice_id,
        fence=row.fence + 1,
        worker=want.worker,
        lease_s=want.lease_s,
        channel=row.channel,
        origin=row.origin,
        ids=unpack(row.subscription_ids, row.size),
        approved_at=row.approved_at,
        expires_at=row.expires_at,
        left_s=left_s,
        starts=tuple(bits.positions(starts)),
        outside=bool(row.outside),
    )
