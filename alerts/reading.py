"""Looking: the read models of pages and API, filled. What is sealed is opened here and nowhere kept.

An incident whose key is gone reads as over everywhere, whatever its row says: the key is what counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from alerts import audit, cap, released, store, worlds
from alerts.actions import actions
from alerts.agencies import Officer
from alerts.errors import NotFound
from alerts.freshness import only_for_archive
from alerts.incident import REQUEST_LIVES
from alerts.lifecycle import OPEN, Message, State
from alerts.released import Shown
from alerts.reports import AlertRow, AlertView, AreaChange, DeliveryView, PublicAlert
from alerts.service import reach as reaching
from alerts.service import sleepers
from alerts.service.cap_signing import sign
from alerts.service.chain import Case, open_case
from alerts.service.drafting import agency_of, audience_of, check_again, programme_of
from alerts.service.known_photos import known_held
from alerts.service.reach import Asked
from alerts.service.sealed import Opened, open_note, unseal
from alerts.services import Services
from alerts.store import IncidentRow, MessageRow, SealedPhoto
from alerts.tallying import list_deliveries
from alerts.texts import texts
from geo.shapes import Shape
from notifiers import transactions
from notifiers.vault import KeyGone

IN_FORCE = State.ACTIVE.value
SIZES = ("small", "full")
FORMATS = {"jpg": "jpeg", "webp": "webp", "avif": "avif"}


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which photo: its number on the page, small or full, jpg, webp or avif."""

    number: int
    size: str
    form: str

    def pick(self, photo: SealedPhoto | None) -> bytes:
        if photo is None or self.size not in SIZES or self.form not in FORMATS:
            raise NotFound("no such photo")
        sealed: bytes | None = getattr(photo, f"{self.size}_{FORMATS[self.form]}")
        if sealed is None:
            raise NotFound("no such photo")
        return sealed


def list_alerts(services: Services, officer: Officer, *, limit: int = 200) -> list[AlertRow]:
    """The newest message of each incident of the officer's agency, newest incident first."""
    with transactions.reading(services.engine) as connection:
        incidents = store.list_incidents(
            connection, agency_of(officer).id, limit, worlds.visible(connection, officer.use)
        )
        newest = store.list_newest(connection, [row.id for row in incidents])
    return [_row(row, newest[row.id], _opened(services, row, newest[row.id])) for row in incidents if row.id in newest]


def get_alert(services: Services, officer: Officer, alert_id: str) -> AlertView:
    """One message with all that its agency may know. NotFound."""
    with transactions.reading(services.engine) as connection:
        logged, _ = audit.newest(connection)  # before the rest: what happens meanwhile is told rather twice than never
        case, message = open_case(connection, officer, alert_id)
        who = case.incident.get(message.number)
        names = store.name_officers(connection, {*who.authors, *([who.decided_by] if who.decided_by else [])})
        sizes = store.size_photos(connection, case.row.id)
        opened = _opened(services, case.row, message)
        change = _change(services, connection, officer, case, who, opened) if opened else None
        asleep = sleepers.of(services, connection, officer, who, opened) if opened else None
        photos = known_held(services, connection, case.row.agency_id, opened.alert, case.row.id) if opened else ()
    return AlertView(
        row=_row(case.row, message, opened),
        token=case.row.token,
        tag=case.incident.tag,
        logged=logged,
        content_hash=message.content_hash,
        area_digest=message.area_digest,
        area=opened.area if opened else None,
        public=released.released(case.row, message, Shown(opened.alert, opened.area, sizes)) if opened else None,
        record=opened.alert.record.model_dump(mode="json", exclude_none=True)
        if opened and opened.alert.record
        else None,
        problems=(*check_again(services, officer, opened.alert, opened.area), *photos) if opened else (),
        note=_note(services, case.row, message),
        authors=tuple(names[officer_id] for officer_id in sorted(who.authors)),
        decided_by=names.get(who.decided_by) if who.decided_by else None,
        decided_at=message.decided_at,
        actions=actions(case, who, officer, archived=_archived(services, opened)),
        history=tuple(_row(case.row, one, _opened(services, case.row, one)) for one in reversed(case.messages)),
        change=change,
        sleepers=asleep,
    )


