"""An incident's rows as the `Incident` that the lifecycle decides on, and what it decided back into the rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from alerts import store, worlds
from alerts.agencies import Officer
from alerts.errors import Changed, NotFound
from alerts.lifecycle import Content, Event, Incident, Message, State, apply
from alerts.store import IncidentRow, MessageRow
from notifiers.model import Kind

Seen = Collection[str] | None  # tags of the states that a change is meant for (`Incident.tag`); None: whatever it is


@dataclass(frozen=True, slots=True)
class Case:
    """An incident as stored, and the same as the lifecycle sees it."""

    row: IncidentRow
    messages: tuple[MessageRow, ...]
    incident: Incident

    def stored(self, number: int) -> MessageRow:
        return next(message for message in self.messages if message.number == number)


def open_case(connection: Connection, officer: Officer, alert_id: str, seen: Seen = None) -> tuple[Case, MessageRow]:
    """The case of an alert and the message itself. NotFound also for other agencies' alerts: they are not told of it.

    Changed when it is in none of the states that were `seen`; in the transaction of a change that is the last word.
    """
    message = store.find_message(connection, alert_id)
    row = store.get_incident(connection, message.incident_id) if message else None
    if message is None or row is None or officer.agency is None or row.agency_id != officer.agency.id:
        raise NotFound("no such alert")
    if not worlds.sees(connection, officer, row.id):
        raise NotFound("no such alert")
    case = load_case(connection, row)
    if seen is not None and case.incident.tag not in seen:
        raise Changed(case.incident.tag)
    return case, message


def load_case(connection: Connection, row: IncidentRow) -> Case:
    """The whole chain of an incident."""
    messages = tuple(store.list_messages(connection, row.id))
    return Case(row, messages, Incident(tuple(_message(connection, message) for message in messages)))


def _message(connection: Connection, row: MessageRow) -> Message:
    return Message(
        number=row.number,
        kind=Kind(row.kind),
        version=row.version,
        state=State(row.state),
        content=Content(row.content_hash, row.area_digest, row.reach, row.expires_at),
        authors=frozenset(store.list_authors(connection, row.id)),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        asked_at=row.asked_at,
    )


def decide(connection: Connection, case: Case, event: Event, now: datetime) -> Incident:
    """Apply `event` and store what became of the messages that were there. New messages are the caller's to add."""
    after = apply(case.incident, event, now)
    for before in case.incident.messages:
        changed = after.get(before.number)
        if changed != before:
            _store(connection, case.stored(before.number), changed, now)
    return after


def _store(connection: Connection, row: MessageRow, message: Message, now: datetime) -> None:
    store.change_message(
        connection,
        row.id,
        state=message.state.value,
        content_hash=message.content.content_hash,
        area_digest=message.content.area_digest,
        reach=message.content.reach,
        expires_at=message.content.expires_at,
        decided_by=message.decided_by,
        decided_at=message.decided_at,
        asked_at=message.asked_at,
    )
    store.add_authors(connection, row.id, message.authors, now)


def newest(messages: Sequence[Message]) -> Message:
    """The last message of a chain."""
    return max(messages, key=lambda message: message.number)
