"""All messages of an alert, for who asks what changed from one to the next. Opened here, nowhere kept.

Once the incident has ended nothing is opened: numbers and times remain, and nothing of the child.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict

import numpy as np
from sqlalchemy import Connection, func, select

from alerts import released, store
from alerts.agencies import Officer
from alerts.released import Shown
from alerts.reports import PublicAlert
from alerts.service.chain import Case, open_case
from alerts.service.drafting import agency_of, audience_of
from alerts.service.sealed import unseal
from alerts.services import Services
from alerts.store import MessageRow
from geo.shapes import Shape
from notifiers import eligibility
from notifiers.eligibility import Audience
from notifiers.tables import batch, notice
from notifiers.transactions import reading
from notifiers.vault import KeyGone


@dataclass(frozen=True, slots=True)
class Version:
    """One message. `said` and `photo_ids` are None and empty once it is over; `sent` None: nobody was told of it."""

    id: str
    number: int
    version: int
    kind: str
    state: str
    created_at: datetime
    approved_at: datetime | None
    authors: tuple[str, ...]
    decided_by: str | None
    reach: int
    sent: int | None
    said: PublicAlert | None = field(default=None, repr=False)
    photo_ids: tuple[int, ...] = ()
    audience: Audience | None = None


class _Said(TypedDict, total=False):
    """What is known of a version until its alert is over."""

    said: PublicAlert
    photo_ids: tuple[int, ...]
    audience: Audience


@dataclass(frozen=True, slots=True)
class Moved:
    """Two areas: how many people are in the later one alone, and in the earlier one alone."""

    before: Shape
    after: Shape
    newly: int
    no_longer: int


def list_versions(services: Services, officer: Officer, alert_id: str) -> tuple[str, tuple[Version, ...]]:
    """The CAP status of the alert's incident, and its messages, oldest first. NotFound."""
    with reading(services.engine) as connection:
        case, _ = open_case(connection, officer, alert_id)
        ids = {one for message in case.incident.messages for one in (*message.authors, message.decided_by) if one}
        names, sent = store.name_officers(connection, ids), _sent(connection, case.row.id)
        sizes = store.size_photos(connection, case.row.id)
    return case.row.status, tuple(
        _version(case, row, names, _said(services, officer, case, row, sizes), sent.get(row.number))
        for row in case.messages
    )


def base_of(versions: tuple[Version, ...], number: int) -> Version | None:
    """What message `number` is to be compared with: what was let go last before it. None: it was the first."""
    told = [one for one in versions if one.number < number and one.approved_at is not None]
    return max(told, key=lambda one: one.number, default=None)


def moved(services: Services, audience: Audience, before: Shape, after: Shape) -> Moved | None:
    """Whom another area covers and no longer covers, by the very match that sends; None where it is the same area."""
    if before.digest == after.digest:
        return None
    old, new = services.index.within(before), services.index.within(after)
    with reading(services.engine) as connection:
        newly, gone = (
            eligibility.reach(connection, ids, audience).recipients
            for ids in (np.setdiff1d(new, old), np.setdiff1d(old, new))
        )
    return Moved(before, after, newly, gone)


def _sent(connection: Connection, incident_id: int) -> dict[int, int]:
    """By the number of a message, how many sends of it went out."""
    query = (
        select(notice.c.number, func.coalesce(func.sum(batch.c.n_sent), 0))
        .select_from(notice.outerjoin(batch, batch.c.notice_id == notice.c.id))
        .where(notice.c.incident_id == incident_id)
        .group_by(notice.c.number)
    )
    return {number: int(sent) for number, sent in connection.execute(query)}


def _version(case: Case, row: MessageRow, names: dict[int, str], said: _Said, sent: int | None) -> Version:
    message = case.incident.get(row.number)
    return Version(
        id=row.public_id,
        number=row.number,
        version=row.version,
        kind=row.kind,
        state=row.state,
        created_at=row.created_at,
        approved_at=row.approved_at,
        authors=tuple(names[one] for one in sorted(message.authors) if one in names),
        decided_by=names.get(message.decided_by) if message.decided_by else None,
        reach=row.reach,
        sent=sent,
        **said,
    )


def _said(
    services: Services, officer: Officer, case: Case, row: MessageRow, sizes: dict[int, tuple[int, int, bool]]
) -> _Said:
    if case.row.ended_at is not None:
        return {}
    try:
        opened = unseal(services.vault, case.row.key_name, row)
    except KeyGone:
        return {}
    return {
        "said": released.released(case.row, row, Shown(opened.alert, opened.area, sizes)),
        "photo_ids": tuple(released.photo_ids(opened.alert)),
        "audience": audience_of(agency_of(officer), opened.alert),
    }