def public_alert(services: Services, token: str, *, language: str | None = None) -> PublicAlert:
    """What anyone may see. NotFound for a token that is none, and for an incident that was never let go."""
    with transactions.reading(services.engine) as connection:
        row, told = _told(connection, token)
        sizes = store.size_photos(connection, row.id)
    in_force = next((message for message in told if message.state == IN_FORCE), None)
    if in_force is None or not _lives(services, row, in_force):
        return released.over(row, told[-1], services.clock())
    try:
        opened = unseal(services.vault, row.key_name, in_force)
    except KeyGone:
        return released.over(row, in_force, services.clock())
    return released.released(row, in_force, Shown(opened.alert, opened.area, sizes), language)


def public_standing(services: Services, token: str) -> int | None:
    """The number of the message in force, None when it is over: changes with every change of what anyone may see.

    Opens nothing that is sealed. NotFound as `public_alert`.
    """
    with transactions.reading(services.engine) as connection:
        row, told = _told(connection, token)
    in_force = next((message for message in told if message.state == IN_FORCE), None)
    return in_force.number if in_force and _lives(services, row, in_force) else None


def public_now(services: Services, ended_since: datetime) -> dict[str, tuple[str, int | None]]:
    """By token the name of its key, and the standing (`public_standing`) of all that was let go; one statement."""
    with transactions.reading(services.engine) as connection:
        rows, now = store.list_public(connection, ended_since), services.clock()
    lives = [row for row in rows if row.state == IN_FORCE and row.ended_at is None and row.expires_at > now]
    over = {row.token: (row.key_name, None) for row in rows}
    return over | {row.token: (row.key_name, row.number) for row in lives}


def public_photo(services: Services, token: str, number: int, size: str, form: str) -> bytes:
    """A photo of the alert in force: number from 1, size small or full, form jpg, webp or avif. NotFound, also when over."""
    asked = _Asked(number, size, form)
    with transactions.reading(services.engine) as connection:
        row, told = _told(connection, token)
        in_force = next((message for message in told if message.state == IN_FORCE), None)
        if in_force is None or not _lives(services, row, in_force):
            raise NotFound("no such photo")
        return _photo(services, connection, (row, in_force), asked)


def officer_photo(  # what a photo's address says
    services: Services, officer: Officer, alert_id: str, number: int, size: str, form: str
) -> bytes:
    """A photo of a message before it is approved, for its agency. NotFound."""
    asked = _Asked(number, size, form)
    with transactions.reading(services.engine) as connection:
        case, message = open_case(connection, officer, alert_id)
        return _photo(services, connection, (case.row, message), asked)


def cap_xml(services: Services, officer: Officer, alert_id: str) -> bytes:
    """The message as CAP 1.2, signed. NotFound, also once the incident has ended."""
    with transactions.reading(services.engine) as connection:
        case, message = open_case(connection, officer, alert_id)
    opened = _opened(services, case.row, message)
    if opened is None:
        raise NotFound("the alert is over, and what it said is gone")
    return sign(services, cap.write(opened.alert))


def deliveries(services: Services, officer: Officer, alert_id: str) -> list[DeliveryView]:
    """How the notices of the alert's incident are being delivered, newest first. NotFound."""
    with transactions.reading(services.engine) as connection:
        case, _ = open_case(connection, officer, alert_id)
        return list_deliveries(connection, incident_id=case.row.id)


