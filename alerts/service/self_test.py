"""The self-test: every three minutes an Alert, an Update and a Cancel (status System) to the canaries, by the real road.

They are notices like any other, planned through the one door for canaries alone, sent by the workers, told to the
ledger. Their incidents have numbers below 0, so that no count and no list of real ones meets them; they hold nothing
of anyone, lie under no key, and their rows go after an hour. What came of them stays for a week (`alerts.self_tests`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Row, delete, func, select, update

from alerts import canaries, self_tests
from alerts.canaries import Canary
from alerts.public_ids import new_public_id
from alerts.service.end import May, always
from alerts.services import Services
from notifiers import fanout, notices
from notifiers.clock import database_now
from notifiers.model import Kind, Notice, Text
from notifiers.tables import batch, exception, metadata, notice, planned
from notifiers.transactions import writing

EVERY_S = 180.0
STEP_S = 30.0  # the next message of a round goes out when the last one is through, or after this
LIVES_S = 600.0
ROWS_S = 3600.0
NEXT = {Kind.ALERT: Kind.UPDATE, Kind.UPDATE: Kind.CANCEL}
WORDS = {
    Kind.ALERT: Text("TEST: self-test of Lookout", "This is a test of the alerting system. Nobody is missing."),
    Kind.UPDATE: Text(
        "TEST: self-test of Lookout, updated", "This is a test of the alerting system. Nobody is missing."
    ),
    Kind.CANCEL: Text("TEST: self-test of Lookout, over", "This was a test of the alerting system. It is over."),
}


@dataclass(frozen=True, slots=True)
class Step:
    """The message that is due."""

    incident_id: int
    incident: str
    kind: Kind
    version: int


def run(services: Services, may: May = always) -> int | None:
    """Notes what came of the last messages, and sends the one that is due, if any: its number.

    Safe to run twice or to die in: what is planned is planned once, and who wakes up late may not write.
    """
    with writing(services.engine) as connection:
        if not may(connection):
            return None
        now = database_now(connection)
        settle(connection, now)
        forget(connection, now)
        usable = [one for one in canaries.list_all(connection) if one.retired_why is None]
        step = due(connection, now) if usable else None
        notice_id = _add(connection, services, step, usable, now) if step else None
    if notice_id is not None:
        fanout.plan_for(services.engine, notice_id, sorted({one.recipient_id for one in usable}))
    return notice_id


def due(connection: Connection, now: datetime) -> Step | None:
    """What is to be sent now: the next of this round, or the first of a new one."""
    newest = select(notice).where(notice.c.incident_id < 0).order_by(notice.c.id.desc()).limit(1)
    last = connection.execute(newest).first()
    if last is None or now - _begun(connection, last) >= timedelta(seconds=EVERY_S):
        number = -1 - int(now.timestamp()) % 2_000_000_000
        return Step(number, new_public_id(), Kind.ALERT, 1)
    waits = any(row.notice_id == last.id for row in self_tests.unsettled(connection))
    after = NEXT.get(Kind(last.kind))
    if after is None or (waits and now - last.approved_at < timedelta(seconds=STEP_S)):
        return None
    return Step(last.incident_id, last.incident, after, last.version + 1)


def _begun(connection: Connection, last: Row[Any]) -> datetime:
    """When the round of this notice began."""
    first = select(func.min(notice.c.approved_at)).where(notice.c.incident_id == last.incident_id)
    begun: datetime = connection.execute(first).scalar_one()
    return begun


def settle(connection: Connection, now: datetime) -> None:
    """What the ledger knows by now of those of which nothing was known; who waits too long is late."""
    for row in self_tests.unsettled(connection):
        found = _outcome(connection, row)
        late = now - row.sent_at > timedelta(seconds=self_tests.LATE_S)
        if found is None and late:
            found = (self_tests.LATE, _reason(connection, row), None)
        if found is not None:
            self_tests.settle(connection, (row.notice_id, row.channel, row.origin), *found)


def forget(connection: Connection, now: datetime) -> None:
    """The rows of self-tests that are over for long; what came of them stays a while."""
    self_tests.forget(connection, now)
    old = (notice.c.incident_id < 0) & (notice.c.approved_at < now - timedelta(seconds=ROWS_S))
    rows = connection.execute(select(notice.c.id, notice.c.incident_id).where(old)).all()
    if not rows:
        return
    ids, incidents = [row.id for row in rows], sorted({row.incident_id for row in rows})
    parts = select(batch.c.id).where(batch.c.notice_id.in_(ids))
    for column in _pointing_at("batch.id"):
        connection.execute(delete(column.table).where(column.in_(parts)))
    for column in _pointing_at("notice.id"):
        connection.execute(delete(column.table).where(column.in_(ids)))
    connection.execute(delete(planned).where(planned.c.incident_id.in_(incidents)))
    connection.execute(delete(notice).where(notice.c.id.in_(ids)))


def _pointing_at(key: str) -> list[Column[Any]]:
    """Columns of delivery that refer to this one, in whatever tables there are: all of it goes, or nothing could."""
    return [
        found.parent
        for table in metadata.tables.values()
        for found in table.foreign_keys
        if found.target_fullname == key
    ]


def _add(connection: Connection, services: Services, step: Step, usable: Sequence[Canary], now: datetime) -> int:
    said = Notice(
        incident=step.incident,
        version=step.version,
        number=step.version,
        kind=step.kind,
        status="System",
        sent_at=now,
        expires_at=now + timedelta(seconds=LIVES_S),
        sender_name="Lookout",
        page_url=services.settings.base_url,
        texts={"en": WORDS[step.kind]},
    )
    notice_id = notices.add(
        connection, services.vault, said, incident_id=step.incident_id, key_name=None, approved_at=now
    )
    ready = {"state": "planned", "planned_at": now, "matched": len(usable)}  # nobody is looked for on the map
    connection.execute(update(notice).where(notice.c.id == notice_id).values(**ready))
    lanes = sorted({(one.channel, one.origin) for one in usable})
    key = {"notice_id": notice_id, "kind": step.kind.value, "sent_at": now}
    self_tests.add(connection, [key | {"channel": channel, "origin": origin} for channel, origin in lanes])
    return notice_id


def _outcome(connection: Connection, row: Row[Any]) -> tuple[str, str, int | None] | None:
    """Result, reason and milliseconds of all canaries at one receiver; None while one of them is open."""
    rows = connection.execute(select(batch).where(*_batches(row))).all()
    if not rows or any(one.state != "done" for one in rows):
        return None
    if all(one.n_sent == one.size for one in rows):
        last = max(one.last_sent_at for one in rows)
        return self_tests.SENT, "", max(0, round((last - row.sent_at).total_seconds() * 1000))
    names = ("refused", "gone", "gave_up", "in_doubt", "dropped")
    worst = next((name for name in names if any(getattr(one, f"n_{name}") for one in rows)), "dropped")
    return worst, _reason(connection, row), None


def _reason(connection: Connection, row: Row[Any]) -> str:
    query = select(exception.c.reason).join(batch, batch.c.id == exception.c.batch_id).where(*_batches(row))
    return connection.scalar(query.order_by(exception.c.last_at.desc()).limit(1)) or ""


def _batches(row: Row[Any]) -> tuple[Any, ...]:
    return batch.c.notice_id == row.notice_id, batch.c.channel == row.channel, batch.c.origin == row.origin
