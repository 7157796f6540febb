"""What an act on a message of a source leaves: its line in the import log, in the act's own transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from alerts import audit, feed_log, store
from alerts.agencies import Officer
from alerts.feed_log import Line, Outcome
from alerts.feed_sources import Source
from alerts.model import Problem, Severity
from alerts.reports import Decision, Submission
from alerts.service import same
from alerts.service.end import May
from alerts.service.kept import beside
from alerts.services import Services
from notifiers.transactions import writing


class Lost(Exception):
    """Another server has this source now: nothing was done."""


class NotReady(Exception):
    """Nothing of this source can be taken in: its certificates are not there, or its officer was disabled."""


class Newer(Exception):
    """An incident came in while this one was compared with those before it."""


@dataclass(frozen=True, slots=True)
class Taking:
    """What is being taken in, from where, by whose leave."""

    source: Source
    officer: Officer
    entry_hash: bytes
    may: May


def done(
    services: Services,
    taking: Taking,
    line: Line,
    act: Callable[[], Submission | Decision],
    *,
    newest: int | None = None,
) -> Line:
    """The act and its line in one transaction. `newest`: the last incident that it was compared with."""
    written: list[Line] = []

    def write(connection: Connection, left: Submission | Decision) -> None:
        if not taking.may(connection):
            raise Lost
        message = store.find_message(connection, left.id)
        if message is None:
            raise LookupError(left.id)
        if newest is not None and same.came_since(connection, newest, message.incident_id):
            raise Newer
        problems = left.problems if isinstance(left, Submission) else ()
        told = replace(
            line,
            incident_id=message.incident_id,
            message_id=message.id,
            deviations=tuple(dict.fromkeys((*line.deviations, *types_of(problems)))),
            rule="due" if taking.source.rule_on and isinstance(left, Submission) else None,
        )
        _write(connection, services, told)
        written.append(told)

    with beside(write):
        act()
    return written[-1]


def tell(services: Services, may: May, line: Line) -> Line:
    """A line of what changed nothing."""
    with writing(services.engine) as connection:
        if not may(connection):
            raise Lost
        _write(connection, services, line)
    return line


def _write(connection: Connection, services: Services, line: Line) -> None:
    now = services.clock()
    feed_log.write(connection, line, now)
    if line.outcome in {Outcome.OTHER, Outcome.WAITING}:  # nothing was done, and of what waits it is said each time
        return
    detail: audit.Detail = {"entry": line.entry_hash.hex(), "outcome": line.outcome.value, "faults": len(line.faults)}
    about = {"incident_id": line.incident_id, "message_id": line.message_id}
    audit.write(connection, f"feed:{line.source_id}", "feed_import", now, detail=detail, **about)


def types_of(problems: Sequence[Problem]) -> tuple[str, ...]:
    """Errors first: where there are any, they alone are why it was refused."""
    errors = [one.type for one in problems if one.severity is Severity.ERROR]
    return tuple(dict.fromkeys(errors or [one.type for one in problems]))
