"""How an alert ends: cancelled by one person in one step, or because its time ran out.

In one transaction the messages end, everything that waits is dropped and, where anyone may have been told, the notice
that it is over is queued. After the commit the incident's key is destroyed; a crash in between is mended by the sweep
(`destroy_keys`), which the server runs at its start and every second.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from alerts import audit, cancel_message, store
from alerts.agencies import Officer
from alerts.incident import REQUEST_LIVES
from alerts.lifecycle import Cancel, Expire, Incident, Lapse, State
from alerts.model import Alert
from alerts.notice import over, over_languages
from alerts.reports import Decision
from alerts.service.cap_signing import sign
from alerts.service.chain import Case, Seen, decide, load_case, open_case
from alerts.service.kept import keep, once
from alerts.service.languages import spoken_now
from alerts.service.sealed import unseal
from alerts.services import Services
from alerts.store import MessageRow
from alerts.texts import texts
from notifiers import notices
from notifiers.clock import database_now
from notifiers.model import Notice
from notifiers.transactions import reading, writing
from notifiers.vault import KeyGone

log = structlog.get_logger()

NO_KEY = None  # the notice that it is over holds nothing of the child
May = Callable[[Connection], bool]


@dataclass(frozen=True, slots=True)
class _Ended:
    """The notices that were dropped, and the one that says it is over, if anyone may have been told."""

    dropped: list[int] = field(default_factory=list)
    over_id: int | None = None


@once(Decision)
def cancel(services: Services, officer: Officer, alert_id: str, seen: Seen = None) -> Decision:
    """End the whole incident now. Raises NotFound, Over, Changed."""
    now = services.clock()
    with writing(services.engine) as connection:
        case, message = open_case(connection, officer, alert_id, seen)
        ended, after = _end(connection, services, case, Cancel(officer.id), now)
        _log(connection, audit.by_officer(officer.id), "cancel", case, message, now)
        token, over_id = case.row.token, ended.over_id
        left = Decision(message.public_id, token, State.CANCELLED.value, now, notice_id=over_id, tag=after.tag)
        keep(connection, left)
    _forget(services, ended)
    return left


def recall(services: Services, operator: Officer, incident_id: int) -> None:
    """An operator ends an incident of any agency, as a cancel does: for one that should never have gone out.

    NotFound; Over where it has ended.
    """
    with writing(services.engine) as connection:
        now = services.clock()
        case = load_case(connection, store.get_incident(connection, incident_id))
        ended, _ = _end(connection, services, case, Cancel(operator.id), now)
        detail: audit.Detail = {"notice_id": ended.over_id}
        audit.write(connection, audit.by_officer(operator.id), "recall", now, incident_id=incident_id, detail=detail)
    _forget(services, ended)


def lapse_due(services: Services, may: May = lambda _connection: True) -> int:
    """Requests that waited for their approval too long wait no more; how many. By the database's clock, as expiry is."""
    with reading(services.engine) as connection:
        since = database_now(connection) - REQUEST_LIVES
        due = store.list_unanswered(connection, since, State.PENDING.value)
    for incident_id in due:
        with writing(services.engine) as connection:
            if may(connection):
                _lapse(connection, incident_id)
    return len(due)


def _lapse(connection: Connection, incident_id: int) -> None:
    now = database_now(connection)
    case = load_case(connection, store.get_incident(connection, incident_id))
    after = decide(connection, case, Lapse(), now)
    for message in (m for m in after.messages if m != case.incident.get(m.number)):
        _log(connection, audit.SYSTEM, "lapse", case, case.stored(message.number), now)


def _log(  # the parts of an entry
    connection: Connection, actor: str, action: str, case: Case, message: MessageRow, now: datetime
) -> None:
    detail = {"content_hash": message.content_hash}
    audit.write(connection, actor, action, now, incident_id=case.row.id, message_id=message.id, detail=detail)


def always(_connection: Connection) -> bool:
    """Who is not one of several that do the same job may always write."""
    return True


def expire_due(services: Services, may: May = always) -> int:
    """End everything whose time has run out, as long as we `may`, asked in each transaction; how many were due.

    By the database's clock, not this server's: one whose clock is wrong would destroy keys too early, or keep them.
    """
    with reading(services.engine) as connection:
        due = [row.id for row in store.list_due(connection, database_now(connection))]
    for incident_id in due:
        _expire(services, incident_id, may)
    return len(due)


