"""Sources of feeds as people meet them: how each does, what became of its messages, and what one person may do alone.

Whatever gives a source more goes through `administer.propose` and a second person. Switching off takes one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from alerts import audit, feed_log, feed_sources
from alerts.agencies import Officer, Role
from alerts.errors import Conflict, NotAllowed, NotFound
from alerts.feed_log import Entry
from alerts.feed_sources import Source, Two
from alerts.services import Services
from notifiers.transactions import reading, writing


@dataclass(frozen=True, slots=True)
class Shown:
    """A source, who made it what it is, who switched its rule on, and the newest of its log."""

    source: Source
    made_by: Two | None
    rule_by: Two | None
    log: Sequence[Entry] = ()


def list_all(services: Services, by: Officer, *, lines: int = 0) -> list[Shown]:
    """Those of the officer's agency; of all for people of the house."""
    with reading(services.engine) as connection:
        found = feed_sources.list_all(connection, by.agency.id if by.agency else None)
        return [_shown(connection, one, lines) for one in found]


def get(services: Services, by: Officer, source_id: int, *, lines: int = 50) -> Shown:
    """NotFound also for another agency's."""
    with reading(services.engine) as connection:
        return _shown(connection, _find(connection, by, source_id), lines)


def poll_now(services: Services, by: Officer, source_id: int) -> None:
    """Ask it at once, whenever it would have been asked. NotFound, Conflict."""
    with writing(services.engine) as connection:
        if not _find(connection, by, source_id).enabled:
            raise Conflict("this source is switched off")
        feed_sources.change(connection, source_id, next_poll_at=services.clock())
        _log(connection, services, by, "feed_poll", source_id)


def disable(services: Services, by: Officer, source_id: int) -> None:
    """At once: it is asked no more, and its rule is off. NotFound, NotAllowed."""
    with writing(services.engine) as connection:
        _must_run(by)
        _find(connection, by, source_id)
        feed_sources.change(connection, source_id, enabled=False, rule_on=False)
        _log(connection, services, by, "feed_disable", source_id)


def end_rule(services: Services, by: Officer, source_id: int) -> None:
    """At once: what comes in waits for people again. NotFound, NotAllowed."""
    with writing(services.engine) as connection:
        _must_run(by)
        _find(connection, by, source_id)
        feed_sources.change(connection, source_id, rule_on=False)
        _log(connection, services, by, "feed_rule_off", source_id)


def _must_run(by: Officer) -> None:
    if not by.may(Role.OPERATE, Role.ADMINISTER):
        raise NotAllowed("only operators and administrators switch sources off")


def _find(connection: Connection, by: Officer, source_id: int) -> Source:
    found = feed_sources.find(connection, source_id)
    if found is None or (by.agency is not None and by.agency.id != found.agency_id):
        raise NotFound("no such source")
    return found


def _shown(connection: Connection, source: Source, lines: int) -> Shown:
    rule_by = feed_sources.find_two(connection, source.rule_change_id)
    log = feed_log.list_source(connection, source.id, lines) if lines else ()
    return Shown(source, feed_sources.find_two(connection, source.change_id), rule_by, log)


def _log(connection: Connection, services: Services, by: Officer, act: str, source_id: int) -> None:
    audit.write(connection, audit.by_officer(by.id), act, services.clock(), detail={"source": source_id})
