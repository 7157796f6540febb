"""The moment a message comes into force: its notice and what it takes the place of, in the transaction of the decision."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

from sqlalchemy import Connection

from alerts.reports import Decision
from alerts.service.cap_signing import sign
from alerts.service.chain import Case
from alerts.service.kept import keep
from alerts.service.languages import spoken_now
from alerts.services import Services
from alerts.worlds import NeverSent
from geo.shapes import Shape
from notifiers import notices
from notifiers.model import Notice
from notifiers.transactions import writing

Decided = Callable[[Connection], tuple[Decision, Case, Notice]]


def publish(services: Services, decided: Decided) -> Decision:
    """Let what `decided` yields go; on return the notice (`notice_id`) is committed: it will be fanned out."""
    with ExitStack() as undo:
        with writing(services.engine) as connection:
            decision, case, said = decided(connection)
            if case.row.test:  # the freeze: its row says so since it was made, and nothing ever changes that
                raise NeverSent
            superseded = notices.set_over(connection, case.row.id, "superseded", below_version=said.version)
            notice_id = _queue(connection, services, case, said)
            left = replace(decision, notice_id=notice_id)
            keep(connection, left)
            # Before the commit: whoever moves into the area from now on is seen by the watch, all others by the match.
            services.watch.add(notice_id, said.area or Shape(), said.expires_at)
            undo.callback(services.watch.remove, notice_id)
        undo.pop_all()  # committed: it stays watched
    for earlier in superseded:
        services.watch.remove(earlier)
    services.fan_out(notice_id)
    return left


def _queue(connection: Connection, services: Services, case: Case, said: Notice) -> int:
    """The notice, sealed and queued: from the commit on it will be fanned out."""
    row = case.row
    said = replace(said, cap_xml=sign(services, said.cap_xml), spoken=spoken_now(connection, services))
    return notices.add(
        connection,
        services.vault,
        said,
        incident_id=row.id,
        key_name=row.key_name,
        approved_at=said.sent_at,
        test=row.test,
    )
