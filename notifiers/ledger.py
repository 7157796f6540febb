"""The ledger is the queue: batches claimed, checkpointed and taken over, as sets of positions.

The crash rule, in the order that makes it hold:
1. A position is written as in flight, and that committed, before its send may start (claim, checkpoint). So whatever
   a worker may have sent stands in the ledger, and it is never more than the window that it asked for.
2. Every commit names the fence of its claim. A worker that lost its batch changes nothing any more, and learns it.
3. A worker starts a send only if a moment ago `confirm` said that lease and notice stand (`notifiers.worker`).
4. Who finds a lease run out takes the batch over: what was in flight is in doubt, repeated where the receiver
   collapses repeats, everything else just goes on.
5. Claim and checkpoint start nothing unless the notice is live in the same transaction. So from the commit that ends
   a notice on, the set of those who may have been told only shrinks, and a cancel that reads it reaches them all.

Functions take the connection of a `writing` or `delivering` transaction and lock in the order of `transactions`; leases and retries are on the database's clock.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from notifiers import bits, collapsing, refusals, sets
from notifiers.afterwards import Report, Reported, count_delivered, receipt, receipts, subscription_at
from notifiers.bits import Bits
from notifiers.claiming import (
    CHANGE,
    Claim,
    Ration,
    Want,
    claim,
    claim_some,
    claimable,
    confirm,
    lock_standing_at_once,
    stirring,
)
from notifiers.clock import database_now
from notifiers.dead_letters import DeadLetters, dead_letters, requeue
from notifiers.door import Candidates, add, plan_once
from notifiers.held import held_rows, how_it_stands
from notifiers.latency import counted
from notifiers.recording import Recorded, Rules, Settled, bury, record
from notifiers.sets import Sets
from notifiers.standing import Standing
from notifiers.tables import batch
from notifiers.tallies import (
    Failure,
    Totals,
    drops,
    failures,
    latency,
    repeats,
    tally,
    tally_incident,
    told,
    totals,
)
from notifiers.transactions import Lock, shared
from notifiers.troubles import NO_WAITS, Waits, end_waits, read_attempts, read_waits, write_troubles

__all__ = [
    "Candidates",
    "Claim",
    "DeadLetters",
    "Failure",
    "Progress",
    "Ration",
    "Report",
    "Reported",
    "Settled",
    "Standing",
    "Telling",
    "Totals",
    "Turn",
    "Want",
    "add",
    "checkpoint",
    "checkpoints",
    "claim",
    "claim_some",
    "claimable",
    "confirm",
    "count_delivered",
    "dead_letters",
    "drop",
    "drops",
    "failures",
    "latency",
    "plan_once",
    "receipt",
    "receipts",
    "repeats",
    "requeue",
    "stirring",
    "subscription_at",
    "takeover",
    "tally",
    "tally_incident",
    "told",
    "totals",
]


@dataclass(frozen=True, slots=True)
class Turn:
    """What a worker brings to a checkpoint: outcomes, what it will not start after all, and how many more it can take.

    `rest_s`: not to be claimed for so long: a duration, since the worker's clock may be wrong. `known`: all that it believes to be in flight;
    more can be in the ledger if it never learned that an earlier commit came through, and that was never started.
    `at`: the worker's own time as it tells this, so that its clock may be wrong: all its times are put on the database's.
    """

    settled: Sequence[Settled] = ()
    returned: Collection[int] = ()
    room: int = 0
    rest_s: float = 0.0
    known: Collection[int] | None = None
    at: datetime | None = None

    def off(self, now: datetime) -> timedelta:
        """What has to be added to the worker's times, so that they are of the clock that says `now`."""
        return timedelta(0) if self.at is None else now - self.at


@dataclass(frozen=True, slots=True)
class Telling:
    """What there is to tell of one claim; `collapses`: whether its receivers collapse repeats."""

    claim: Claim
    turn: Turn
    collapses: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """What a checkpoint recorded. `starts` may be started now; `open` is whether the claim is still held."""

    standing: Standing
    starts: tuple[int, ...]
    open: bool
    sent: tuple[int, ...]
    gone: tuple[int, ...]
    refused: tuple[int, ...] = ()  # those whose refusal counts against them


def checkpoint(connection: Connection, held: Claim, turn: Turn, *, collapses: bool, rng: Random) -> Progress | None:
    """`checkpoints` of one claim."""
    shared(connection, Lock.NOTICE, [held.notice_id])
    return checkpoints(connection, [Telling(held, turn, collapses)], rng)[0]


def checkpoints(connection: Connection, told: Sequence[Telling], rng: Random) -> list[Progress | None]:
    """Records outcomes and lets the next positions start; None for a claim that was lost: nothing of it changes.

    In one statement for all claims as far as they went well. The gates of their notices must be locked already. Renews
    the leases. While a notice is live and there is room, waiting positions go in flight; once it is over, what waits is
    dropped. With nothing left in flight a batch is done or goes back to the queue.
    """
    rows = held_rows(connection, [one.claim.batch_id for one in told])
    found = [_checkpoint(connection, one, rows.get(one.claim.batch_id), rng) for one in told]
    for keep in (True, False):
        if values := [values for values, progress in filter(None, found) if progress.open is keep]:
            connection.execute(CHANGE, values)
    return [None if one is None else one[1] for one in found]


