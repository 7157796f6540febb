"""The same message twice, and messages that refer to earlier ones: known by (sender, identifier, sent) within an agency."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from sqlalchemy import Connection

from alerts import store
from alerts.agencies import Officer
from alerts.errors import Over, Refused
from alerts.intake import Intake
from alerts.model import Alert, Problem, Severity
from alerts.reports import Submission
from alerts.service import end
from alerts.service.drafting import agency_of, examine
from alerts.service.sealed import unseal
from alerts.services import Services
from alerts.store import IncidentRow, MessageRow
from geo.columns import microseconds
from geo.shapes import Shape
from notifiers.model import Kind
from notifiers.transactions import reading
from notifiers.vault import KeyGone


def origin_hash(agency_id: int, sender: str, identifier: str, sent_at: datetime) -> bytes:
    """What a message is known by: kept as a hash, since an identifier may say what it is about."""
    words = json.dumps([agency_id, sender, identifier, microseconds(sent_at)])
    return hashlib.sha256(words.encode()).digest()


def find(services: Services, agency_id: int, alert: Alert) -> Submission | None:
    """What this very message left when it came before, as it stands now."""
    with reading(services.engine) as connection:
        known = origin_hash(agency_id, alert.sender, alert.identifier, alert.sent_at)
        message = store.find_replay(connection, known)
        return _as_it_stands(services, connection, message) if message else None


def referenced(services: Services, agency_id: int, alert: Alert) -> str:
    """The id of the alert that an Update or Cancel follows; Refused when none of its references is known here."""
    with reading(services.engine) as connection:
        for reference in reversed(alert.references):
            known = origin_hash(agency_id, reference.sender, reference.identifier, reference.sent_at)
            if message := store.find_replay(connection, known):
                return message.public_id
    said = "none of the messages this one refers to is known here" if alert.references else "it refers to no message"
    raise Refused([Problem(Severity.ERROR, "references.unknown", "/alert/references", said)])


def cancel(services: Services, officer: Officer, intake: Intake) -> Submission:
    """A CAP Cancel: checked, then the alert it refers to ends. Again changes nothing."""
    if errors := examine(services, officer, intake).errors:
        raise Refused(errors)
    alert_id = referenced(services, agency_of(officer).id, intake.alert)
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


def _as_it_stands(services: Services, connection: Connection, message: MessageRow) -> Submission:
    row = store.get_incident(connection, message.incident_id)
    try:
        area = unseal(services.vault, row.key_name, message).area
    except KeyGone:
        area = None
    return _submission(row, message, area, kind=message.kind, replayed=True)


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
