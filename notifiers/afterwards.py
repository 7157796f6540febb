"""What is learned of a send after it: a provider's delivery receipt, a bounce.

A report names its place in the ledger (`receipts`), so nothing is looked up and nothing is kept for it but one bit. What
a receipt says weighs more than what the send seemed to be: it settles what is in doubt, and takes back a "sent".
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, bindparam, func, insert, select, update

from notifiers import bits, sets, subscriptions
from notifiers.bits import Bits
from notifiers.latency import counted
from notifiers.members import IDS
from notifiers.model import Outcome, Result
from notifiers.packing import unpack
from notifiers.recording import Trouble
from notifiers.sets import Sets
from notifiers.tables import batch, delivered, notice
from notifiers.troubles import read_attempts, write_troubles

REPORTED = (Result.SENT, Result.GONE, Result.REFUSED)  # SENT: it was delivered


@dataclass(frozen=True, slots=True)
class Reported:
    """A report that changed something."""

    subscription_id: int
    channel: str
    result: Result


@dataclass(frozen=True, slots=True)
class Report:
    """What a provider says became of a send."""

    batch_id: int
    position: int
    outcome: Outcome


def receipt(connection: Connection, batch_id: int, position: int, outcome: Outcome, now: datetime) -> Reported | None:
    """Puts down one report; see `receipts`."""
    return receipts(connection, [Report(batch_id, position, outcome)], now)[0]


def receipts(connection: Connection, reports: Sequence[Report], now: datetime) -> list[Reported | None]:
    """Puts down what providers say became of sends; None for each that changes nothing.

    SENT: it was delivered; what is in doubt or in flight is sent then, and will not be repeated. GONE and REFUSED: it
    did not arrive after all; of the gone the subscription is retired, and who has left leaves. Anything else ("still trying") changes nothing,
    nor does a report on what never left, on a batch that is not there, or a second one: the first final word stands.

    Locks the batches' rows, the lower id first, and then, only if somebody is gone or leaves, the sequence of the
    positions (`transactions`). No gate: from a report on, those who may have been told are at most fewer, whoever ends
    the notice meanwhile.
    """
    pages = _pages(connection, {one.batch_id for one in reports if one.outcome.result in REPORTED})
    found = [pages[one.batch_id].take(one, now) if one.batch_id in pages else None for one in reports]
    _deliver(connection, [page for page in pages.values() if page.delivered])
    for page in pages.values():
        if page.learned:
            _rewrite(connection, page)
            _explain(connection, page, now)
    for page in pages.values():
        for subscription_id, outcome in page.leaving:
            _let_go(connection, subscription_id, outcome, now)
    return found


@dataclass(slots=True, eq=False)
class _Page:
    """A locked batch and what was reported of it so far."""

    row: Row[Any]
    arrived: Bits
    sets: Sets
    delivered: Bits = 0  # those that are new
    learned: dict[int, Outcome] = field(default_factory=dict)
    ats: list[datetime] = field(default_factory=list)  # of those that count as sent from now on
    leaving: list[tuple[int, Outcome]] = field(default_factory=list)

    def whole(self) -> dict[str, Any]:
        """All that arrived, as it is stored."""
        positions = self.arrived | self.delivered
        return {"positions": bits.pack(positions, self.row.size), "count": positions.bit_count()}

    def take(self, report: Report, now: datetime) -> Reported | None:
        """One report; those before it stand already."""
        position, outcome = report.position, report.outcome
        if outcome.result not in REPORTED or position >= self.row.size:
            return None
        bit, before = 1 << position, self.sets
        if (self.arrived | self.delivered) & bit or not before.told & bit:
            return None
        if outcome.result is Result.SENT:
            self.delivered |= bit
        said = _of_which_try(before, bit, outcome)
        self.sets = before if said is None else before.learn(said.result, bit)
        if said is not None and self.sets != before:
            self.learned[position] = said
            self.ats += [now] if said.result is Result.SENT and not before.sent & bit else []
        id_ = int(unpack(self.row.subscription_ids, self.row.size)[position])
        if outcome.result is not Result.SENT:
            self.leaving.append((id_, outcome))
        changed = self.sets != before or outcome.result is Result.SENT
        return Reported(id_, self.row.channel, outcome.result) if changed else None


def _of_which_try(before: Sets, bit: Bits, outcome: Outcome) -> Outcome | None:
    """What the report says of the position. None: nothing yet, another try is under way.

    Where there was more than one try, a report that one did not arrive may be of an earlier one: then it is in doubt, so
    that a cancel still goes there.
    """
    if outcome.result is Result.SENT or not before.repeated & bit:
        return outcome
    return None if before.in_flight & bit else replace(outcome, result=Result.IN_DOUBT)


def subscription_at(connection: Connection, batch_id: int, position: int) -> int | None:
    """The subscription of a place in the ledger; None where there is no such place."""
    row = connection.execute(select(batch.c.size, IDS).where(batch.c.id == batch_id)).one_or_none()
    if row is None or position >= row.size:
        return None
    return int(unpack(row.subscription_ids, row.size)[position])


def count_delivered(connection: Connection, notice_id: int) -> dict[str, int]:
    """How many of a notice were delivered for sure, by channel; only channels whose providers tell."""
    return {channel: int(count) for channel, count in connection.execute(_DELIVERED, {"this": notice_id})}


def _pages(connection: Connection, batch_ids: Collection[int]) -> dict[int, _Page]:
    """Locked, so that they and the checkpoints of whoever holds the batches come one after the other."""
    rows = connection.execute(_LOCKED, {"these": sorted(batch_ids)}).all() if batch_ids else []
    stored = {one.batch_id: one.positions for one in connection.execute(_ARRIVED, {"these": [row.id for row in rows]})}
    return {row.id: _Page(row, bits.unpack(stored.get(row.id, b"")), sets.load(row.size, row)) for row in rows}


_DELIVERED = (
    select(batch.c.channel, func.sum(delivered.c.count))
    .join(batch, batch.c.id == delivered.c.batch_id)
    .where(batch.c.notice_id == bindparam("this"))
    .group_by(batch.c.channel)
)
_THESE: BindParameter[int] = bindparam("these", expanding=True)
_LOCKED = (  # made once (`claiming`)
    select(batch, IDS, notice.c.approved_at)
    .join(notice, notice.c.id == batch.c.notice_id)
    .where(batch.c.id.in_(_THESE))
    .order_by(batch.c.id)
    .with_for_update(of=batch)
)
_ARRIVED = select(delivered.c.batch_id, delivered.c.positions).where(delivered.c.batch_id.in_(_THESE))


_MORE = update(delivered).where(delivered.c.batch_id == bindparam("this"))


def _deliver(connection: Connection, pages: Sequence[_Page]) -> None:
    first = [{"batch_id": page.row.id, **page.whole()} for page in pages if not page.arrived]
    more = [{"this": page.row.id, **page.whole()} for page in pages if page.arrived]
    if first:
        connection.execute(insert(delivered), first)
    if more:
        connection.execute(_MORE, more)


def _rewrite(connection: Connection, page: _Page) -> None:
    """A batch that nobody holds and that has nothing left to do is done; a held one is its holder's to end."""
    ended = {"state": "done"} if page.row.state == "waiting" and page.sets.done else {}
    values = sets.columns(page.sets) | _times(page.row, page.ats) | ended
    connection.execute(update(batch).where(batch.c.id == page.row.id).values(**values))


def _let_go(connection: Connection, subscription_id: int, outcome: Outcome, now: datetime) -> None:
    """Who is gone is not contacted again, and who has left leaves."""
    if outcome.left:
        subscriptions.unsubscribe(connection, [subscription_id], now)
    elif outcome.result is Result.GONE:
        subscriptions.retire(connection, [subscription_id], outcome.reason, now)


def _times(row: Row[Any], ats: Sequence[datetime]) -> dict[str, Any]:
    """Of those that count as sent from now on."""
    if not ats:
        return {}
    return {
        "latency": counted(row.latency, row.approved_at, ats),
        "first_sent_at": row.first_sent_at or min(ats),
        "last_sent_at": max([*ats, *([row.last_sent_at] if row.last_sent_at else [])]),
    }


def _explain(connection: Connection, page: _Page, now: datetime) -> None:
    """The exception rows: none for what is sent after all, else the provider's reason."""
    tries = read_attempts(connection, page.row.id)
    troubles = {
        position: Trouble(said.result, said.reason[:64] or said.result.value, tries.get(position, 1), None, now)
        for position, said in page.learned.items()
        if said.result is not Result.SENT
    }
    write_troubles(connection, page.row.id, troubles, [one for one in page.learned if one not in troubles])