def _expire(services: Services, incident_id: int, may: May) -> None:
    with writing(services.engine) as connection:
        if not may(connection):
            return
        now = database_now(connection)
        case = load_case(connection, store.get_incident(connection, incident_id))
        if case.row.ended_at is not None:  # cancelled a moment ago
            return
        ended, _ = _end(connection, services, case, Expire(), now)
        audit.write(connection, audit.SYSTEM, "expire", now, incident_id=incident_id)
    _forget(services, ended)


def end_if_over(connection: Connection, case: Case, after: Incident, why: str, now: datetime) -> None:
    """After a decision: mark the incident ended where nothing of it can come into force any more, else its next expiry."""
    if after.over:
        store.change_incident(connection, case.row.id, ended_at=now, ended_why=why, expires_at=None)
    else:
        store.change_incident(connection, case.row.id, expires_at=next_expiry(after))


def next_expiry(incident: Incident) -> datetime | None:
    """When something of it runs out next: what is in force or what is open."""
    return min((m.content.expires_at for m in (incident.in_force, incident.open) if m), default=None)


def _end(
    connection: Connection, services: Services, case: Case, event: Cancel | Expire, now: datetime
) -> tuple[_Ended, Incident]:
    """Everything that waits is dropped; whoever may have been told is to be told that it is over."""
    row, why = case.row, "cancelled" if isinstance(event, Cancel) else "expired"
    after = decide(connection, case, event, now)
    end_if_over(connection, case, after, why, now)
    if not after.over:  # only a proposal ran out
        return _Ended(), after
    dropped = notices.set_over(connection, row.id, why)
    if not notices.list_incident(connection, row.id):
        return _Ended(dropped), after
    said = replace(_say_over(services, case, after, why, now), spoken=spoken_now(connection, services))
    over_id = notices.add(connection, services.vault, said, incident_id=row.id, key_name=NO_KEY, approved_at=now)
    return _Ended(dropped, over_id), after


def _say_over(services: Services, case: Case, after: Incident, why: str, now: datetime) -> Notice:
    row, opened = case.row, _opened(services, case)
    said = over(
        after,
        incident_token=row.token,
        status=row.status,
        why=why,
        sender_name=row.agency_name,
        page_url=f"{services.settings.base_url}/a/{row.token}",
        now=now,
        expires_at=now + timedelta(seconds=services.settings.over_notice_s),
        languages=_languages(opened),
    )
    # The last moment at which it can be named what ends.
    written = cancel_message.write(opened, said) if opened else b""
    return replace(said, cap_xml=sign(services, written)) if written else said


def _opened(services: Services, case: Case) -> Alert | None:
    """What was in force, while it can be opened."""
    in_force = case.incident.in_force
    if in_force is not None:
        with suppress(KeyGone):
            return unseal(services.vault, case.row.key_name, case.stored(in_force.number)).alert
    return None


def _languages(opened: Alert | None) -> list[str]:
    """In which languages to say that it is over: those of what was said, and the two we always can."""
    return list(over_languages(texts(opened) if opened else ()))


def _forget(services: Services, ended: _Ended) -> None:
    for notice_id in ended.dropped:
        services.watch.remove(notice_id)
    if ended.over_id is not None:
        services.fan_out(ended.over_id)
    destroy_keys(services)


def destroy_keys(services: Services) -> int:
    """Destroy the keys of ended incidents that still exist; how many. Safe to repeat, and in several processes."""
    with reading(services.engine) as connection:
        left = store.list_keys_to_destroy(connection)
    for row in left:
        services.vault.destroy(row.key_name)
    if left:
        with writing(services.engine) as connection:
            open_ = {row.id for row in store.list_keys_to_destroy(connection)}
            for row in (row for row in left if row.id in open_):  # the rest another process has noted meanwhile
                store.change_incident(connection, row.id, key_destroyed_at=services.clock())
                audit.write(connection, audit.SYSTEM, "destroy_key", services.clock(), incident_id=row.id)
        log.info("keys_destroyed", incidents=[row.id for row in left])
    return len(left)
