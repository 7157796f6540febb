"""What was done to an alert, by whom: the log as an officer may read it, for pages that went stale meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alerts import audit, store
from alerts.agencies import Officer
from alerts.service.chain import open_case
from alerts.services import Services
from notifiers.transactions import reading

MOST = 20  # a page that went stale is minutes old; more than these are no help


@dataclass(frozen=True, slots=True)
class Act:
    """One act: its word in the log, who did it (None: time did), when, and whether it was the one who looks."""

    action: str
    who: str | None
    at: datetime
    own: bool = False


def list_since(services: Services, officer: Officer, alert_id: str, logged: int) -> list[Act]:
    """The acts on this alert's incident since the log was `logged` entries long, the newest last. NotFound."""
    with reading(services.engine) as connection:
        case, _ = open_case(connection, officer, alert_id)
        found = audit.list_since(connection, case.row.id, logged, MOST)
        ids = {one.officer_id for one in found if one.officer_id is not None}
        names = store.name_officers(connection, ids)
    return [
        Act(one.action, names.get(one.officer_id) if one.officer_id else None, one.at, one.officer_id == officer.id)
        for one in found
    ]
