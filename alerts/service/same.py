"""Which of the open incidents a message may be about: those of its agency by number, another agency's as 0."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from alerts.feeds_in import fingerprints
from alerts.feeds_in.fingerprints import Fingerprint
from alerts.feeds_in.same_event import Sameness, same_event
from alerts.model import Alert
from alerts.service.chain import load_case
from alerts.service.sealed import unseal
from alerts.services import Services
from alerts.store import get_incident
from alerts.tables import incident
from geo.geohash import cover
from geo.shapes import Shape
from notifiers.transactions import reading
from notifiers.vault import KeyGone

ELSEWHERE = 0  # an incident of another agency, whose people alone may look at it
MOST = 500  # open incidents that are compared; the newest


@dataclass(frozen=True, slots=True)
class Found:
    """`same` is one of its own agency. `newest` is the last incident there was when it was looked for."""

    same: int | None
    perhaps: tuple[int, ...]
    newest: int


def find(services: Services, agency_id: int, alert: Alert, area: Shape | None, but: int | None = None) -> Found:
    """Compared with all open incidents but `but`, as they stand now."""
    ours = _fingerprint(services, alert, area)
    same, perhaps = [], []
    with reading(services.engine) as connection:
        newest = last(connection)
        for incident_id, whose, theirs in _open(services, connection, but):
            likeness = same_event(ours, theirs)
            if likeness is Sameness.SAME and whose == agency_id:
                same.append(incident_id)
            elif likeness is not Sameness.OTHER:
                perhaps.append(incident_id if whose == agency_id else ELSEWHERE)
    return Found(min(same, default=None), tuple(dict.fromkeys(perhaps)), newest)


def last(connection: Connection) -> int:
    """The number of the newest incident; 0: none."""
    return connection.scalar(select(func.max(incident.c.id))) or 0


def came_since(connection: Connection, newest: int, but: int) -> bool:
    """Whether there is an incident later than `newest`, beside `but`."""
    later = (incident.c.id > newest) & (incident.c.id != but)
    return connection.execute(select(incident.c.id).where(later)).first() is not None


def _open(services: Services, connection: Connection, but: int | None) -> Iterator[tuple[int, int, Fingerprint]]:
    still = select(incident.c.id).where(incident.c.ended_at.is_(None), incident.c.test.is_(False))
    for incident_id in connection.scalars(still.order_by(incident.c.id.desc()).limit(MOST)).all():
        case = load_case(connection, get_incident(connection, incident_id))
        message = case.incident.in_force or case.incident.open
        if incident_id == but or message is None:
            continue
        try:
            opened = unseal(services.vault, case.row.key_name, case.stored(message.number))
        except KeyGone:
            continue
        yield incident_id, case.row.agency_id, _fingerprint(services, opened.alert, opened.area)


def _fingerprint(services: Services, alert: Alert, area: Shape | None) -> Fingerprint:
    secret = services.vault.derive(fingerprints.KEY_NAME, fingerprints.PURPOSE)
    return fingerprints.fingerprint(alert, secret, cover(area) if area is not None and not area.is_empty else ())
