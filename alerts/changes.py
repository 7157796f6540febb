"""Changes of people, keys and agencies that wait for a second person: rows, each bound to the hash of its content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select, true, update

from alerts.access_tables import pending_change
from alerts.public_ids import new_public_id
from alerts.tables import officer


class Kind(StrEnum):
    """What is to be changed."""

    PERSON = "person"  # somebody new, with roles: an invitation
    ROLES = "roles"  # what somebody may do
    LINK = "link"  # a new invitation for somebody who lost their passkeys
    KEY = "key"  # an API key for somebody
    AGENCY = "agency"  # a new one with its jurisdiction
    JURISDICTION = "jurisdiction"
    LIVE = "live"  # an agency may send real alerts from now on
    MACHINE = "machine"  # one command on the machine: a key of a partner, a webhook, an outlet
    TIP_KEY = "tip_key"  # to whom an agency's tips are encrypted: a key of its own, or again the house's
    FEED_SOURCE = "feed_source"  # a feed whose alerts become an agency's drafts: new, changed, or on again
    FEED_RULE = "feed_rule"  # its drafts are approved by rule, up to a number of people


@dataclass(frozen=True, slots=True)
class Change:
    """One proposal. `agency_id` None: it is the house's."""

    id: str
    kind: Kind
    agency_id: int | None
    content: Mapping[str, Any] = field(repr=False)
    content_hash: str
    proposed_by: int
    proposed_at: datetime
    expires_at: datetime
    outcome: str | None
    proposer: str


def hash_of(kind: Kind, agency_id: int | None, words: str) -> str:
    """SHA-256, 64 hex digits, over all that is confirmed."""
    return hashlib.sha256(json.dumps([kind.value, agency_id, words]).encode()).hexdigest()


def propose(  # one argument a column
    connection: Connection,
    kind: Kind,
    agency_id: int | None,
    content: Mapping[str, Any],
    *,
    officer_id: int,
    now: datetime,
    lifetime_s: int,
) -> str:
    """Its public id."""
    public_id, words = new_public_id(), json.dumps(content, sort_keys=True)
    row = {"public_id": public_id, "kind": kind.value, "agency_id": agency_id, "content": words}
    times = {"proposed_at": now, "expires_at": now + timedelta(seconds=lifetime_s)}
    known = hash_of(kind, agency_id, words)
    connection.execute(insert(pending_change).values(**row, **times, content_hash=known, proposed_by=officer_id))
    return public_id


def find(connection: Connection, public_id: str) -> Change | None:
    rows = _list(connection, pending_change.c.public_id == public_id)
    return rows[0] if rows else None


def list_open(connection: Connection, agency_id: int | None, now: datetime) -> list[Change]:
    """Those that wait, of an agency, or with None of everybody; the newest first."""
    whose = true() if agency_id is None else pending_change.c.agency_id == agency_id
    return _list(connection, whose & pending_change.c.outcome.is_(None) & (pending_change.c.expires_at > now))


def decide(connection: Connection, change: Change, outcome: str, officer_id: int, now: datetime) -> bool:
    """Whether it still waited, with this very content, and was not proposed by who decides: one statement says so."""
    waits = pending_change.c.outcome.is_(None) & (pending_change.c.expires_at > now)
    same = (pending_change.c.public_id == change.id) & (pending_change.c.content_hash == change.content_hash)
    by_another = pending_change.c.proposed_by != officer_id if outcome == "confirmed" else true()
    chosen = update(pending_change).where(same, waits, by_another)
    return connection.execute(chosen.values(outcome=outcome, decided_by=officer_id, decided_at=now)).rowcount == 1


def spend(connection: Connection, public_id: str, words: str, now: datetime) -> bool:
    """Whether two people allowed this very command, and it was not given yet: from now on it was."""
    content = json.dumps({"words": words}, sort_keys=True)
    allowed = (pending_change.c.outcome == "confirmed") & (pending_change.c.expires_at > now)
    same = (pending_change.c.public_id == public_id) & (pending_change.c.kind == Kind.MACHINE.value)
    chosen = update(pending_change).where(same, allowed, pending_change.c.content == content)
    return connection.execute(chosen.values(outcome="done")).rowcount == 1


def _list(connection: Connection, where: ColumnElement[bool]) -> list[Change]:
    query = select(pending_change, officer.c.name.label("proposer"))
    query = query.join(officer, officer.c.id == pending_change.c.proposed_by).where(where)
    return [_change(row) for row in connection.execute(query.order_by(pending_change.c.id.desc()))]


def _change(row: Row[Any]) -> Change:
    """The hash is made anew: what was altered in the store is not what was proposed, and cannot be confirmed."""
    kind = Kind(row.kind)
    known = hash_of(kind, row.agency_id, row.content)
    return Change(
        row.public_id,
        kind,
        row.agency_id,
        json.loads(row.content),
        known,
        row.proposed_by,
        row.proposed_at,
        row.expires_at,
        row.outcome,
        row.proposer,
    )
