"""The moment a message comes into force: its notice and what it takes the place of, in the transaction of the decision."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from sqlalchemy import Connection

from alerts.service.chain import Case
from alerts.services import Services
from geo.shapes import Shape
from notifiers import notices
from notifiers.model import Notice
from notifiers.transactions import writing

Decided = Callable[[Connection], tuple[Case, Notice]]


def publish(services: Services, decided: Decided) -> tuple[Case, Notice, int]:
    """Let what `decided` yields go; on return the notice (its id last) is committed: it will be fanned out."""
    with ExitStack() as undo:
        with writing(services.engine) as connection:
            case, said = decided(connection)
            superseded = notices.set_over(connection, case.row.id, "superseded", below_version=said.version)
            notice_id = _queue(connection, services, case, said)
            # Before the commit: whoever moves into the area from now on is seen by the watch, all others by the match.
            services.watch.add(notice_id, said.area or Shape(), said.expires_at)
            undo.callback(services.watch.remove, notice_id)
        undo.pop_all()  # committed: it stays watched
    for earlier in superseded:
        services.watch.remove(earlier)
    services.fan_out(notice_id)
    return case, said, notice_id


def _queue(connection: Connection, services: Services, case: Case, said: Notice) -> int:
    """The notice, sealed and queued: from the commit on it will be fanned out."""
    row = case.row
    return notices.add(
        connection, services.vault, said, incident_id=row.id, key_name=row.key_name, approved_at=said.sent_at
    )
