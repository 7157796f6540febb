"""The second person's word: approve, return, reject. An approval and the notice it lets go are one transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from alerts import audit, store
from alerts.agencies import Officer
from alerts.errors import Conflict, Over
from alerts.lifecycle import Approve, Reject, Return, State, apply
from alerts.notice import from_alert
from alerts.programme import Programme
from alerts.reports import Decision
from alerts.service.arrivals import follow
from alerts.service.chain import Case, decide, open_case
from alerts.service.drafting import agency_of, programme_of
from alerts.service.end import destroy_keys, end_if_over
from alerts.service.publishing import publish
from alerts.service.reach import count
from alerts.service.sealed import Opened, seal_note, unseal
from alerts.services import Services
from alerts.store import MessageRow
from alerts.validation import is_stale
from notifiers.fanout import MOST_OVER_REACH
from notifiers.model import Kind, Notice
from notifiers.transactions import reading, writing


class ReachGrown(Conflict):
    """Many more people are inside the area than the approval was asked for; `reach` is how many now."""

    def __init__(self, shown: int, reach: int) -> None:
        super().__init__(f"the area reaches {reach} people now, {shown} when it was looked at; look at it again")
        self.reach = reach


def approve(
    services: Services, officer: Officer, alert_id: str, content_hash: str, *, reach: int | None = None
) -> Decision:
    """Let it go, exactly as looked at: `content_hash`, and `reach` as shown (else as counted when it was submitted).

    Raises NotFound, FourEyes, StaleContent, WrongState, Over, ReachGrown. On return the notice is committed: it will
    be fanned out whatever happens to this process.
    """
    now = services.clock()
    follow(services)  # counted on a map that holds what an import a moment ago brought
    with reading(services.engine) as connection:  # counted before the writer lock is taken: it may take a second
        case, message = open_case(connection, officer, alert_id)
        if case.row.ended_at is not None:
            raise Over("the alert is over")
        opened = unseal(services.vault, case.row.key_name, message)
        counted = count(services, connection, opened.area, case.row.status).recipients
    event = Approve(officer.id, message.number, content_hash, opened.area.digest(), counted)
    apply(case.incident, event, now)
    if is_stale(opened.alert, programme_of(agency_of(officer), opened.alert), now):
        raise Over("it was sent too long ago to be broadcast: whatever it says may be true no more; submit a new one")
    shown = message.reach if reach is None else reach
    if counted > shown * MOST_OVER_REACH:
        _note_reach(services, message, counted)
        raise ReachGrown(shown, counted)
    return _approve(services, officer, alert_id, event, opened)


def _approve(services: Services, officer: Officer, alert_id: str, event: Approve, opened: Opened) -> Decision:
    """What was opened is what is stored still, or the event's hashes do not fit and the lifecycle refuses."""

    def decided(connection: Connection) -> tuple[Case, Notice]:
        case, _ = open_case(connection, officer, alert_id)
        return case, _let_go(
            connection, services, case, event, (opened, programme_of(agency_of(officer), opened.alert))
        )

    case, said, notice_id = publish(services, decided)
    return Decision(alert_id, case.row.token, State.ACTIVE.value, said.sent_at, event.reach, notice_id)


def _let_go(
    connection: Connection, services: Services, case: Case, event: Approve, under: tuple[Opened, Programme]
) -> Notice:
    """The lifecycle's yes, stored and logged; the notice that people are to get, by the rules of its programme."""
    opened, rules = under
    now, message = services.clock(), case.stored(event.number)
    after = decide(connection, case, event, now)
    store.change_message(connection, message.id, approved_at=now)
    end_if_over(connection, case, after, "", now)
    _log(connection, event, case, message, now)
    return from_alert(
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
    )


def _note_reach(services: Services, message: MessageRow, counted: int) -> None:
    """The next look shows the new reach; an approval after that look is for it."""
    with writing(services.engine) as connection:
        store.change_message(connection, message.id, reach=counted)


def return_(services: Services, officer: Officer, alert_id: str, note: str) -> Decision:
    """Back to its authors, with a reason. Raises NotFound, WrongState."""
    return _turn_down(services, officer, alert_id, Return, note)


def reject(services: Services, officer: Officer, alert_id: str, note: str) -> Decision:
    """No, for good, with a reason. A first message that is rejected ends its incident, and its data goes."""
    decision = _turn_down(services, officer, alert_id, Reject, note)
    destroy_keys(services)
    return decision


def _turn_down(services: Services, officer: Officer, alert_id: str, kind: type[Return | Reject], note: str) -> Decision:
    now = services.clock()
    with writing(services.engine) as connection:
        case, message = open_case(connection, officer, alert_id)
        event = kind(officer.id, message.number)
        after = decide(connection, case, event, now)
        store.change_message(connection, message.id, sealed_note=seal_note(services.vault, case.row.key_name, note))
        end_if_over(connection, case, after, "rejected", now)
        _log(connection, event, case, message, now)
    return Decision(message.public_id, case.row.token, after.get(message.number).state.value, now)


def _log(
    connection: Connection, event: Approve | Return | Reject, case: Case, message: MessageRow, now: datetime
) -> None:
    detail: audit.Detail = {}
    if isinstance(event, Approve):
        detail = {"content_hash": event.content_hash, "area_digest": event.area_digest, "reach": event.reach}
    audit.write(
        connection,
        audit.by_officer(event.officer),
        type(event).__name__.lower(),
        now,
        incident_id=case.row.id,
        message_id=message.id,
        detail=detail,
    )
