"""How far the store's changes have been looked at for each notice: its mark, a sequence number of the positions.

A notice is matched on a map that holds everything up to its first mark; whoever is placed or subscribes later has a
later number. A sweep looks at all changes past the mark, plans who has come into the area and then moves the mark up:
a change is looked at by a match or by a sweep, whatever process dies in between, and one that two look at is planned
once (`notifiers.door`). A notice that was planned before there were marks counts from 0.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, insert, select, update

from notifiers.clock import database_now
from notifiers.model import Kind
from notifiers.tables import notice, seen


def begin(connection: Connection, notice_id: int, seq: int) -> None:
    """The first mark, with the notice's planning in one transaction; if there is one already, that stays."""
    if connection.scalar(select(seen.c.seq).where(seen.c.notice_id == notice_id)) is None:
        connection.execute(insert(seen).values(notice_id=notice_id, seq=seq))


def marks(connection: Connection) -> dict[int, int]:
    """The marks of the notices that newcomers are to be told of: planned, not over, no cancels."""
    rows = connection.execute(
        select(notice.c.id, func.coalesce(seen.c.seq, 0).label("seq"))
        .outerjoin(seen, seen.c.notice_id == notice.c.id)
        .where(notice.c.state == "planned", notice.c.kind != Kind.CANCEL.value)
        .where(notice.c.over.is_(None), notice.c.expires_at > database_now(connection))
    )
    return {row.id: row.seq for row in rows}


def advance(connection: Connection, notice_ids: Collection[int], seq: int) -> None:
    """Everything up to `seq` has been looked at for these; a mark never goes back."""
    for notice_id in notice_ids:
        begin(connection, notice_id, seq)
    connection.execute(update(seen).where(seen.c.notice_id.in_(notice_ids), seen.c.seq < seq).values(seq=seq))