def _told(connection: Connection, token: str) -> tuple[IncidentRow, list[MessageRow]]:
    """The incident and those of its messages that were let go, oldest first."""
    row = store.find_incident(connection, token)
    messages = store.list_messages(connection, row.id) if row else []
    told = [message for message in messages if message.approved_at is not None]
    if row is None or not told:
        raise NotFound("there is no such alert")
    return row, told


def _lives(services: Services, row: IncidentRow, message: MessageRow) -> bool:
    return row.ended_at is None and message.expires_at > services.clock()


def _photo(services: Services, connection: Connection, of: tuple[IncidentRow, MessageRow], asked: _Asked) -> bytes:
    row, message = of
    try:
        ids = released.photo_ids(unseal(services.vault, row.key_name, message).alert)
        if not 1 <= asked.number <= len(ids):
            raise NotFound("no such photo")
        found = store.find_photo(connection, row.id, ids[asked.number - 1])
        return services.vault.open(row.key_name, asked.pick(found))
    except KeyGone:
        raise NotFound("no such photo") from None


def _opened(services: Services, row: IncidentRow, message: MessageRow) -> Opened | None:
    """None once the incident has ended, whether the key is gone already or is about to be."""
    if row.ended_at is not None:
        return None
    try:
        return unseal(services.vault, row.key_name, message)
    except KeyGone:
        return None


def _note(services: Services, row: IncidentRow, message: MessageRow) -> str | None:
    try:
        return open_note(services.vault, row.key_name, message.sealed_note) if row.ended_at is None else None
    except KeyGone:
        return None


def _change(  # what a view is made of, by name
    services: Services, connection: Connection, officer: Officer, case: Case, message: Message, opened: Opened
) -> AreaChange | None:
    """What approving it would do to whom was told; None where nothing waits, or nobody can have been told."""
    in_force = case.incident.in_force
    if in_force is None or message.state not in OPEN:
        return None
    rules = programme_of(agency_of(officer), opened.alert)
    again = message.version > in_force.version
    audience = audience_of(agency_of(officer), opened.alert)
    asked = Asked(case.row.id, message.version, audience, opened.area, again, again and rules.tells_outside)
    return reaching.change(services, connection, asked)


def preview_change(
    services: Services, officer: Officer, alert_id: str, area: Shape, *, enlarges: bool
) -> AreaChange | None:
    """What would become of those told if this alert were on that area: as `get_alert` says it before the approval.

    `enlarges`: it is asked for as an enlargement; else as an update, or as the waiting message that it is. None where
    nobody can have been told. NotFound.
    """
    with transactions.reading(services.engine) as connection:
        case, stored = open_case(connection, officer, alert_id)
        in_force, message = case.incident.in_force, case.incident.get(stored.number)
        opened = _opened(services, case.row, stored)
        if in_force is None or opened is None:
            return None
        waits = message.state in OPEN
        again = message.version > in_force.version if waits else not enlarges
        version = message.version if waits else in_force.version + again
        rules = programme_of(agency_of(officer), opened.alert)
        audience = audience_of(agency_of(officer), opened.alert)
        asked = Asked(case.row.id, version, audience, area, again, again and rules.tells_outside)
        return reaching.change(services, connection, asked)


def _row(row: IncidentRow, message: MessageRow, opened: Opened | None) -> AlertRow:
    said = next(iter(texts(opened.alert).values()), None) if opened else None
    return AlertRow(
        id=message.public_id,
        reference=row.reference,
        agency=row.agency_name,
        status=row.status,
        state=message.state,
        kind=message.kind,
        version=message.version,
        number=message.number,
        created_at=message.created_at,
        expires_at=message.expires_at,
        headline=said.headline if said else None,
        reach=message.reach,
        page_path=f"/a/{row.token}",
        lapses_at=message.asked_at + REQUEST_LIVES if message.asked_at and message.state == State.PENDING else None,
    )


def _archived(services: Services, opened: Opened | None) -> bool:
    return opened is not None and bool(only_for_archive(opened.alert, services.clock()))
