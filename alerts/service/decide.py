"""The second person's word: approve, return, reject. An approval and the notice it lets go are one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from alerts import audit, reasons, store
from alerts.agencies import Officer
from alerts.errors import Conflict, Over
from alerts.freshness import only_for_archive
from alerts.lifecycle import Approve, Ask, Incident, Reject, Return, State, apply
from alerts.notice import from_alert, languages_of, wakes_within_m
from alerts.programme import Programme
from alerts.reports import Decision
from alerts.service import ground
from alerts.service.arrivals import follow
from alerts.service.chain import Case, Seen, decide, load_case, open_case
from alerts.service.drafting import agency_of, audience_of, programme_of
from alerts.service.end import destroy_keys, end_if_over
from alerts.service.kept import keep, once
from alerts.service.publishing import publish
from alerts.service.reach import count
from alerts.service.sealed import Opened, seal_note, unseal
from alerts.services import Services
from alerts.store import MessageRow
from alerts.validation import is_stale
from notifiers.choosing import MOST_OVER_REACH
from notifiers.model import Kind, Notice
from notifiers.transactions import reading, writing


class ReachGrown(Conflict):
    """Many more people are inside the area than the approval was asked for; `reach` is how many now."""

    def __init__(self, shown: int, reach: int) -> None:
        super().__init__(f"the area reaches {reach} people now, {shown} when it was looked at; look at it again")
        self.reach = reach


@dataclass(frozen=True, slots=True)
class Yes:
    """What an approval says: what was looked at, and where many people are told, why.

    `asker`: in whose name the approval of a draft is asked for in the same transaction (the rule of a feed's source).
    """

    content_hash: str
    reach: int | None = None
    reason: str | None = None
    seen: Seen = None
    asker: int | None = None
    first: Callable[[Connection], None] | None = None


def approve(  # by name what was seen
    services: Services,
    officer: Officer,
    alert_id: str,
    content_hash: str,
    *,
    reach: int | None = None,
    reason: str | None = None,
    seen: Seen = None,
) -> Decision:
    """Let it go, exactly as looked at: `content_hash`, and `reach` as shown (else as counted when it was submitted).

    Raises NotFound, FourEyes, StaleContent, Lapsed, WrongState, Over, ReachGrown, LeavesJurisdiction, Changed, and
    Refused where so many are reached that a `reason` is needed. On return the notice is committed: it will be fanned
    out whatever happens to this process.
    """
    return let_go(services, officer, alert_id, Yes(content_hash, reach, reason, seen))


def approve_draft(services: Services, officer: Officer, alert_id: str, content_hash: str, *, asker: int) -> Decision:
    """As `approve`, of a draft, which is asked for in the name of `asker` in the same transaction."""
    return let_go(services, officer, alert_id, Yes(content_hash, asker=asker))


@once(Decision)
def let_go(services: Services, officer: Officer, alert_id: str, yes: Yes) -> Decision:
    """As `approve`, by what the approval says."""
    return _approve(services, officer, alert_id, judge(services, officer, alert_id, yes))


def judge(services: Services, officer: Officer, alert_id: str, yes: Yes) -> _Approval:
    """All that an approval asks, and nothing done. Raises as `approve`."""
    now = services.clock()
    follow(services)  # counted on a map that holds what an import a moment ago brought
    with reading(services.engine) as connection:  # counted before the writer lock is taken: it may take a second
        case, message = open_case(connection, officer, alert_id, yes.seen)
        if case.row.ended_at is not None:
            raise Over("the alert is over")
        opened = unseal(services.vault, case.row.key_name, message)
        audience = audience_of(agency_of(officer), opened.alert)
        counted = count(services, connection, opened.area, audience).recipients
    event = Approve(officer.id, message.number, yes.content_hash, opened.area.digest(), counted)
    asked = case.incident if yes.asker is None else apply(case.incident, Ask(yes.asker, message.number), now)
    apply(asked, event, now)
    rules = programme_of(agency_of(officer), opened.alert)
    if is_stale(opened.alert, rules, now):
        raise Over("it was sent too long ago to be broadcast: whatever it says may be true no more; submit a new one")
    basis = ground.must_hold(services, agency_of(officer).id, opened.area)
    if archived := only_for_archive(opened.alert, now):
        raise Over(archived[0].message)
    shown = message.reach if yes.reach is None else yes.reach
    if counted > shown * MOST_OVER_REACH:
        _note_reach(services, message, counted)
        raise ReachGrown(shown, counted)
    reasons.check(services.settings.reason_above, rules, counted, yes.reason, opened.alert)
    return _Approval(event, yes, opened, rules, basis)


@dataclass(frozen=True, slots=True)
class _Approval:
    """An approval that is to be done: the event, what was said with it, what it is about, and where it may go."""

    event: Approve
    yes: Yes
    opened: Opened
    rules: Programme
    basis: ground.Basis


def _approve(services: Services, officer: Officer, alert_id: str, approval: _Approval) -> Decision:
    """What was opened is what is stored still, or the event's hashes do not fit and the lifecycle refuses."""

    def decided(connection: Connection) -> tuple[Decision, Case, Notice]:
        case, _ = open_case(connection, officer, alert_id, approval.yes.seen)
        if approval.yes.asker is not None:
            decide(connection, case, Ask(approval.yes.asker, approval.event.number), services.clock())
            case = load_case(connection, case.row)
        if approval.yes.first is not None:
            approval.yes.first(connection)
        ground.must_be_same(connection, case.row.agency_id, approval.basis, services.clock())
        after, said = _let_go(connection, services, case, approval)
        reach = approval.event.reach
        done = Decision(alert_id, case.row.token, State.ACTIVE.value, said.sent_at, reach, tag=after.tag)
        return done, case, said

    return publish(services, decided)


def _let_go(connection: Connection, services: Services, case: Case, approval: _Approval) -> tuple[Incident, Notice]:
    """The lifecycle's yes, stored and logged; the notice that people are to get, by the rules of its programme."""
    opened, rules, event = approval.opened, approval.rules, approval.event
    now, message = services.clock(), case.stored(event.number)
    after = decide(connection, case, event, now)
    store.change_message(connection, message.id, approved_at=now, languages=languages_of(opened.alert))
    end_if_over(connection, case, after, "", now)
    _log(connection, event, case, message, now, approval.yes.reason)
    return after, from_alert(
        opened.alert,
        incident_token=case.row.token,
        version=message.version,
        number=message.number,
        kind=Kind(message.kind),
        area=opened.area,
        reach=event.reach,
        page_url=f"{services.settings.base_url}/a/{case.row.token}",
        now=now,
        tells_outside=rules.tells_outside,
        alert_class=rules.alert_class,
        wakes_m=wakes_within_m(opened.alert, rules),
    )


def _note_reach(services: Services, message: MessageRow, counted: int) -> None:
    """The next look shows the new reach; an approval after that look is for it."""
    with writing(services.engine) as connection:
        store.change_message(connection, message.id, reach=counted)


@once(Decision)
def return_(services: Services, officer: Officer, alert_id: str, note: str, seen: Seen = None) -> Decision:
    """Back to its authors, with a reason. Raises NotFound, WrongState, Changed."""
    return _turn_down(services, officer, alert_id, (Return, note), seen)


@once(Decision)
def reject(services: Services, officer: Officer, alert_id: str, note: str, seen: Seen = None) -> Decision:
    """No, for good, with a reason. A first message that is rejected ends its incident, and its data goes."""
    decision = _turn_down(services, officer, alert_id, (Reject, note), seen)
    destroy_keys(services)
    return decision


def _turn_down(
    services: Services, officer: Officer, alert_id: str, said: tuple[type[Return | Reject], str], seen: Seen
) -> Decision:
    now, (kind, note) = services.clock(), said
    with writing(services.engine) as connection:
        case, message = open_case(connection, officer, alert_id, seen)
        event = kind(officer.id, message.number)
        after = decide(connection, case, event, now)
        store.change_message(connection, message.id, sealed_note=seal_note(services.vault, case.row.key_name, note))
        end_if_over(connection, case, after, "rejected", now)
        _log(connection, event, case, message, now)
        state = after.get(message.number).state.value
        left = Decision(message.public_id, case.row.token, state, now, tag=after.tag)
        keep(connection, left)
    return left


def _log(  # the parts of an entry
    connection: Connection,
    event: Approve | Return | Reject,
    case: Case,
    message: MessageRow,
    now: datetime,
    reason: str | None = None,
) -> None:
    detail: audit.Detail = {"content_hash": message.content_hash}
    if isinstance(event, Approve):
        detail = {"content_hash": event.content_hash, "reach": event.reach, **({"reason": reason} if reason else {})}
    audit.write(
        connection,
        audit.by_officer(event.officer),
        type(event).__name__.lower(),
        now,
        incident_id=case.row.id,
        message_id=message.id,
        detail=detail,
    )