def _checkpoint(
    connection: Connection, told: Telling, row: Row[Any] | None, rng: Random
) -> tuple[dict[str, Any], Progress] | None:
    """The new values of the batch, and what came of it; None if the claim does not hold it any more.

    The fence is the truth, the lease only invites others.
    """
    if row is None or row.fence != told.claim.fence:
        return None
    held, turn, now = told.claim, told.turn, row.now
    off, state = turn.off(now), how_it_stands(row)
    before = _without_returned(sets.load(row.size, row), turn)
    attempts = read_attempts(connection, row.id) if row.troubled else {}
    recorded = record(before, attempts, turn.settled, Rules(told.collapses, held.expires_at, rng, off))
    waits = _write(connection, row.id, attempts, recorded, state)
    after, starts, next_at = _go_on(recorded.sets, state, waits, turn, now)
    values = {"this": row.id, **_timing(row, recorded, off), **_hold_or_release(after, now, held.lease_s, next_at)}
    values |= {"repeats": row.repeats + recorded.repeats, **sets.columns(after)}
    sent = tuple(one.position for one in recorded.sent)
    blameless = refusals.ours(after.refused.bit_count(), after.sent.bit_count())
    refused = () if blameless else recorded.refused
    return values, Progress(state, tuple(bits.positions(starts)), bool(after.in_flight), sent, recorded.gone, refused)


def takeover(connection: Connection, served: Mapping[str, bool] | None = None, *, limit: int = 16) -> int:
    """Ends the claims whose lease ran out, at most `limit`, of all channels; returns how many.

    `served`: what the channels of who asks say of themselves; of all others `collapsing` knows whether they collapse.
    """
    now = database_now(connection)
    lost = select(batch).where(batch.c.state == "claimed", batch.c.lease_until <= now)
    rows = connection.execute(lost.limit(limit).with_for_update(skip_locked=True)).all()
    return sum(_bury(connection, row, collapsing.collapses(row.channel, served), now) for row in rows)


def drop(connection: Connection, notice_id: int, channels: Collection[str] = ()) -> int:
    """What waits of a notice that is over (for these channels only, if any are named) is dropped; returns how many were.

    Batches that a worker holds are left to it (or to who takes it over): only it knows what it has not started.
    """
    chosen = [batch.c.notice_id == notice_id, batch.c.state == "waiting"]
    chosen += [batch.c.channel.in_(tuple(channels))] if channels else []
    rows = connection.execute(select(batch).where(*chosen).with_for_update()).all()
    dropped = [(row.id, sets.load(row.size, row).drop_waiting(), row.n_dropped) for row in rows]
    if dropped:
        values = [{"batch": id_, "state": "done", **sets.columns(after)} for id_, after, _ in dropped]
        connection.execute(update(batch).where(batch.c.id == bindparam("batch")), values)
        end_waits(connection, [id_ for id_, _, _ in dropped])
    return sum(after.dropped.bit_count() - before for _, after, before in dropped)


def _write(
    connection: Connection, batch_id: int, attempts: Mapping[int, int], recorded: Recorded, state: Standing
) -> Waits:
    """The exception rows, and who waits by them. Mostly there are none and none come: then nothing more is asked."""
    if not attempts and not recorded.troubles:
        return NO_WAITS
    write_troubles(connection, batch_id, recorded.troubles, [one.position for one in recorded.sent])
    if state is Standing.OVER:
        end_waits(connection, [batch_id])
    return read_waits(connection, batch_id)


def _without_returned(stored: Sets, turn: Turn) -> Sets:
    unknown = 0 if turn.known is None else stored.in_flight & ~bits.of(turn.known)
    return stored.give_back(bits.of(turn.returned) | unknown)


def _go_on(before: Sets, state: Standing, waits: Waits, turn: Turn, now: datetime) -> tuple[Sets, Bits, datetime]:
    """What follows from how the notice stands: the next positions start, or wait, or are dropped."""
    if state is Standing.OVER:
        return before.drop_waiting(), 0, now
    room = turn.room if state is Standing.LIVE else 0
    starts = bits.first(waits.ready(before.waiting, now), max(room, 0))
    after = before.start(starts)
    return after, starts, max(waits.next_at(after.waiting, now), now + timedelta(seconds=turn.rest_s))


def _hold_or_release(after: Sets, now: datetime, lease_s: float, next_at: datetime) -> dict[str, Any]:
    if after.in_flight:
        return {"lease_until": now + timedelta(seconds=lease_s)}
    return {"state": "done" if after.done else "waiting", "worker": None, "lease_until": None, "next_at": next_at}


def _timing(row: Row[Any], recorded: Recorded, off: timedelta) -> dict[str, Any]:
    ats = [one.at for one in recorded.sent]
    if not ats:
        return {"latency": row.latency, "first_sent_at": row.first_sent_at, "last_sent_at": row.last_sent_at}
    first, last = min(ats) + off, max(ats) + off
    return {
        "latency": counted(row.latency, row.approved_at - off, ats),
        "first_sent_at": first if row.first_sent_at is None else min(first, row.first_sent_at),
        "last_sent_at": last if row.last_sent_at is None else max(last, row.last_sent_at),
    }


def _bury(connection: Connection, row: Row[Any], again: bool, now: datetime) -> bool:
    """The fence moves on: should the worker live after all, its next commit changes nothing. `again`: repeats collapse.

    False, and nothing is done, while somebody ends the notice: the next takeover finds it again.
    """
    state = lock_standing_at_once(connection, row.notice_id, now, row.channel)
    if state is None:
        return False
    over = state is Standing.OVER
    before = sets.load(row.size, row)
    after, troubles = bury(before, read_attempts(connection, row.id), collapses=again, over=over, now=now)
    write_troubles(connection, row.id, troubles)
    if over:
        end_waits(connection, [row.id])
    repeats = before.in_flight.bit_count() if again and not over else 0
    connection.execute(
        update(batch)
        .where(batch.c.id == row.id)
        .values(fence=row.fence + 1, repeats=row.repeats + repeats, **sets.columns(after))
        .values(state="done" if after.done else "waiting", worker=None, lease_until=None, next_at=now)
    )
    return True
