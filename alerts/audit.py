"""The log of who did what, when, to what content, from where: each entry chained to the one before (`alerts.audit_chain`).

It holds ids, numbers and hashes only: a log cannot forget, so nothing of a child may enter it. A content's hash is keyed
with the incident's key (`alerts.sealing`): once that is destroyed, nobody can find a name by trying names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Row, insert, select

from alerts import acting
from alerts.audit_chain import GENESIS, Breach, Entry, Head, check, digest
from alerts.tables import audit

SYSTEM = "system"
_LOOK_BACK = 20_000  # entries

Detail = Mapping[str, int | str | None]


class BrokenChain(Exception):
    """The log was tampered with; `audit_id` is the first entry of which something is wrong."""

    def __init__(self, breaches: Sequence[Breach]) -> None:
        super().__init__("; ".join(breach.said for breach in breaches))
        self.breaches = tuple(breaches)
        self.audit_id = breaches[0].number


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
    """Append one entry, in the caller's transaction: what is undone leaves no trace of having been done.

    The caller's is a `transactions.writing`: nobody else appends meanwhile, so that no number is left out.
    """
    last = connection.execute(select(audit.c.id, audit.c.hash).order_by(audit.c.id.desc()).limit(1)).one_or_none()
    number, previous = (last.id + 1, last.hash) if last else (1, GENESIS)
    words = json.dumps(detail or {}, sort_keys=True, separators=(",", ":"))
    entry = Entry(number, at, actor, acting.words(), action, incident_id, message_id, words, previous, b"")
    connection.execute(insert(audit).values(**_columns(replace(entry, hash=digest(entry)))))


def entries(connection: Connection) -> Iterator[Entry]:
    """The whole log, oldest first."""
    for row in connection.execute(select(audit).order_by(audit.c.id)):
        yield _entry(row)


@dataclass(frozen=True, slots=True)
class Done:
    """One act as the log has it; `officer_id` None: nobody did it but time."""

    action: str
    officer_id: int | None
    at: datetime


def list_since(connection: Connection, incident_id: int, number: int, most: int) -> list[Done]:
    """The newest `most` acts on an incident after entry `number`, the oldest of them first.

    There is no index on incidents: `number` is recent, or at most the last `_LOOK_BACK` entries are looked at.
    """
    after = max(number, newest(connection)[0] - _LOOK_BACK)
    query = (
        select(audit.c.action, audit.c.actor, audit.c.at)
        .where(audit.c.id > after, audit.c.incident_id == incident_id)
        .order_by(audit.c.id.desc())
        .limit(most)
    )
    return [Done(row.action, _officer(row.actor), row.at) for row in reversed(connection.execute(query).all())]


def _officer(actor: str) -> int | None:
    kind, _, number = actor.partition(":")
    return int(number) if kind == "officer" and number.isdecimal() else None


def newest(connection: Connection) -> tuple[int, bytes]:
    """Number and hash of the newest entry; (0, GENESIS) of an empty log."""
    row = connection.execute(select(audit.c.id, audit.c.hash).order_by(audit.c.id.desc()).limit(1)).one_or_none()
    return (row.id, row.hash) if row else (0, GENESIS)


def verify(connection: Connection, heads: Sequence[Head] = (), public_key: Ed25519PublicKey | None = None) -> int:
    """Walk the whole chain, against the signed heads if given; how many entries there are, or BrokenChain."""
    found = check(entries(connection), heads if public_key else (), public_key or _NO_KEY)
    if found:
        raise BrokenChain(found)
    return sum(1 for _ in entries(connection))


_NO_KEY = Ed25519PublicKey.from_public_bytes(bytes(32))  # asked of no head


def _columns(entry: Entry) -> dict[str, object]:
    named = {name: getattr(entry, name) for name in Entry.__slots__}
    return named | {"id": named.pop("number")}


def _entry(row: Row[tuple[object, ...]]) -> Entry:
    named = row._asdict()
    return Entry(number=named.pop("id"), **named)
