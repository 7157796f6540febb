"""The import log: what became of each message of each source. Keyed hashes and types of faults, no word of any message."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from alerts.feed_tables import feed_import
from alerts.tables import incident, message

MOST_TYPES = 50


class Outcome(StrEnum):
    """What became of it."""

    DRAFTED = "drafted"  # a new incident, as a draft
    UPDATED = "updated"  # a new version of one, as a draft
    CANCELLED = "cancelled"  # the incident ended
    CANCEL_ASKED = "cancel asked"  # it takes back what people must take back: one of them, in one step
    REPLAYED = "replayed"  # known already, nothing changed
    ATTACHED = "attached"  # the same event as one that another source told
    ARCHIVED = "archived"  # too old to be broadcast
    REFUSED = "refused"
    OTHER = "other"  # not about an abducted child
    TAKEN_BACK = "taken back"  # not seen yet: its Cancel came first, and it is for nobody when it comes
    WAITING = "waiting"  # for a decision of people; looked at again


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log, about to be written. `rule`: due, approved, or why it is left to people; None: no rule."""

    source_id: int
    entry_hash: bytes
    outcome: Outcome
    origin_hash: bytes | None = None
    sent_at: datetime | None = None
    status: str | None = None
    msg_type: str | None = None
    faults: tuple[str, ...] = ()
    deviations: tuple[str, ...] = ()
    perhaps: tuple[int, ...] = ()
    incident_id: int | None = None
    message_id: int | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line as it is read: with the names of what it is about."""

    id: int
    at: datetime
    line: Line
    alert_id: str | None  # the public id of the message
    reached: bool  # whether that incident is still open


def write(connection: Connection, line: Line, at: datetime) -> None:
    """In the transaction of what it tells. A line that waited is replaced."""
    mine = (feed_import.c.source_id == line.source_id) & (feed_import.c.entry_hash == line.entry_hash)
    connection.execute(delete(feed_import).where(mine, feed_import.c.outcome == Outcome.WAITING.value))
    values = {name: getattr(line, name) for name in Line.__slots__} | {"outcome": line.outcome.value}
    for name in ("faults", "deviations", "perhaps"):
        values[name] = json.dumps(list(dict.fromkeys(values[name]))[:MOST_TYPES])
    connection.execute(insert(feed_import).values(at=at, **values))


def known(connection: Connection, source_id: int, hashes: Iterable[bytes]) -> set[bytes]:
    """Which of these entries were looked at and settled."""
    settled = (feed_import.c.source_id == source_id) & (feed_import.c.outcome != Outcome.WAITING.value)
    asked, found = list(hashes), set[bytes]()
    for start in range(0, len(asked), 500):
        part = feed_import.c.entry_hash.in_(asked[start : start + 500])
        found.update(connection.scalars(select(feed_import.c.entry_hash).where(settled, part)))
    return found


def find_origin(connection: Connection, origin_hash: bytes) -> tuple[int, int] | None:
    """(incident, source) of the message with this identity, whichever source brought it first."""
    row = connection.execute(
        select(feed_import.c.incident_id, feed_import.c.source_id)
        .where(feed_import.c.origin_hash == origin_hash, feed_import.c.incident_id.is_not(None))
        .where(feed_import.c.outcome != Outcome.WAITING.value)
        .order_by(feed_import.c.id)
    ).first()
    return (row.incident_id, row.source_id) if row else None


def take_back(connection: Connection, source_id: int, origin_hash: bytes, at: datetime) -> None:
    """What this source takes back before it told it; once."""
    if not was_taken_back(connection, source_id, origin_hash):
        known = hashlib.sha256(b"taken back " + origin_hash).digest()
        write(connection, Line(source_id, known, Outcome.TAKEN_BACK, origin_hash), at)


def was_taken_back(connection: Connection, source_id: int, origin_hash: bytes) -> bool:
    """Whether the Cancel of this message came before it, from the same source."""
    mine = (feed_import.c.source_id == source_id) & (feed_import.c.origin_hash == origin_hash)
    found = select(feed_import.c.id).where(mine, feed_import.c.outcome == Outcome.TAKEN_BACK.value)
    return connection.scalar(found) is not None


def brought_by(connection: Connection, incident_id: int) -> int | None:
    """The source whose message opened this incident."""
    first = (feed_import.c.incident_id == incident_id) & (feed_import.c.outcome == Outcome.DRAFTED.value)
    return connection.scalar(select(feed_import.c.source_id).where(first).order_by(feed_import.c.id))


def list_due(connection: Connection, source_id: int) -> list[Entry]:
    """Drafts that the rule has not decided on yet."""
    return _list(connection, (feed_import.c.source_id == source_id) & (feed_import.c.rule == "due"), 100)


def set_rule(connection: Connection, message_id: int, word: str) -> bool:
    """What the rule said of a draft, once."""
    due = (feed_import.c.message_id == message_id) & (feed_import.c.rule == "due")
    return connection.execute(update(feed_import).where(due).values(rule=word)).rowcount > 0


def list_source(connection: Connection, source_id: int, limit: int = 50) -> list[Entry]:
    """The newest first; what is about no abducted child is left out."""
    silent = [Outcome.OTHER.value, Outcome.TAKEN_BACK.value]
    ours = (feed_import.c.source_id == source_id) & feed_import.c.outcome.not_in(silent)
    return _list(connection, ours, limit)


def _list(connection: Connection, where: Any, limit: int) -> list[Entry]:
    joined = feed_import.outerjoin(message, message.c.id == feed_import.c.message_id).outerjoin(
        incident, incident.c.id == feed_import.c.incident_id
    )
    query = select(feed_import, message.c.public_id, incident.c.ended_at).select_from(joined).where(where)
    return [_entry(row) for row in connection.execute(query.order_by(feed_import.c.id.desc()).limit(limit))]


def _entry(row: Row[Any]) -> Entry:
    values = {name: getattr(row, name) for name in Line.__slots__} | {"outcome": Outcome(row.outcome)}
    for name in ("faults", "deviations", "perhaps"):
        values[name] = tuple(json.loads(values[name]))
    return Entry(row.id, row.at, Line(**values), row.public_id, row.incident_id is not None and row.ended_at is None)
