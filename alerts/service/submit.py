"""A document becomes a message that waits for a second person: the first of an incident, an edit, an update, a wider area."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from alerts import compose, store
from alerts.agencies import Officer
from alerts.errors import Over, Refused, WrongState
from alerts.intake import Intake
from alerts.lifecycle import Edit, Enlarge, Incident, Submit
from alerts.model import MsgType, Problem, Severity
from alerts.reports import Submission
from alerts.service import replays
from alerts.service.arrivals import follow
from alerts.service.chain import Case, open_case
from alerts.service.drafting import agency_of, draft_of, policy_of
from alerts.service.keeping import Prepared, Proposal, keep_edit, keep_new, prepare
from alerts.service.photos import check_held
from alerts.service.reach import place, read_blocks
from alerts.service.sealed import Opened, unseal
from alerts.services import Services
from geo.jurisdictions import sticks_out
from geo.shapes import Shape
from notifiers.model import Kind
from notifiers.transactions import reading, writing


def submit(services: Services, officer: Officer, intake: Intake, *, draft: bool = False) -> Submission:
    """Store a first message for approval (`draft`: keep it with its authors for now).

    A CAP Update or Cancel goes to the alert it references. The same (sender, identifier, sent) again changes nothing:
    `replayed`. Raises Refused with every fault, Conflict, NotAllowed.
    """
    follow(services)  # the reach is counted on a map that holds what an import a moment ago brought
    agency = agency_of(officer)
    if replayed := replays.find(services, agency.id, intake.alert):
        return replayed
    if intake.alert.msg_type is MsgType.UPDATE:
        return update(services, officer, replays.referenced(services, agency.id, intake.alert), intake)
    if intake.alert.msg_type is MsgType.CANCEL:
        return replays.cancel(services, officer, intake)
    return _open_incident(services, officer, prepare(services, draft_of(services, officer, intake)), draft=draft)


def _open_incident(services: Services, officer: Officer, ready: Prepared, *, draft: bool) -> Submission:
    """The key is there before anything sealed under it, and gone again if nothing was stored."""
    token = secrets.token_urlsafe(16)
    key_name = f"incident-{token}"
    services.vault.create(key_name)
    try:
        return _store_incident(services, officer, ready, (token, key_name), draft=draft)
    except BaseException:
        services.vault.destroy(key_name)
        raise


def _store_incident(
    services: Services, officer: Officer, ready: Prepared, names: tuple[str, str], *, draft: bool
) -> Submission:
    token, key_name = names
    agency, content = agency_of(officer), ready.draft
    with writing(services.engine) as connection:
        incident_id = store.add_incident(
            connection,
            token=token,
            agency_id=agency.id,
            status=content.alert.status.value,
            key_name=key_name,
            opened_at=services.clock(),
            expires_at=content.expires_at,
        )
        check_held(connection, incident_id, content.alert)
        case = Case(store.get_incident(connection, incident_id), (), Incident())
        proposal = Proposal(officer, ready, lambda content: Submit(officer.id, content, draft=draft))
        return keep_new(connection, services, case, proposal)


def edit(services: Services, officer: Officer, alert_id: str, intake: Intake, *, draft: bool = False) -> Submission:
    """Other content for a draft, returned or pending message; the editor becomes an author of it.

    Raises NotFound, WrongState, Over, Refused.
    """
    case, message = _look(services, officer, alert_id, intake)
    if message.kind == Kind.UPDATE:
        intake = _as_update(services, case, intake)
    ready = prepare(services, draft_of(services, officer, intake), case.row.status)
    with writing(services.engine) as connection:
        case, message = open_case(connection, officer, alert_id)
        number = message.number
        proposal = Proposal(officer, ready, lambda content: Edit(officer.id, number, content, draft=draft))
        return keep_edit(connection, services, case, message, proposal)


def update(services: Services, officer: Officer, alert_id: str, intake: Intake) -> Submission:
    """A new version of an alert in force. Raises NotFound, OpenProposal, Over, WrongState, Refused."""
    case, _ = _look(services, officer, alert_id, intake)
    ready = prepare(services, draft_of(services, officer, _as_update(services, case, intake)), case.row.status)
    with writing(services.engine) as connection:
        case, _ = open_case(connection, officer, alert_id)
        proposal = Proposal(officer, ready, lambda content: Submit(officer.id, content, Kind.UPDATE))
        return keep_new(connection, services, case, proposal)


def enlarge(services: Services, officer: Officer, alert_id: str, wider: Mapping[str, Any]) -> Submission:
    """The alert in force on an area that covers its old one: only those not told yet are told, once it is approved.

    Raises NotFound, OpenProposal, Over, WrongState, Refused (also where the old area sticks out of the new one).
    """
    case, _ = _look(services, officer, alert_id, None)
    earlier = _in_force(services, case)
    blocks = read_blocks(services, wider)
    _must_cover(place(services, blocks), earlier.area)
    alert = compose.enlarged(earlier.alert, blocks, services.clock())
    ready = prepare(services, draft_of(services, officer, Intake(alert, policy=policy_of(alert))), case.row.status)
    with writing(services.engine) as connection:
        case, _ = open_case(connection, officer, alert_id)
        proposal = Proposal(officer, ready, lambda content: Enlarge(officer.id, content))
        return keep_new(connection, services, case, proposal)


def _look(services: Services, officer: Officer, alert_id: str, intake: Intake | None) -> tuple[Case, store.MessageRow]:
    """The case as it stands before the long work; the lifecycle has the last word in the transaction."""
    with reading(services.engine) as connection:
        case, message = open_case(connection, officer, alert_id)
        if case.row.ended_at is not None:
            raise Over("the alert is over; submit a new one")
        if intake is not None:
            check_held(connection, case.row.id, intake.alert)
    return case, message


def _in_force(services: Services, case: Case) -> Opened:
    in_force = case.incident.in_force
    if in_force is None:
        raise WrongState("nothing of this alert is in force yet: edit it instead")
    return unseal(services.vault, case.row.key_name, case.stored(in_force.number))


def _as_update(services: Services, case: Case, intake: Intake) -> Intake:
    """A record follows the message in force; a CAP Update says by itself what it follows."""
    earlier = _in_force(services, case).alert
    if intake.alert.msg_type is not MsgType.ALERT:
        return intake
    return replace(intake, alert=compose.as_update(intake.alert, earlier, services.clock()))


def _must_cover(wider: Shape, old: Shape) -> None:
    if sticks_out(old, wider, sliver_m=1.0) is not None:
        said = "an enlarged area must cover the old one whole; submit an update to move or shrink it"
        raise Refused([Problem(Severity.ERROR, "area.shrinks", "/area", said)])
