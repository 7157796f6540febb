"""Requests of a family that something of an alert be removed: what they wrote, until when it is answered, and what came
of it. What they wrote is sealed under a key of its own, destroyed with the answer; who wrote is known by a token alone.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from alerts.console_tables import removal
from alerts.public_ids import new_public_id
from notifiers.vault import KeyGone, Vault

OUTCOMES = {
    "removed": "What you asked for has been removed.",
    "nothing": "Nothing of it is held here any more: it was removed when the alert ended.",
    "elsewhere": "It is held by somebody else: we have asked them to remove it.",
    "declined": "It was not removed. The agency that sent the alert can tell you why.",
}


@dataclass(frozen=True, slots=True)
class Removal:
    """One request. `asked` and `contact` are empty once it is answered: the key is gone."""

    id: int
    incident: str
    created_at: datetime
    due_at: datetime
    closed_at: datetime | None
    outcome: str | None
    asked: str = ""
    contact: str = ""


def add(  # what a request is made of
    connection: Connection, vault: Vault, *, incident: str, asked: str, contact: str, now: datetime, within: timedelta
) -> str:
    """Keeps the request, sealed; the token of its status page, which is kept nowhere."""
    token, key_name = new_public_id(), f"removal-{secrets.token_hex(8)}"
    vault.create(key_name)
    sealed = vault.seal(key_name, json.dumps({"asked": asked, "contact": contact}).encode())
    row = {"incident": incident, "key_name": key_name, "created_at": now, "due_at": now + within}
    connection.execute(insert(removal).values(token_hash=_hash(token), sealed=sealed, **row))
    return token


def find(connection: Connection, token: str) -> Removal | None:
    """How a request stands, for who holds its token: without what was written."""
    row = connection.execute(select(removal).where(removal.c.token_hash == _hash(token))).one_or_none()
    return Removal(row.id, row.incident, row.created_at, row.due_at, row.closed_at, row.outcome) if row else None


def list_open(connection: Connection, vault: Vault) -> list[Removal]:
    """All that wait, the nearest deadline first, with what was written."""
    rows = connection.execute(select(removal).where(removal.c.closed_at.is_(None)).order_by(removal.c.due_at))
    found = []
    for row in rows:
        try:
            said = json.loads(vault.open(row.key_name, row.sealed))
        except KeyGone:
            said = {}
        found.append(Removal(row.id, row.incident, row.created_at, row.due_at, None, None, **said))
    return found


def close(connection: Connection, removal_id: int, outcome: str, now: datetime) -> str | None:
    """Answers it; the name of the key to destroy once this is committed. None where it was answered before."""
    waiting = (removal.c.id == removal_id) & removal.c.closed_at.is_(None)
    key_name = connection.scalar(select(removal.c.key_name).where(waiting))
    connection.execute(update(removal).where(waiting).values(closed_at=now, outcome=outcome, sealed=b""))
    return key_name


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
