"""The log of who did what, each row chained to the one before by its hash, so that a row changed or cut out is seen.

It holds ids, numbers and hashes only: a log cannot forget, so nothing of a child may enter it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select

from alerts.tables import audit
from geo.columns import microseconds

GENESIS = bytes(32)
SYSTEM = "system"

Detail = Mapping[str, int | str | None]


class BrokenChain(Exception):
    """A row of the log does not fit the one before it; `audit_id` is the first that does not."""

    def __init__(self, audit_id: int) -> None:
        super().__init__(f"the log is broken at row {audit_id}")
        self.audit_id = audit_id


def by_officer(officer_id: int) -> str:
    return f"officer:{officer_id}"


def write(  # one argument a column
    connection: Connection,
    actor: str,
    action: str,
    at: datetime,
    *,
    incident_id: int | None = None,
    message_id: int | None = None,
    detail: Detail | None = None,
) -> None:
    """Append one row, in the caller's transaction: what is undone leaves no trace of having been done."""
    previous = connection.scalar(select(audit.c.hash).order_by(audit.c.id.desc()).limit(1)) or GENESIS
    words = json.dumps(detail or {}, sort_keys=True, separators=(",", ":"))
    digest = _digest(previous, at, actor, action, incident_id, message_id, words)
    connection.execute(
        insert(audit).values(
            at=at,
            actor=actor,
            action=action,
            incident_id=incident_id,
            message_id=message_id,
            detail=words,
            previous=previous,
            hash=digest,
        )
    )


def verify(connection: Connection) -> int:
    """Walk the whole chain; the number of rows, or BrokenChain at the first row that was changed, moved or bereft."""
    previous, count = GENESIS, 0
    for row in connection.execute(select(audit).order_by(audit.c.id)):
        if row.previous != previous or row.hash != _digest_of(row):
            raise BrokenChain(row.id)
        previous, count = row.hash, count + 1
    return count


def _digest_of(row: Row[tuple[object, ...]]) -> bytes:
    return _digest(row.previous, row.at, row.actor, row.action, row.incident_id, row.message_id, row.detail)


def _digest(previous: bytes, at: datetime, *fields: str | int | None) -> bytes:
    # JSON keeps the fields apart: no two different rows read the same.
    words = json.dumps([microseconds(at), *fields], separators=(",", ":"))
    return hashlib.sha256(previous + words.encode()).digest()
