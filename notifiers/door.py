"""The one door into the ledger: who has been planned for a version of an incident is never planned for it again.

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

from notifiers import origins, sets
from notifiers.bulk import insert_rows
from notifiers.clock import database_now
from notifiers.eligibility import Eligible
from notifiers.planner import Planned, plan
from notifiers.sets import Sets
from notifiers.standing import COLUMNS, Standing, standing
from notifiers.tables import batch, notice, planned
from notifiers.transactions import Lock, alone, shared

_LOCKED = (notice.c.id, notice.c.incident_id, notice.c.version, *COLUMNS)  # not what it says: a large sealed blob
_UNTOUCHED: dict[str, Any] = {"state": "waiting", "fence": 0, "repeats": 0, "latency": b"", **sets.columns(Sets(0))}


@dataclass(frozen=True, slots=True)
class Candidates:
    """Subscriptions that ought to be told, with the rank of each: what leaves first."""

    eligible: Eligible
    rank: NDArray[np.float64]


def plan_once(connection: Connection, notice_id: int, candidates: Candidates) -> int | None:
    """Plans those of the candidates that were not yet, and returns how many; None if the notice may not be planned now.

    It may not when it is over or held; a paused one is planned and waits. The caller's transaction must be `writing` or `delivering`.
    """
    row = _lock(connection, notice_id)
    now = database_now(connection)
    if row is None or row.state == "held" or standing(row, now) is Standing.OVER:
        return None
    fresh = _claim_places(connection, row, candidates)
    eligible = fresh.eligible
    batches = plan(eligible.subscription_ids, eligible.lane, eligible.lanes, fresh.rank)
    add(connection, row, batches, now)
    return len(eligible)


def add(connection: Connection, row: Row[Any], batches: list[Planned], now: datetime) -> None:
    """Writes the batches of a notice (its row: id, incident_id). Whoever is not planned through the door must not call it."""
    origins.ensure(connection, {(one.channel, one.origin) for one in batches})
    insert_rows(connection, batch, [_batch_row(row, one, now) for one in batches])


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
    """The candidates without those planned before; these are planned from now on."""
    eligible = candidates.eligible
    keep = np.zeros(len(eligible), bool)
    names = sorted({channel for channel, _ in eligible.lanes})
    number = np.array([names.index(channel) for channel, _ in eligible.lanes], np.intp)[eligible.lane]
    for place, channel in enumerate(names):
        mine = np.flatnonzero(number == place)
        keep[mine] = _add_to_planned(connection, row, channel, eligible.subscription_ids[mine])
    kept = replace(
        eligible,
        subscription_ids=eligible.subscription_ids[keep],
        recipient_ids=eligible.recipient_ids[keep],
        lane=eligible.lane[keep],
    )
    return Candidates(kept, candidates.rank[keep])


def _add_to_planned(connection: Connection, row: Row[Any], channel: str, ids: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Which of the ids are new (each once, should it come twice), and the planned set with them."""
    same = and_(
        planned.c.incident_id == row.incident_id, planned.c.version == row.version, planned.c.channel == channel
    )
    stored = connection.scalar(select(planned.c.subscription_ids).where(same))
    before = BitMap() if stored is None else BitMap.deserialize(stored)
    given = BitMap(ids)
    met = given & before
    new = ~np.isin(ids, np.array(met, np.uint32)) if met else np.ones(len(ids), bool)
    if len(given) < len(ids):
        first = np.zeros(len(ids), bool)
        first[np.unique(ids, return_index=True)[1]] = True
        new &= first
    if new.any():
        before |= given
        value = before.serialize()
        key = {"incident_id": row.incident_id, "version": row.version, "channel": channel}
        _store(connection, same, stored, key, value)
    return new


def _store(connection: Connection, same: Any, stored: bytes | None, key: dict[str, Any], value: bytes) -> None:
    if stored is None:  # nobody else can have written one since: the door is locked
        connection.execute(insert(planned).values(**key, subscription_ids=value))
    else:
        connection.execute(update(planned).where(same).values(subscription_ids=value))


def _batch_row(row: Row[Any], one: Planned, now: datetime) -> dict[str, Any]:
    size = len(one.ids)
    return _UNTOUCHED | {
        "notice_id": row.id,
        "incident_id": row.incident_id,
        "channel": one.channel,
        "origin": one.origin,
        "rank": one.rank,
        "size": size,
        "subscription_ids": one.ids.astype("<u4").tobytes(),
        "next_at": now,
    }
