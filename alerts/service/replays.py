"""The same message twice, and messages that refer to earlier ones: known by (sender, identifier, sent) within an agency."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from alerts import store
from alerts.agencies import Officer, Use
from alerts.errors import Over, Refused
from alerts.freshness import only_for_archive
from alerts.intake import Intake
from alerts.model import Alert, Problem, Severity
from alerts.reports import Submission
from alerts.service import end
from alerts.service.chain import load_case
from alerts.service.drafting import agency_of, examine
from alerts.service.sealed import unseal
from alerts.services import Services
from alerts.store import IncidentRow, MessageRow
from geo.columns import microseconds
from geo.shapes import Shape
from notifiers.model import Kind
from notifiers.transactions import reading
from notifiers.vault import KeyGone


def origin_hash(agency_id: int, sender: str, identifier: str, sent_at: datetime, *, test: bool = False) -> bytes:
    """What a message is known by: kept as a hash, since an identifier may say what it is about.

    What a test key sent is known apart: the real message with the same identity comes later, and is not a replay.
    """
    words = json.dumps([agency_id, sender, identifier, microseconds(sent_at), *(["test"] if test else [])])
    return hashlib.sha256(words.encode()).digest()


def find(services: Services, agency_id: int, intake: Intake, *, test: bool = False) -> Submission | None:
    """What this very message left when it came before, as it stands now. One that says something else under the same
    name changes nothing either, and is told so: a correction is a message of its own.
    """
    alert = intake.alert
    with reading(services.engine) as connection:
        known = origin_hash(agency_id, alert.sender, alert.identifier, alert.sent_at, test=test)
        message = store.find_replay(connection, known)
        return _as_it_stands(services, connection, message, intake) if message else None


def referenced(services: Services, agency_id: int, alert: Alert, *, test: bool = False) -> str:
    """The id of the alert that an Update or Cancel follows; Refused when none of its references is known here."""
    with reading(services.engine) as connection:
        for reference in reversed(alert.references):
            known = origin_hash(agency_id, reference.sender, reference.identifier, reference.sent_at, test=test)
            if message := store.find_replay(connection, known):
                return message.public_id
    said = "none of the messages this one refers to is known here" if alert.references else "it refers to no message"
    raise Refused([Problem(Severity.ERROR, "references-unknown", "/alert/references", said)])


def cancel(services: Services, officer: Officer, intake: Intake) -> Submission:
    """A CAP Cancel: checked, then the alert it refers to ends. Again changes nothing."""
    archived = [Problem.error(p.type, p.path, p.message) for p in only_for_archive(intake.alert, services.clock())]
    if errors := [*examine(services, officer, intake).errors, *archived]:
        raise Refused(errors)
    alert_id = referenced(services, agency_of(officer).id, intake.alert, test=officer.use is Use.TEST)
    try:
        decision = end.cancel(services, officer, alert_id)
    except Over:
        return _after_cancel(services, alert_id, replayed=True)
    return _after_cancel(services, decision.id, replayed=False)


def _after_cancel(services: Services, alert_id: str, *, replayed: bool) -> Submission:
    with reading(services.engine) as connection:
        message = store.find_message(connection, alert_id)
        if message is None:
            raise LookupError(alert_id)
        row = store.get_incident(connection, message.incident_id)
    return _submission(row, message, None, kind=Kind.CANCEL.value, replayed=replayed)


def _as_it_stands(services: Services, connection: Connection, message: MessageRow, intake: Intake) -> Submission:
    row = store.get_incident(connection, message.incident_id)
    problems: tuple[Problem, ...] = ()
    try:
        opened = unseal(services.vault, row.key_name, message)
    except KeyGone:
        return _submission(row, message, None, kind=message.kind, replayed=True)
    if differs(opened.alert, intake):
        problems = (Problem.warning("replay.differs", "", _DIFFERS),)
    tag = load_case(connection, row).incident.tag
    left = _submission(row, message, opened.area, kind=message.kind, replayed=True)
    return replace(left, problems=problems, tag=tag)


_DIFFERS = (
    "a message of this sender, identifier and time came before and is kept; this one says something else, and nothing "
    "of it was taken: give it an identifier or time of its own"
)


def differs(stored: Alert, intake: Intake) -> bool:
    """Whether it says something else than what is stored under its name; what was filled in here does not count."""
    given = intake.alert
    if stored.record is None or given.record is None:
        return _bare(stored) != _bare(given)
    old, new = (one.record.model_dump(exclude={"photos"}) for one in (stored, given) if one.record)
    return old != new or len(stored.record.photos) != len(given.record.photos)


def _bare(alert: Alert) -> Alert:
    infos = tuple(replace(info, expires_at=None) for info in alert.infos)
    filled_in = any(problem.type == "expires.missing" for problem in alert.deviations)
    return replace(alert, infos=infos if filled_in else alert.infos, deviations=())


def _submission(row: IncidentRow, message: MessageRow, area: Shape | None, *, kind: str, replayed: bool) -> Submission:
    return Submission(
        id=message.public_id,
        token=row.token,
        state=message.state,
        kind=kind,
        version=message.version,
        number=message.number,
        content_hash=message.content_hash,
        area_digest=message.area_digest,
        area=area,
        reach=message.reach,
        problems=(),
        replayed=replayed,
    )
