"""From an approved notice to planned batches: match, guard, then chunk by chunk through the one door.

Stopped anywhere, it is simply run again: what was planned stays planned once. Nothing is planned before the guard has
let it pass, and each chunk asks again, in its own transaction, whether the notice may still be planned.

Nobody falls between the match and the watch: every change of the positions has a sequence number, given in its own
transaction. A notice is matched once the index holds everything that the store had when the run began, which is after
the approval; where that was is the notice's first mark (`notifiers.seen`), and everything later is looked at by the
sweep, in whatever process. An index that does not get there in time plans nothing: IndexBehind, and the notice stays
queued until a later run. Those who arrive while it runs are looked for once more at its end, so that they need not
wait for the sweep.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import structlog
from numpy.typing import NDArray
from sqlalchemy import Engine

from geo import store as positions
from notifiers import choosing, eligibility, ledger, notices, ranking, seen
from notifiers.clock import database_now
from notifiers.eligibility import Eligible, distinct
from notifiers.ledger import Candidates
from notifiers.model import Kind, Notice
from notifiers.notices import NoticeStatus
from notifiers.ranking import CANCEL_RANK, RINGS_M, Index, nearest_first
from notifiers.standing import Standing, standing
from notifiers.transactions import again_if_crossed, delivering, reading, writing
from notifiers.vault import Vault

Ids = NDArray[np.uint32]

log = structlog.get_logger()

# Subscriptions: the first batches are to leave at once, and a worker that waits for SQLite's one writer lock comes in.
FIRST_CHUNKS = (2_000, 20_000)
PATIENCE_S = 2.0  # for an index to catch up, then the notice waits in its row and others have their turn
_LOOK_EVERY_S = 0.02


class IndexBehind(Exception):
    """The index does not hold what the store had: nothing was planned on it, the notice is still queued."""


def nothing() -> None:
    """Somebody else brings the index up to date."""


@dataclass(frozen=True, slots=True)
class FannedOut:
    """What came of a run: how many recipients matched, how many subscriptions were newly planned, why it was held."""

    matched: int = 0
    planned: int = 0
    held_why: str | None = None
    stopped: bool = False  # ended, or ending, before all was planned


def run(
    engine: Engine, vault: Vault, index: Index, notice_id: int, catch_up: Callable[[], None] = nothing
) -> FannedOut:
    """Plans a queued notice whole; nothing happens to one that is planned, held or over. KeyGone if its key is.

    `catch_up` brings the index nearer to the store, or raises; IndexBehind if it does not get there.
    """
    with reading(engine) as connection:
        status = notices.get_status(connection, notice_id)
        if status.state != "queued" or standing(status, database_now(connection)) is Standing.OVER:
            return FannedOut(stopped=status.state != "planned")
        said = notices.get(connection, vault, notice_id)
    if said.kind is Kind.CANCEL:
        return _run_told(engine, status)
    mark = _caught_up(engine, index, catch_up)
    return _run_area(engine, index, status, said, mark)


def plan_for(engine: Engine, notice_id: int, recipient_ids: Sequence[int] | Ids) -> int:
    """Plans a notice for recipients who came into its area; returns how many subscriptions were new.

    0 for a notice that is not planned yet (its own run finds them), held or over.
    """
    with reading(engine) as connection:
        status = notices.get_status(connection, notice_id)
        if status.state != "planned" or standing(status, database_now(connection)) is Standing.OVER:
            return 0
        chosen = eligibility.eligible(connection, recipient_ids, status.audience)
        chosen = choosing.unless_repeated(connection, status, chosen)
    return _plan(engine, notice_id, chosen, np.zeros(len(chosen))) or 0


def _caught_up(engine: Engine, index: Index, catch_up: Callable[[], None]) -> int:
    """The sequence of an index that holds everything committed before now."""
    with reading(engine) as connection:
        wanted = positions.newest(connection)
    deadline = time.monotonic() + PATIENCE_S
    while True:
        catch_up()
        mark = index.seq  # before the match is read: it may show more than this, never less
        if mark >= wanted:
            return mark
        if time.monotonic() >= deadline:
            raise IndexBehind(f"the map stands at {mark}, the store at {wanted}")
        time.sleep(_LOOK_EVERY_S)


def _run_area(engine: Engine, index: Index, status: NoticeStatus, said: Notice, mark: int) -> FannedOut:
    """An alert or an update: who is inside the area, then, if it goes to them, whom earlier versions told outside it."""
    inside = choosing.within(index, said.area)
    whole, most = choosing.counted(engine, inside, status)
    digest = said.area.digest() if said.area is not None else ""
    why = choosing.guard(said.area, digest=digest, approved_digest=status.area_digest, matched=most, reach=status.reach)
    if why is not None:
        with writing(engine) as connection:
            notices.hold(connection, status.id, why)
        log.warning("notice_held", notice_id=status.id, matched=most, reach=status.reach)
        return FannedOut(most, held_why=why)
    _supersede(engine, status)
    parts = [whole] if whole is not None else choosing.nearest_parts(engine, index, status, said, inside)
    matched, planned = _plan_inside(engine, index, status, said, parts)
    told: int | None = 0
    if planned is not None and said.tells_outside:
        told = _plan_outside(engine, index, status, said)
    if planned is None or told is None or not _finish(engine, status.id, matched, mark):
        return FannedOut(matched, planned or 0, stopped=True)
    return FannedOut(matched, planned + told + _plan_late(engine, index, status.id, said, inside))


def _plan_inside(
    engine: Engine, index: Index, status: NoticeStatus, said: Notice, parts: Iterable[Eligible]
) -> tuple[int, int | None]:
    """How many people matched, and how many subscriptions are newly planned: None if it may not go on. The parts have
    nobody in common, and come in the order of leaving.
    """
    matched = total = 0
    for part in parts:
        matched += len(distinct(part.recipient_ids))
        with reading(engine) as connection:
            chosen = choosing.unless_repeated(connection, status, part)
        rank = nearest_first(index, chosen.recipient_ids, choosing.center(said))
        planned = _plan(engine, status.id, chosen, rank, woken=_woken(index, said, chosen.recipient_ids))
        if planned is None:
            return matched, None
        total += planned
    return matched, total


def _supersede(engine: Engine, status: NoticeStatus) -> None:
    """Earlier versions end before anybody is planned: whom they told only shrinks from here on."""
    with writing(engine) as connection:
        notices.set_over(connection, status.incident_id, "superseded", below_version=status.version)
        notices.set_outlets_over(connection, status.incident_id, status.number)


def _run_told(engine: Engine, status: NoticeStatus) -> FannedOut:
    """A cancel: whom the incident told or may have told, never the map."""
    chosen = _told(engine, status, "cancelled")
    planned = _plan(engine, status.id, chosen, np.full(len(chosen), CANCEL_RANK))
    done = planned is not None and _finish(engine, status.id, planned, None)
    return FannedOut(planned or 0, planned or 0, stopped=not done)


def _plan_outside(engine: Engine, index: Index, status: NoticeStatus, said: Notice) -> int | None:
    """Whom earlier versions told and the area no longer holds; who came into it just now is told like everybody inside."""
    chosen = _told(engine, status, "superseded")
    here = np.isin(chosen.recipient_ids, choosing.within(index, said.area))
    total = 0
    for part, outside in ((here, False), (~here, True)):
        some = choosing.only(chosen, part)
        planned = _plan(engine, status.id, some, np.full(len(some), RINGS_M[-1]), outside=outside)
        if planned is None:
            return None
        total += planned
    return total


def _told(engine: Engine, status: NoticeStatus, why: str) -> Eligible:
    """Those whom earlier versions told. They are ended first, so that nobody can be told by them after this has read."""
    with writing(engine) as connection:
        notices.set_over(connection, status.incident_id, why, below_version=status.version)
    with reading(engine) as connection:
        ids = ledger.told(connection, status.incident_id, below_version=status.version)
        chosen = eligibility.eligible_subscriptions(connection, ids, tests_only=status.status != "Actual")
        return choosing.unless_repeated(connection, status, chosen)


def _plan_late(engine: Engine, index: Index, notice_id: int, said: Notice, inside: Ids) -> int:
    """Those who came into the area since it was read."""
    now = choosing.within(index, said.area)
    return plan_for(engine, notice_id, now[~np.isin(now, inside)])


def _woken(index: Index, said: Notice, recipient_ids: Ids) -> NDArray[np.bool_] | None:
    """Whom quiet hours do not hold back: who is near, where the approved notice says how near that is."""
    if said.wakes_within_m is None or said.last_seen is None:
        return None
    return ranking.near(index, recipient_ids, said.last_seen, said.wakes_within_m)


def _plan(
    engine: Engine,
    notice_id: int,
    chosen: Eligible,
    rank: NDArray[np.float64],
    *,
    outside: bool = False,
    woken: NDArray[np.bool_] | None = None,
) -> int | None:
    """Chunk by chunk, what leaves first first; None if the notice may not be planned any more."""
    total = 0
    for part in choosing.chunks(ranking.order(rank), FIRST_CHUNKS):
        candidates = Candidates(
            choosing.only(chosen, part), rank[part], outside, None if woken is None else woken[part]
        )
        planned = again_if_crossed(partial(_plan_chunk, engine, notice_id, candidates))
        if planned is None:
            return None
        total += planned
    return total


def _plan_chunk(engine: Engine, notice_id: int, candidates: Candidates) -> int | None:
    with delivering(engine) as connection:
        return ledger.plan_once(connection, notice_id, candidates)


def _finish(engine: Engine, notice_id: int, matched: int, mark: int | None) -> bool:
    """Planned whole, and from its mark on the sweep looks after it: a cancel has none, its people are on no map."""
    with writing(engine) as connection:
        notices.set_planned(connection, notice_id, matched=matched, now=database_now(connection))
        if mark is not None:
            seen.begin(connection, notice_id, mark)
        status = notices.get_status(connection, notice_id)
    log.info("notice_planned", notice_id=notice_id, matched=matched, state=status.state)
    return status.state == "planned"
