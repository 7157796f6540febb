"""A document becomes a message that waits for a second person: the first of an incident, an edit, an update, a wider area."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from alerts import audit, compose, store
from alerts.agencies import Officer, Use
from alerts.errors import Over, Refused, WrongState
from alerts.freshness import only_for_archive
from alerts.growth import Grown, Whole, grows
from alerts.intake import Intake
from alerts.lifecycle import Ask, Edit, Enlarge, Incident, Submit
from alerts.model import MsgType, Problem, Severity
from alerts.public_ids import new_public_id
from alerts.reports import Decision, Submission
from alerts.service import replays
from alerts.service.arrivals import follow
from alerts.service.chain import Case, Seen, decide, open_case
from alerts.service.drafting import agency_of, draft_of, policy_of
from alerts.service.keeping import Prepared, Proposal, keep_edit, keep_new, prepare
from alerts.service.kept import keep, once
from alerts.service.photos import check_held
from alerts.service.reach import place, read_blocks
from alerts.service.sealed import Opened, unseal
from alerts.services import Services
from geo.jurisdictions import sticks_out
from geo.shapes import Shape
from notifiers.model import Kind
from notifiers.transactions import reading, writing


@once(Submission)
def submit(services: Services, officer: Officer, intake: Intake, *, draft: bool = False) -> Submission:
    """Store a first message for approval (`draft`: keep it with its authors for now).

    A CAP Update or Cancel goes to the alert it references. The same (sender, identifier, sent) again changes nothing:
    `replayed`. Raises Refused with every fault, Conflict, NotAllowed.
    """
    follow(services)  # the reach is counted on a map that holds what an import a moment ago brought
    agency, test = agency_of(officer), officer.use is Use.TEST
    if replayed := replays.find(services, agency.id, intake, test=test):
        return replayed
    if intake.alert.msg_type is MsgType.UPDATE:
        return update(services, officer, replays.referenced(services, agency.id, intake.alert, test=test), intake)
    if intake.alert.msg_type is MsgType.CANCEL:
        return replays.cancel(services, officer, intake)
    return open_incident(services, officer, intake, draft=draft)


def open_incident(services: Services, officer: Officer, intake: Intake, *, draft: bool = False) -> Submission:
    """The first message of a new incident, whatever it says that it follows. Raises Refused."""
    return _open_incident(
        services, officer, prepare(services, officer, draft_of(services, officer, intake)), draft=draft
    )


def _open_incident(services: Services, officer: Officer, ready: Prepared, *, draft: bool) -> Submission:
    """The key is there before anything sealed under it, and gone again if nothing was stored."""
    token = new_public_id()
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
            test=officer.use is Use.TEST,
        )
        check_held(connection, incident_id, content.alert)
        case = Case(store.get_incident(connection, incident_id), (), Incident())
        return keep_new(connection, services, case, Proposal(officer, ready, partial(Submit, officer.id, draft=draft)))


@once(Submission)
def edit(  # noqa: PLR0913 what a change is
    services: Services,
    officer: Officer,
    alert_id: str,
    intake: Intake,
    *,
    draft: bool = False,
    unasked: bool = False,
    seen: Seen = None,
    co_authors: frozenset[int] = frozenset(),
) -> Submission:
    """Other content for an open message; the editor becomes an author of it. `unasked`, `co_authors` as in `lifecycle.Edit`.

    Raises NotFound, WrongState, Over, Changed, Refused.
    """
    case, message = _look(services, officer, alert_id, intake, seen)
    is_update = message.kind == Kind.UPDATE
    if is_update:
        intake = _as_update(services, case, intake)
    ready = prepare(services, officer, draft_of(services, officer, intake, case.row.id), case.row.status)
    goes_on = is_update and _goes_on(services, case, ready)
    with writing(services.engine) as connection:
        case, message = open_case(connection, officer, alert_id, seen)
        event = partial(
            Edit, officer.id, message.number, draft=draft, goes_on=goes_on, unasked=unasked, co_authors=co_authors
        )
        return keep_edit(connection, services, case, message, Proposal(officer, ready, event))


@once(Submission)
def update(  # what a change is
    services: Services,
    officer: Officer,
    alert_id: str,
    intake: Intake,
    seen: Seen = None,
    *,
    draft: bool = False,
    co_authors: frozenset[int] = frozenset(),
) -> Submission:
    """A new version of an alert in force (`draft`: nobody is asked to approve it yet). Raises NotFound, OpenProposal, Over, WrongState, Changed, Refused."""
    case, _ = _look(services, officer, alert_id, intake, seen)
    updated = _as_update(services, case, intake)
    ready = prepare(services, officer, draft_of(services, officer, updated, case.row.id), case.row.status)
    goes_on = _goes_on(services, case, ready)
    with writing(services.engine) as connection:
        case, _ = open_case(connection, officer, alert_id, seen)
        event = partial(Submit, officer.id, kind=Kind.UPDATE, goes_on=goes_on, draft=draft, co_authors=co_authors)
        return keep_new(connection, services, case, Proposal(officer, ready, event))


@once(Submission)
def enlarge(
    services: Services, officer: Officer, alert_id: str, wider: Mapping[str, Any], seen: Seen = None
) -> Submission:
    """The alert in force on an area that covers its old one: only those not told yet are told, once it is approved.

    Raises NotFound, OpenProposal, Over, WrongState, Changed, Refused (also where the old area sticks out of the new).
    """
    case, _ = _look(services, officer, alert_id, None, seen)
    earlier = _in_force(services, case)
    blocks = read_blocks(services, wider)
    _must_cover(place(services, blocks), earlier.area)
    alert = compose.enlarged(earlier.alert, blocks, services.clock())
    ready = prepare(
        services, officer, draft_of(services, officer, Intake(alert, policy=policy_of(alert))), case.row.status
    )
    with writing(services.engine) as connection:
        case, _ = open_case(connection, officer, alert_id, seen)
        return keep_new(connection, services, case, Proposal(officer, ready, partial(Enlarge, officer.id)))


@once(Submission)
def extend(services: Services, officer: Officer, alert_id: str, expires_at: datetime, seen: Seen = None) -> Submission:
    """The alert in force word for word until later: its next version, once a second person has approved it.

    Raises NotFound, OpenProposal, Over, WrongState, Changed, Refused (also where it is no later).
    """
    case, _ = _look(services, officer, alert_id, None, seen)
    earlier, until = _in_force(services, case), expires_at.replace(microsecond=0)
    _must_be_later(case, until)
    alert = compose.extended(earlier.alert, until, services.clock())
    ready = prepare(
        services, officer, draft_of(services, officer, Intake(alert, policy=policy_of(alert))), case.row.status
    )
    with writing(services.engine) as connection:
        case, _ = open_case(connection, officer, alert_id, seen)
        event = partial(Submit, officer.id, kind=Kind.UPDATE, goes_on=True)
        return keep_new(connection, services, case, Proposal(officer, ready, event))


@once(Decision)
def ask(services: Services, officer: Officer, alert_id: str, seen: Seen = None) -> Decision:
    """A second person is asked for, for a draft or for what lapsed, as it is; who asks is one of its authors from then on.

    Raises NotFound, WrongState, Over, Changed.
    """
    now = services.clock()
    with writing(services.engine) as connection:
        case, message = open_case(connection, officer, alert_id, seen)
        after = decide(connection, case, Ask(officer.id, message.number), now)
        audit.write(
            connection, audit.by_officer(officer.id), "ask", now,
            incident_id=case.row.id, message_id=message.id, detail={"content_hash": message.content_hash},
        )  # fmt: skip
        asked = after.get(message.number)
        left = Decision(
            alert_id, case.row.token, asked.state.value, now, asked.content.reach,
            tag=after.tag, lapses_at=asked.lapses_at,
        )  # fmt: skip
        keep(connection, left)
    return left


def _goes_on(services: Services, case: Case, ready: Prepared) -> bool:
    """Whether it says no word that what is in force does not say."""
    earlier, content = _in_force(services, case), ready.draft
    until = case.stored(case.incident.in_force.number).expires_at if case.incident.in_force else content.expires_at
    before = Whole(earlier.alert, earlier.area, until)
    return not content.pictures and Grown.WORDS not in grows(
        before, Whole(content.alert, content.area, content.expires_at)
    )


def _look(
    services: Services, officer: Officer, alert_id: str, intake: Intake | None, seen: Seen = None
) -> tuple[Case, store.MessageRow]:
    """The case as it stands before the long work; the lifecycle has the last word in the transaction."""
    with reading(services.engine) as connection:
        case, message = open_case(connection, officer, alert_id, seen)
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
    if archived := only_for_archive(intake.alert, services.clock()):  # else the update's own time would make it fresh
        raise Refused([Problem.error(one.type, one.path, one.message) for one in archived])
    earlier = _in_force(services, case).alert
    if intake.alert.msg_type is not MsgType.ALERT:
        return intake
    return replace(intake, alert=compose.as_update(intake.alert, earlier, services.clock()))


def _must_be_later(case: Case, until: datetime) -> None:
    number = case.incident.in_force.number if case.incident.in_force else 0
    now_until = case.stored(number).expires_at
    if now_until is not None and until <= now_until:
        said = f"this is not later than {now_until:%Y-%m-%d %H:%M} UTC; to end it sooner, shorten it alone (/reduce)"
        raise Refused([Problem.error("expires_at.early", "/expires_at", said)])


def _must_cover(wider: Shape, old: Shape) -> None:
    if sticks_out(old, wider, sliver_m=1.0) is not None:
        said = "an enlarged area must cover the old one whole; submit an update to move or shrink it"
        raise Refused([Problem(Severity.ERROR, "area.shrinks", "/area", said)])
