"""Several officers on one alert: who has a form of it open, what they typed and did not submit, what was stored meanwhile.

Nothing is merged here and nothing overwritten: whoever looks chooses, and a change still needs the state that it was
made for (`chain.Seen`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from alerts import audit, working_copies
from alerts.agencies import Officer
from alerts.errors import Conflict, Over
from alerts.service.chain import Case, open_case
from alerts.service.copies import Values, changed, checked, open_values
from alerts.service.sealed import unseal
from alerts.services import Services
from alerts.working_copies import CopyRow
from notifiers.transactions import reading, writing

HERE = timedelta(seconds=30)  # a page asks every few seconds; one in the background of a browser more rarely
_NOTED_EVERY = timedelta(seconds=8)

Shown = Callable[[Mapping[str, Any]], dict[str, str]]  # a record as the form has it


@dataclass(frozen=True, slots=True)
class Other:
    """An officer who has typed on the same alert, or has its form open: what is otherwise than it was on their page."""

    who: str
    here: bool
    at: datetime
    typed: Values = field(repr=False)


@dataclass(frozen=True, slots=True)
class Around:
    """What an open form should know. `stored`: what the alert says now and did not on the form's page."""

    tag: str
    logged: int
    others: tuple[Other, ...]
    stored: Values = field(repr=False)


def look(services: Services, officer: Officer, alert_id: str, form: str, shown: Shown) -> Around:
    """Note that this form is open, and look around. NotFound, Over, Refused for no form of ours, Conflict once it is
    closed.
    """
    with reading(services.engine) as connection:
        logged, _ = audit.newest(connection)
        case, message = open_case(connection, officer, alert_id)
        if case.row.ended_at is not None:
            raise Over("the alert is over")
        mine = working_copies.find(connection, officer.id, checked(form))
        rows = working_copies.list_beside(connection, case.row.id, officer.id)
    record = unseal(services.vault, case.row.key_name, message).alert.record
    now = shown(record.model_dump(mode="json", exclude_none=True)) if record else {}
    base = _note(services, officer, form, (case, mine), now)
    return Around(case.incident.tag, logged, tuple(_others(services, rows)), changed(base, now))


def _note(services: Services, officer: Officer, form: str, found: tuple[Case, CopyRow | None], now: Values) -> Values:
    """That it is open; what its page showed first."""
    (case, mine), at = found, services.clock()
    if mine is not None and mine.closed_at is not None:
        raise Conflict("this form was submitted or discarded")
    if mine is not None and mine.sealed_base is not None:
        if at - mine.here_at >= _NOTED_EVERY:
            with writing(services.engine) as connection:
                working_copies.change(connection, mine.id, here_at=at)
        return open_values(services, mine.key_name, mine.sealed_base)
    sealed = services.vault.seal(case.row.key_name, json.dumps(dict(now)).encode())
    with writing(services.engine) as connection:
        _open(connection, officer, form, case, {"sealed_base": sealed, "here_at": at})
    return now


def _open(connection: Connection, officer: Officer, form: str, case: Case, known: dict[str, Any]) -> None:
    row = working_copies.find(connection, officer.id, form)
    if row is not None:
        if row.incident_id == case.row.id and row.closed_at is None:
            working_copies.change(connection, row.id, **known)
        return
    own = {"officer_id": officer.id, "form": form, "use": officer.use.value, "incident_id": case.row.id}
    working_copies.add(connection, **own, key_name=case.row.key_name, saved_at=known["here_at"], **known)


def _others(services: Services, rows: list[CopyRow]) -> list[Other]:
    """Those who are here or left something; one whose form says what the alert says has only looked."""
    now, found = services.clock(), []
    for row in rows:
        base, values = (open_values(services, row.key_name, one) for one in (row.sealed_base, row.sealed))
        other = Other(row.officer, now - row.here_at < HERE, row.saved_at, changed(base, values))
        if other.here or other.typed:
            found.append(other)
    return found
