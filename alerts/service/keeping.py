"""Storing a message, sealed, in the caller's transaction: a new one of an incident, or other content for one there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from alerts import audit, compose, store
from alerts.agencies import Officer
from alerts.errors import Refused
from alerts.lifecycle import Content, Edit, Enlarge, Message, Submit, apply
from alerts.model import Alert, Problem, Severity
from alerts.public_ids import new_public_id
from alerts.reports import Submission
from alerts.sealing import HASH_PURPOSE, content_hash
from alerts.service.chain import Case, decide, newest
from alerts.service.drafting import Draft, agency_of, audience_of
from alerts.service.end import next_expiry
from alerts.service.kept import keep
from alerts.service.photos import store_photos
from alerts.service.reach import count
from alerts.service.replays import origin_hash
from alerts.service.sealed import seal_alert, seal_area
from alerts.services import Services
from alerts.store import MessageRow
from notifiers.transactions import reading


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft and whom it would reach."""

    draft: Draft
    reach: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """Who proposes what, and the event it is to the lifecycle once its content is known."""

    officer: Officer
    ready: Prepared
    event: Callable[[Content], Submit | Enlarge | Edit]


def prepare(services: Services, officer: Officer, draft: Draft, status: str | None = None) -> Prepared:
    """Count the reach before the writer lock is taken. Refused when the status is not the incident's (`status`)."""
    if status is not None and draft.alert.status != status:
        said = f"the alert is {status}: what follows it must be so as well"
        raise Refused([Problem(Severity.ERROR, "status.changed", "/status", said)])
    with reading(services.engine) as connection:
        audience = audience_of(agency_of(officer), draft.alert)
        return Prepared(draft, count(services, connection, draft.area, audience).recipients)


def keep_new(connection: Connection, services: Services, case: Case, proposal: Proposal) -> Submission:
    """The next message of the incident. Raises what the lifecycle raises; OpenProposal before anything is stored."""
    now, row = services.clock(), case.row
    alert, content = _content(connection, services, case, proposal)
    after = apply(case.incident, proposal.event(content), now)
    message = newest(after.messages)
    public_id = new_public_id()
    message_id = store.add_message(
        connection,
        message.authors,
        public_id=public_id,
        incident_id=row.id,
        number=message.number,
        version=message.version,
        kind=message.kind.value,
        state=message.state.value,
        problems=len(proposal.ready.draft.problems),
        created_by=proposal.officer.id,
        created_at=now,
        asked_at=message.asked_at,
        **_columns(services, case, alert, content, proposal),
    )
    store.change_incident(connection, row.id, expires_at=next_expiry(after))
    _log(connection, services, (case.row.id, message_id), proposal, content)
    left = _submission(public_id, case, message, proposal, after.tag)
    keep(connection, left, row.key_name)
    return left


def keep_edit(
    connection: Connection, services: Services, case: Case, stored: MessageRow, proposal: Proposal
) -> Submission:
    """Other content for an open message."""
    alert, content = _content(connection, services, case, proposal)
    after = decide(connection, case, proposal.event(content), services.clock())
    columns = _columns(services, case, alert, content, proposal)
    problems = len(proposal.ready.draft.problems)
    store.change_message(connection, stored.id, problems=problems, sealed_note=None, **columns)
    store.change_incident(connection, case.row.id, expires_at=next_expiry(after))
    _log(connection, services, (case.row.id, stored.id), proposal, content)
    left = _submission(stored.public_id, case, after.get(stored.number), proposal, after.tag)
    keep(connection, left, case.row.key_name)
    return left


def _content(connection: Connection, services: Services, case: Case, proposal: Proposal) -> tuple[Alert, Content]:
    """The alert with its photos' ids, and what an approval will be bound to."""
    draft, row = proposal.ready.draft, case.row
    held = store_photos(connection, services.vault, row.id, row.key_name, draft.pictures)
    alert = compose.with_photos(draft.alert, held)
    digest = draft.area.digest()
    secret = services.vault.secret(row.key_name, HASH_PURPOSE)
    hashed = content_hash(secret, alert, digest, [one.sha256 for one in draft.pictures])
    return alert, Content(hashed, digest, proposal.ready.reach, draft.expires_at)


def _columns(services: Services, case: Case, alert: Alert, content: Content, proposal: Proposal) -> dict[str, Any]:
    key_name, vault = case.row.key_name, services.vault
    return {
        "origin_hash": origin_hash(
            case.row.agency_id, alert.sender, alert.identifier, alert.sent_at, test=case.row.test
        ),
        "content_hash": content.content_hash,
        "area_digest": content.area_digest,
        "reach": content.reach,
        "expires_at": content.expires_at,
        "sealed": seal_alert(vault, key_name, alert),
        "sealed_area": seal_area(vault, key_name, proposal.ready.draft.area),
    }


def _log(
    connection: Connection, services: Services, about: tuple[int, int], proposal: Proposal, content: Content
) -> None:
    audit.write(
        connection,
        audit.by_officer(proposal.officer.id),
        type(proposal.event(content)).__name__.lower(),
        services.clock(),
        incident_id=about[0],
        message_id=about[1],
        detail={"content_hash": content.content_hash, "reach": content.reach},
    )


def _submission(public_id: str, case: Case, message: Message, proposal: Proposal, tag: str) -> Submission:
    draft = proposal.ready.draft
    return Submission(
        id=public_id,
        token=case.row.token,
        state=message.state.value,
        kind=message.kind.value,
        version=message.version,
        number=message.number,
        content_hash=message.content.content_hash,
        area_digest=message.content.area_digest,
        area=draft.area,
        reach=message.content.reach,
        problems=draft.problems,
        tag=tag,
        lapses_at=message.lapses_at,
    )
