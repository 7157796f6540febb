"""A person's places one by one in the database: listed, removed, and ended when they are past their time by policy.

As in `geo.store`, the caller owns the transaction, and every index hears of a change through the sequence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, select, update

from geo import kinds, store
from geo.kinds import Held
from geo.store import chunks
from geo.tables import position

DUE = 10_000  # places that one `expire` looks at: the writer lock is soon free again, and the next round goes on


class Kept(NamedTuple):
    """One place of a person as it is stored."""

    kind: str
    number: int
    lon: float
    lat: float
    radius_m: float
    moved_at: datetime
    expires_at: datetime | None


def remove(connection: Connection, recipient_id: int, kind: str, number: int = 0) -> int | None:
    """One place of a person goes; who has none left is forgotten. The new sequence number, None if there is no such place."""
    this = (position.c.recipient_id == recipient_id, position.c.kind == kind, position.c.number == number)
    if connection.execute(delete(position).where(*this)).rowcount == 0:
        return None
    return _lost(connection, [recipient_id])


def expire(connection: Connection, now: datetime) -> int | None:
    """Places go that are past their time by policy (`geo.kinds`); whoever has none left is forgotten.

    The new sequence number, None if nothing went. Looks at DUE places at most: to be called again and again.
    """
    due = select(position.c.recipient_id).where(position.c.expires_at <= now).order_by(position.c.expires_at)
    people = list(dict.fromkeys(connection.scalars(due.limit(DUE))))
    judged = [(one, kinds.judge(places, now)) for one, places in _held(connection, people)]
    _end(connection, [(one, place) for one, found in judged for place in found.over])
    _keep(connection, [(one, place) for one, found in judged for place in found.kept])
    losers = [one for one, found in judged if found.over]
    return _lost(connection, losers) if losers else None


def kept_of(connection: Connection, recipient_id: int) -> list[Kept]:
    """The places of one person, the one that stands for them first."""
    columns = [position.c[name] for name in Kept._fields]
    rows = connection.execute(select(*columns).where(position.c.recipient_id == recipient_id))
    return kinds.by_rank(Kept(*row) for row in rows)


def _held(connection: Connection, recipient_ids: Sequence[int]) -> Iterator[tuple[int, list[Held]]]:
    """Each of these people with all places."""
    columns = [position.c[name] for name in ("recipient_id", *Held._fields)]
    for chunk in chunks(recipient_ids):
        rows = connection.execute(
            select(*columns).where(position.c.recipient_id.in_(chunk)).order_by(position.c.recipient_id)
        )
        for recipient_id, places in groupby(rows, key=lambda row: row.recipient_id):
            yield recipient_id, [Held(*row[1:]) for row in places]


def _end(connection: Connection, over: Sequence[tuple[int, Held]]) -> None:
    if over:
        connection.execute(delete(position).where(*_this()), [_named(*one) for one in over])


def _keep(connection: Connection, kept: Sequence[tuple[int, Held]]) -> None:
    if kept:
        until = update(position).where(*_this()).values(expires_at=bindparam("until"))
        connection.execute(until, [_named(one, place) | {"until": place.expires_at} for one, place in kept])


def _this() -> tuple[Any, ...]:
    """One place, by parameters as `_named` gives them."""
    names = {"recipient_id": "of", "kind": "the_kind", "number": "the_number"}
    return tuple(position.c[name] == bindparam(parameter) for name, parameter in names.items())


def _named(recipient_id: int, place: Held) -> dict[str, Any]:
    return {"of": recipient_id, "the_kind": place.kind, "the_number": place.number}


def _lost(connection: Connection, recipient_ids: Sequence[int]) -> int:
    """These people lost a place: who has another is told again, who has none is forgotten. The new sequence number."""
    rest: set[int] = set()
    for chunk in chunks(recipient_ids):
        rest.update(connection.scalars(select(position.c.recipient_id).where(position.c.recipient_id.in_(chunk))))
    nowhere = [one for one in recipient_ids if one not in rest]
    if rest:
        seq = store.touch(connection, sorted(rest))
    return store.forget(connection, nowhere) if nowhere else seq
