"""What is learned of a send after it: a provider's delivery receipt, a bounce.

A report names its place in the ledger (`receipts`), so nothing is looked up and nothing is kept for it but one bit. What
a receipt says weighs more than what the send seemed to be: it settles what is in doubt, and takes back a "sent".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, func, insert, select, update

from notifiers import bits, sets, subscriptions
from notifiers.bits import Bits
from notifiers.latency import counted
from notifiers.model import Outcome, Result
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


def receipt(connection: Connection, batch_id: int, position: int, outcome: Outcome, now: datetime) -> Reported | None:
    """Puts down what a provider says became of a send; None where it changes nothing.

    SENT: it was delivered; what is in doubt or in flight is sent then, and will not be repeated. GONE and REFUSED: it
    did not arrive after all; of the gone the subscription is retired, and who has left leaves. Anything else ("still trying") changes nothing,
    nor does a report on what never left, on a batch that is not there, or a second one: the first final word stands.
    """
    if outcome.result not in REPORTED:
        return None
    row = _row(connection, batch_id)
    if row is None or position >= row.size:
        return None
    bit, arrived = 1 << position, _arrived(connection, batch_id)
    before = sets.load(row.size, row)
    if arrived & bit or not before.told & bit:
        return None
    said = _of_which_try(before, bit, outcome)
    after = before if said is None else before.learn(said.result, bit)
    if outcome.result is Result.SENT:
        _deliver(connection, row, arrived, bit)
    if said is not None and after != before:
        _rewrite(connection, row, after, {} if before.sent & bit else _times(row, said, now))
        _explain(connection, batch_id, position, said, now)
    subscription_id = int(np.frombuffer(row.subscription_ids, "<u4")[position])
    if outcome.left:
        subscriptions.unsubscribe(connection, [subscription_id], now)
    elif outcome.result is Result.GONE:
        subscriptions.retire(connection, [subscription_id], outcome.reason, now)
    return Reported(subscription_id, row.channel, outcome.result)


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
    ids = connection.scalar(select(batch.c.subscription_ids).where(batch.c.id == batch_id))
    found = np.frombuffer(ids or b"", "<u4")
    return int(found[position]) if position < len(found) else None


def count_delivered(connection: Connection, notice_id: int) -> dict[str, int]:
    """How many of a notice were delivered for sure, by channel; only channels whose providers tell."""
    total = select(batch.c.channel, func.sum(delivered.c.count)).join(batch, batch.c.id == delivered.c.batch_id)
    rows = connection.execute(total.where(batch.c.notice_id == notice_id).group_by(batch.c.channel))
    return {channel: int(count) for channel, count in rows}


def _row(connection: Connection, batch_id: int) -> Row[Any] | None:
    """Locked, so that it and the checkpoints of whoever holds the batch come one after the other."""
    found = select(batch, notice.c.approved_at).join(notice, notice.c.id == batch.c.notice_id)
    return connection.execute(found.where(batch.c.id == batch_id).with_for_update(of=batch)).one_or_none()


def _arrived(connection: Connection, batch_id: int) -> Bits:
    stored = connection.scalar(select(delivered.c.positions).where(delivered.c.batch_id == batch_id))
    return bits.unpack(stored or b"")


def _deliver(connection: Connection, row: Row[Any], arrived: Bits, bit: Bits) -> None:
    positions = arrived | bit
    values = {"positions": bits.pack(positions, row.size), "count": positions.bit_count()}
    if arrived:
        connection.execute(update(delivered).where(delivered.c.batch_id == row.id).values(**values))
    else:
        connection.execute(insert(delivered).values(batch_id=row.id, **values))


def _rewrite(connection: Connection, row: Row[Any], after: Sets, times: dict[str, Any]) -> None:
    """A batch that nobody holds and that has nothing left to do is done; a held one is its holder's to end."""
    ended = {"state": "done"} if row.state == "waiting" and after.done else {}
    connection.execute(update(batch).where(batch.c.id == row.id).values(**sets.columns(after), **times, **ended))


def _times(row: Row[Any], outcome: Outcome, now: datetime) -> dict[str, Any]:
    """Of one that counts as sent from now on."""
    if outcome.result is not Result.SENT:
        return {}
    return {
        "latency": counted(row.latency, row.approved_at, [now]),
        "first_sent_at": row.first_sent_at or now,
        "last_sent_at": max(row.last_sent_at or now, now),
    }


def _explain(connection: Connection, batch_id: int, position: int, outcome: Outcome, now: datetime) -> None:
    """The exception row: none for what is sent after all, else the provider's reason."""
    tries = read_attempts(connection, batch_id).get(position, 1)
    trouble = Trouble(outcome.result, outcome.reason[:64] or outcome.result.value, tries, None, now)
    sent = outcome.result is Result.SENT
    write_troubles(connection, batch_id, {} if sent else {position: trouble}, [position] if sent else [])
