"""An approval that waits a few seconds in which anyone of the agency may stop it. Nothing is on the air before.

The row in `countdown` is all there is of it: no message changes state, no notice is made. When its time has come it is
deleted in the very transaction of the approval, and in that of a stop: whichever deletes it first has won, and a stop
that was answered has won. Everything that an approval asks is asked twice: when it is given, and when it is let go.
"""

from __future__ import annotations

import contextvars
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection, delete, insert, select

from alerts import acting, agencies, audit, store
from alerts.agencies import Officer, Role, Use
from alerts.errors import Conflict, LookoutError, NotAllowed
from alerts.service import decide
from alerts.service.chain import Case, open_case
from alerts.service.decide import Yes
from alerts.services import Services
from alerts.tables import countdown
from notifiers.clock import database_now
from notifiers.transactions import reading, writing

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Counting:
    """An approval under way: of which message, by whom, and how long it can still be stopped."""

    alert_id: str
    who: str
    left_s: float


def begin(services: Services, officer: Officer, alert_id: str, yes: Yes) -> None:
    """Count down to this approval. Raises what the approval would, and Conflict where one is under way."""
    decide.judge(services, officer, alert_id, yes)
    with writing(services.engine) as connection:
        case, _ = open_case(connection, officer, alert_id, yes.seen)
        if _row(connection, case.row.id) is not None:
            raise Conflict("it is approved already, and goes out in a moment")
        connection.execute(
            insert(countdown).values(
                incident_id=case.row.id,
                alert_id=alert_id,
                officer_id=officer.id,
                use=officer.use.value,
                source=acting.words(),
                content_hash=yes.content_hash,
                reach=yes.reach,
                reason=yes.reason,
                tag=case.incident.tag,
                due_at=database_now(connection) + timedelta(seconds=services.settings.countdown_s),
            )
        )
        _log(connection, services, officer, "count_down", case)


def stop(services: Services, officer: Officer, alert_id: str) -> None:
    """It is not let go. NotFound, and Conflict where nothing is under way any more."""
    with writing(services.engine) as connection:
        case, _ = open_case(connection, officer, alert_id)
        if not _take(connection, case.row.id):
            raise Conflict("nothing could be stopped any more: what is on the air is ended below")
        _log(connection, services, officer, "stop", case)


def find(services: Services, officer: Officer, alert_id: str) -> Counting | None:
    """What is under way of this alert's incident. NotFound."""
    with reading(services.engine) as connection:
        case, _ = open_case(connection, officer, alert_id)
        row = _row(connection, case.row.id)
        if row is None:
            return None
        who = store.name_officers(connection, [row.officer_id]).get(row.officer_id, "")
        return Counting(row.alert_id, who, max(0.0, (row.due_at - database_now(connection)).total_seconds()))


def let_due(services: Services) -> int:
    """Let go what nobody stopped in time; how many. Safe in two servers at once: one of them takes the row."""
    with reading(services.engine) as connection:
        rows = list(connection.execute(select(countdown).where(countdown.c.due_at <= database_now(connection))))
    return sum(contextvars.copy_context().run(_let_go, services, row) for row in rows)


def _let_go(services: Services, row: Any) -> bool:
    """As if its officer approved now: whatever changed meanwhile is in the way of it, and then it is dropped."""
    address, _, credential = row.source.partition(" ")
    acting.begin(address).credential = credential
    first = partial(_must_take, incident_id=row.incident_id)
    yes = Yes(row.content_hash, row.reach, row.reason, {row.tag}, first=first)
    try:
        decide.let_go(services, _approver(services, row), row.alert_id, yes)
    except LookoutError as fault:
        with writing(services.engine) as connection:
            _take(connection, row.incident_id)
        log.warning("approval_not_let_go", incident=row.incident_id, reason=type(fault).__name__)
        return False
    return True


def _approver(services: Services, row: Any) -> Officer:
    with reading(services.engine) as connection:
        officer = agencies.find_officer(connection, row.officer_id)
    if officer is None or not officer.may(Role.APPROVE):
        raise NotAllowed("who approved it may not any more")
    return replace(officer, use=Use(row.use))


def _must_take(connection: Connection, incident_id: int) -> None:
    if not _take(connection, incident_id):
        raise Conflict("it was stopped")


def _take(connection: Connection, incident_id: int) -> bool:
    return connection.execute(delete(countdown).where(countdown.c.incident_id == incident_id)).rowcount == 1


def _row(connection: Connection, incident_id: int) -> Any:
    return connection.execute(select(countdown).where(countdown.c.incident_id == incident_id)).one_or_none()


def _log(connection: Connection, services: Services, officer: Officer, act: str, case: Case) -> None:
    audit.write(connection, audit.by_officer(officer.id), act, services.clock(), incident_id=case.row.id)
