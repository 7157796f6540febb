"""The one door into the ledger: who has been planned for a version of an incident is never planned for it again.

Outlets (signs, posts, webhooks) are planned once for each of its messages, which are numbered: a version whose area was
enlarged has several, and a sign is to show the last.

First match, arrivals, enlarged areas and restarts all pass here, each call in one transaction: lock, read the planned
set, subtract, write the batches, write the set back. Two fan-outs of one notice at the same time are one fan-out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap
from sqlalchemy import Connection, Row, and_, insert, select, update

from geo.columns import from_microseconds
from notifiers import latency, members, origins, packing, quieting, sets
from notifiers.bulk import insert_rows, new_ids
from notifiers.clock import database_now
from notifiers.eligibility import Eligible
from notifiers.model import OUTLETS, Kind
from notifiers.packing import bitmap, pack_set, unpack_set
from notifiers.planner import Planned, plan
from notifiers.sets import Sets
from notifiers.standing import COLUMNS, Standing, standing
from notifiers.tables import batch, notice, planned
from notifiers.transactions import Lock, alone, shared

_LOCKED = (
    notice.c.id,
    notice.c.incident_id,
    notice.c.version,
    notice.c.number,
    notice.c.kind,
    *COLUMNS,
)  # not what it says: a large sealed blob
QUIET_RANK = 1e7  # metres on top: a claim looks at those who sleep after all others, nearest first among themselves
_UNTOUCHED: dict[str, Any] = {
    "state": "waiting",
    "fence": 0,
    "repeats": 0,
    "latency": latency.NONE,
    **sets.columns(Sets(0)),
}


@dataclass(frozen=True, slots=True)
class Candidates:
    """Subscriptions that ought to be told, with the rank of each: what leaves first.

    `outside`: the area no longer holds them, and they are told so. `woken`: whom quiet hours do not hold back (None:
    nobody).
    """

    eligible: Eligible
    rank: NDArray[np.float64]
    outside: bool = False
    woken: NDArray[np.bool_] | None = None


def plan_once(connection: Connection, notice_id: int, candidates: Candidates) -> int | None:
    """Plans those of the candidates that were not yet, and returns how many; None if the notice may not be planned now.

    It may not when it is over or held; a paused one is planned and waits. The caller's transaction must be `writing` or `delivering`.
    """
    row = _lock(connection, notice_id)
    now = database_now(connection)
    if row is None or row.state == "held" or standing(row, now) is Standing.OVER:
        return None
    fresh = _claim_places(connection, row, candidates)
    for until, some in _by_hours(connection, row, fresh, now):
        eligible = some.eligible
        batches = plan(eligible.subscription_ids, eligible.lane, eligible.lanes, some.rank)
        add(connection, row, batches, now, outside=fresh.outside, quiet_until=until)
    return len(fresh.eligible)


def add(  # what all of the batches have in common, by name
    connection: Connection,
    row: Row[Any],
    batches: list[Planned],
    now: datetime,
    *,
    outside: bool = False,
    quiet_until: datetime | None = None,
) -> None:
    """Writes the batches of a notice (its row: id, incident_id). Whoever is not planned through the door must not call it."""
    origins.ensure(connection, {(one.channel, one.origin) for one in batches})
    numbers = new_ids(connection, batch, len(batches))
    same = {"outside": outside, "quiet_until": quiet_until, "next_at": quiet_until or now}
    written = [_batch_row(row, one) | same | {"id": id_} for id_, one in zip(numbers, batches, strict=True)]
    insert_rows(connection, batch, written)
    members.write(connection, numbers, [one.ids for one in batches])


def _lock(connection: Connection, notice_id: int) -> Any:
    """The notice's row (None: there is none) as it stands: nobody ends it, nobody else plans for its incident until this commits.

    Of the whole incident, because two notices of one version share one planned set. Sends go on meanwhile.
    """
    shared(connection, Lock.NOTICE, [notice_id])
    incident_id = connection.scalar(select(notice.c.incident_id).where(notice.c.id == notice_id))
    if incident_id is None:
        return None
    alone(connection, Lock.DOOR, incident_id)
    rows: Any = connection.execute(select(*_LOCKED).where(notice.c.id == notice_id))
    return rows.one_or_none()


def _claim_places(connection: Connection, row: Row[Any], candidates: Candidates) -> Candidates:
    """The candidates without those planned before; these are planned from now on.

    Where a wider message of the same version speaks to outlets already, none of them is.
    """
    eligible = candidates.eligible
    if len({channel for channel, _ in eligible.lanes}) == 1:
        keep = _add_to_planned(connection, row, eligible.lanes[0][0], eligible.subscription_ids)
        return candidates if keep.all() else _kept(candidates, keep)
    keep = np.zeros(len(eligible), bool)
    names = sorted({channel for channel, _ in eligible.lanes})
    number = np.array([names.index(channel) for channel, _ in eligible.lanes], np.intp)[eligible.lane]
    for place, channel in enumerate(names):
        if row.outlets_over and channel in OUTLETS:
            continue
        mine = np.flatnonzero(number == place)
        keep[mine] = _add_to_planned(connection, row, channel, eligible.subscription_ids[mine])
    return _kept(candidates, keep)


def _by_hours(
    connection: Connection, row: Row[Any], fresh: Candidates, now: datetime
) -> list[tuple[datetime | None, Candidates]]:
    """Those who may be told now (None), and those in their quiet hours by the end of these. A cancel waits for nobody:
    it goes to who was told, and takes the place of what lies there.
    """
    eligible = fresh.eligible
    until = None if row.kind == Kind.CANCEL.value else quieting.held_until(connection, eligible.recipient_ids, now)
    if until is None:
        return [(None, fresh)]
    sounds = np.array([channel not in quieting.AT_ALL_HOURS for channel, _ in eligible.lanes], bool)[eligible.lane]
    until[~sounds if fresh.woken is None else ~sounds | fresh.woken] = 0
    parts = [(at, _kept(fresh, until == at)) for at in np.unique(until).tolist()]
    return [
        (from_microseconds(at), replace(one, rank=one.rank + QUIET_RANK)) if at else (None, one) for at, one in parts
    ]


def _kept(candidates: Candidates, keep: NDArray[np.bool_]) -> Candidates:
    eligible = candidates.eligible
    kept = replace(
        eligible,
        subscription_ids=eligible.subscription_ids[keep],
        recipient_ids=eligible.recipient_ids[keep],
        lane=eligible.lane[keep],
    )
    woken = None if candidates.woken is None else candidates.woken[keep]
    return replace(candidates, eligible=kept, rank=candidates.rank[keep], woken=woken)


def _add_to_planned(connection: Connection, row: Row[Any], channel: str, ids: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Which of the ids are new (each once, should it come twice), and the planned set with them."""
    counts = row.number if channel in OUTLETS else row.version  # what is said once
    key = {"incident_id": row.incident_id, "version": counts, "channel": channel}
    same = and_(*(planned.c[name] == one for name, one in key.items()))
    stored = connection.scalar(select(planned.c.subscription_ids).where(same))
    before = BitMap() if stored is None else unpack_set(stored)
    given = bitmap(ids)
    met = given & before
    new = ~np.isin(ids, packing.members(met)) if met else np.ones(len(ids), bool)
    if len(given) < len(ids):
        first = np.zeros(len(ids), bool)
        first[np.unique(ids, return_index=True)[1]] = True
        new &= first
    if new.any():
        before |= given
        value = pack_set(before)
        _store(connection, same, stored, key, value)
    return new


def _store(connection: Connection, same: Any, stored: bytes | None, key: dict[str, Any], value: bytes) -> None:
    if stored is None:  # nobody else can have written one since: the door is locked
        connection.execute(insert(planned).values(**key, subscription_ids=value))
    else:
        connection.execute(update(planned).where(same).values(subscription_ids=value))


def _batch_row(row: Row[Any], one: Planned) -> dict[str, Any]:
    return _UNTOUCHED | {
        "notice_id": row.id,
        "incident_id": row.incident_id,
        "channel": one.channel,
        "origin": one.origin,
        "rank": one.rank,
        "size": len(one.ids),
    }
