"""Who is refused again and again: three times over a day retires, and nothing less. Sparse, a row only for the refused.

A 400 or a 413 speaks of one message as much as of one subscription, so one is no reason to give somebody up. One
notice counts once, whatever is repeated of it; a send that arrives wipes the slate clean; and where most of a batch
is refused the fault is in what we say, and counts against nobody. 401, 403 (our fault), 408, 425, 429 (later) and
404, 410 (gone at once) never come here: see `notifiers.outcome`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from notifiers.tables import refusal, subscription

ENOUGH = 3
OVER = timedelta(hours=24)
FEW = 5  # so many of a batch may be refused before anyone asks whether it is us


def counts(reason: str) -> bool:
    """Whether a refusal for this reason speaks of the subscription: an HTTP 4xx of the receiver's."""
    return len(reason) == 3 and reason.isascii() and reason.isdigit() and reason[0] == "4"


def ours(refused: int, sent: int) -> bool:
    """Whether so many refusals beside so many sent ones in a batch say that our message is at fault."""
    return refused > FEW and refused > sent


def reached(connection: Connection, subscription_ids: Sequence[int]) -> None:
    """They took a message: what was counted against them is forgotten. One look into an index where nothing is."""
    if connection.execute(select(refusal.c.subscription_id).limit(1)).first() is not None:
        connection.execute(delete(refusal).where(refusal.c.subscription_id.in_(subscription_ids)))


def count(connection: Connection, subscription_ids: Sequence[int], notice_id: int, now: datetime) -> list[int]:
    """They were refused with this notice; returns those for whom it is enough.

    Who left since has no row any more, and gets none here: it would break the whole checkpoint.
    """
    chosen = select(refusal).where(refusal.c.subscription_id.in_(subscription_ids)).with_for_update()
    known = {row.subscription_id: row for row in connection.execute(chosen)}
    here = set(connection.scalars(select(subscription.c.id).where(subscription.c.id.in_(subscription_ids))))
    fresh = [one for one in subscription_ids if one in here and one not in known]
    again = [one for one, row in known.items() if row.notice_id != notice_id]
    if fresh:
        start = {"times": 1, "first_at": now, "last_at": now, "notice_id": notice_id}
        connection.execute(insert(refusal), [{"subscription_id": one, **start} for one in fresh])
    if again:
        more = {"times": refusal.c.times + 1, "last_at": now, "notice_id": notice_id}
        connection.execute(update(refusal).where(refusal.c.subscription_id.in_(again)).values(**more))
    return [one for one in again if known[one].times + 1 >= ENOUGH and now - known[one].first_at >= OVER]
