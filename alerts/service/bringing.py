"""The acts that a message of a source may come to: a draft, a new version of one, an end. Each as `brought` says."""

from __future__ import annotations

from dataclasses import replace

from alerts import area, feed_log, store
from alerts.errors import Conflict, Over, Refused
from alerts.feed_log import Line, Outcome
from alerts.freshness import only_for_archive
from alerts.intake import Intake
from alerts.model import Problem
from alerts.service import end, same, submit
from alerts.service.brought import Newer, Taking, done, tell
from alerts.service.chain import load_case
from alerts.service.drafting import examine
from alerts.services import Services
from notifiers.transactions import reading

_TRIES = 3


def draft(services: Services, taking: Taking, intake: Intake, line: Line) -> Line:
    """A new incident; or, where another source told the same event, a line beside that one."""
    placed = area.effective(intake.alert, services.gazetteer).shape
    for _ in range(_TRIES):
        found = same.find(services, taking.source.agency_id, intake.alert, placed)
        if found.same is not None:
            attached = replace(line, outcome=Outcome.ATTACHED, incident_id=found.same)
            return tell(services, taking.may, attached)
        drafted = replace(line, outcome=Outcome.DRAFTED, perhaps=found.perhaps)
        try:
            return done(
                services,
                taking,
                drafted,
                lambda: submit.open_incident(services, taking.officer, intake, draft=True),
                newest=found.newest,
            )
        except Newer:
            continue
    raise Conflict("other incidents came in meanwhile")


def update(services: Services, taking: Taking, intake: Intake, about: tuple[int, Line]) -> Line:
    """A new version, as a draft: of what is in force, or in the place of what waits and is the source's own."""
    target, line = about
    with reading(services.engine) as connection:
        case = load_case(connection, store.get_incident(connection, target))
        brought = feed_log.brought_by(connection, target)
    if brought not in {None, taking.source.id}:  # another source's: people look at it, nothing changes by it
        attached = replace(line, outcome=Outcome.ATTACHED, incident_id=target)
        return tell(services, taking.may, attached)
    waiting, in_force = case.incident.open, case.incident.in_force
    if case.incident.over:
        raise Over("the incident is over")
    updated = replace(line, outcome=Outcome.UPDATED)
    if waiting is not None:
        if taking.officer.id not in waiting.authors:
            raise Conflict("people wrote what waits: they decide on it first")
        public_id = case.stored(waiting.number).public_id
        return done(
            services,
            taking,
            updated,
            lambda: submit.edit(services, taking.officer, public_id, intake, draft=True, unasked=True),
        )
    public_id = case.stored(in_force.number).public_id if in_force else ""
    return done(
        services, taking, updated, lambda: submit.update(services, taking.officer, public_id, intake, draft=True)
    )


def cancel(services: Services, taking: Taking, intake: Intake, about: tuple[int | None, Line]) -> Line:
    """Ends what this very source brought, where its word is signed, or where nothing of it is on the air and no officer
    has touched it. All else is asked of people, of whom one is enough.
    """
    target, line = about
    archived = [Problem.error(p.type, p.path, p.message) for p in only_for_archive(intake.alert, services.clock())]
    if errors := [*examine(services, taking.officer, intake).errors, *archived]:
        raise Refused(errors)
    if target is None:
        raise Refused(
            [Problem.error("references-unknown", "/alert/references", "it takes back what is not known here")]
        )
    with reading(services.engine) as connection:
        case = load_case(connection, store.get_incident(connection, target))
        brought = feed_log.brought_by(connection, target) == taking.source.id
    if case.row.ended_at is not None:
        return tell(services, taking.may, replace(line, outcome=Outcome.REPLAYED, incident_id=target))
    messages = case.incident.messages
    untouched = case.incident.in_force is None and all(m.authors == {taking.officer.id} for m in messages)
    signed = taking.source.trust is not None and intake.alert.signed_by is not None
    if not (brought and (signed or untouched) and case.row.status == intake.alert.status.value):
        asked = replace(line, outcome=Outcome.CANCEL_ASKED, incident_id=target, message_id=case.messages[-1].id)
        return tell(services, taking.may, asked)
    public_id = case.messages[-1].public_id
    cancelled = replace(line, outcome=Outcome.CANCELLED)
    return done(services, taking, cancelled, lambda: end.cancel(services, taking.officer, public_id))
