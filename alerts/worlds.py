"""Live, drill and test: which incidents a credential sees and makes. They share tables and nothing else.

    live    real alerts (Actual), by people and keys that are for it, of an agency that is live
    drill   Exercise, System and Test: sent to recipients enrolled for tests, never to anybody else
    test    whatever a test key made, of any status: it is looked at, and never sent (`NeverSent`)

In a sandbox nothing is live, so that a live credential is one for drills as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, false, select, true

from alerts.agencies import Agency, Officer, Use
from alerts.errors import Conflict
from alerts.model import Alert, Problem, Status
from alerts.tables import house, incident

_ACTUAL = Status.ACTUAL.value


class NeverSent(Conflict):
    """A test key made it: it can be looked at, and never be sent."""

    def __init__(self) -> None:
        super().__init__("this was made with a test key: it can never be sent, whoever approves it")


def visible(connection: Connection, use: Use) -> ColumnElement[bool]:
    """The incidents of this use, as a condition."""
    sandbox = connection.scalar(select(house.c.mode)) == "sandbox"
    return {
        Use.TEST: incident.c.test.is_(True),
        Use.DRILL: true() if sandbox else incident.c.test.is_(True) | (incident.c.status != _ACTUAL),
        Use.LIVE: true() if sandbox else incident.c.test.is_(False) & (incident.c.status == _ACTUAL),
    }.get(use, false())


def sees(connection: Connection, officer: Officer, incident_id: int) -> bool:
    """Whether the incident is one of what the officer's credential is for."""
    found = select(incident.c.id).where(incident.c.id == incident_id, visible(connection, officer.use))
    return connection.execute(found).first() is not None


def check(officer: Officer, agency: Agency, alert: Alert, *, sandbox: bool) -> Iterator[Problem]:
    """What may not be made with this credential. Pure."""
    if sandbox or officer.use is Use.TEST:
        return
    path = "/status" if alert.record else "/alert/status"
    if officer.use is Use.DRILL and alert.status is Status.ACTUAL:
        yield Problem.error("status.drill", path, "this is a drill: a real alert is made outside of drill mode")
    if officer.use is Use.LIVE and alert.status is not Status.ACTUAL:
        yield Problem.error("status.live", path, f"{alert.status} is made in drill mode, or with a key for drills")
    if officer.use is Use.LIVE and not agency.live:
        yield Problem.error("agency.not_live", path, "your agency is not live yet: it can only hold drills")
