"""The alert in force once more: the same words to the same area, as the next version, which replaces the old silently.

One officer's word is enough: a second one has approved every word of it, its area, its time and whom it may reach, and
none of that changes. What could go wrong is how often and to how many: so it waits for the programme's interval, and a
reach that has grown past the approval's is refused. It is logged like an approval, and its time is not prolonged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alerts import audit, compose, store
from alerts.agencies import Officer
from alerts.errors import Conflict, Over, WrongState
from alerts.lifecycle import Message, Repeat, State
from alerts.model import Alert
from alerts.notice import from_alert, languages_of
from alerts.programme import Programme
from alerts.public_ids import new_public_id
from alerts.reports import Decision
from alerts.sealing import HASH_PURPOSE, content_hash
from alerts.service import ground
from alerts.service.chain import Case, Seen, decide, newest, open_case
from alerts.service.decide import ReachGrown
from alerts.service.drafting import agency_of, audience_of, programme_of
from alerts.service.end import end_if_over
from alerts.service.kept import once
from alerts.service.publishing import publish
from alerts.service.reach import count
from alerts.service.replays import origin_hash
from alerts.service.sealed import seal_alert, seal_area, unseal
from alerts.services import Services
from geo.shapes import Shape
from notifiers.choosing import MOST_OVER_REACH
from notifiers.model import Kind, Notice
from notifiers.transactions import reading


class TooSoon(Conflict):
    """The programme lets an alert be repeated again only after an interval; `at` says when."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"it was sent only a moment ago: the programme lets it be repeated from {at:%H:%M} UTC on")
        self.at = at


@dataclass(frozen=True, slots=True)
class Again:
    """What takes the place of message `number` without a new approval: its alert and area, and by which act."""

    officer: Officer
    number: int
    alert: Alert
    area: Shape
    rules: Programme
    act: str = "repeat"
    seen: Seen = None


@once(Decision)
def repeat(services: Services, officer: Officer, alert_id: str, seen: Seen = None) -> Decision:
    """Say it again. Raises NotFound, Over, WrongState, OpenProposal, TooSoon, ReachGrown, Changed."""
    now = services.clock()
    with reading(services.engine) as connection:
        case, _ = open_case(connection, officer, alert_id, seen)
        message = in_force(case)
        opened = unseal(services.vault, case.row.key_name, case.stored(message.number))
        rules = programme_of(agency_of(officer), opened.alert)
        counted = count(services, connection, opened.area, audience_of(agency_of(officer), opened.alert)).recipients
    _not_too_soon(case, rules, now)
    if counted > message.content.reach * MOST_OVER_REACH:
        raise ReachGrown(message.content.reach, counted)
    ground.must_hold(services, case.row.agency_id, opened.area)
    alert = compose.repeated(opened.alert, now)
    again = Again(officer, message.number, alert, opened.area, rules, seen=seen)
    return publish(services, lambda connection: _say(connection, services, alert_id, again))


def may_repeat_at(case: Case, rules: Programme) -> datetime | None:
    """From when on it may be repeated; None where nothing is in force."""
    message = case.incident.in_force
    approved_at = case.stored(message.number).approved_at if message else None
    return approved_at and approved_at + timedelta(seconds=rules.repeat_after_s)


def in_force(case: Case) -> Message:
    if case.row.ended_at is not None:
        raise Over("the alert is over; submit a new one")
    if case.incident.in_force is None:
        raise WrongState("nothing of this alert is in force yet")
    return case.incident.in_force


def _not_too_soon(case: Case, rules: Programme, now: datetime) -> None:
    at = may_repeat_at(case, rules)
    if at is not None and now < at:
        raise TooSoon(at)


def _say(connection: Connection, services: Services, alert_id: str, again: Again) -> tuple[Decision, Case, Notice]:
    """The next version, stored, in force and logged. The lifecycle has the last word, and so has the interval."""
    now = services.clock()
    case, _ = open_case(connection, again.officer, alert_id, again.seen)
    message = in_force(case)
    if message.number != again.number:
        raise Conflict("another version came into force meanwhile; look at it again")
    _not_too_soon(case, again.rules, now)
    digest = again.area.digest()
    secret = services.vault.secret(case.row.key_name, HASH_PURPOSE)
    content = replace(message.content, content_hash=content_hash(secret, again.alert, digest), area_digest=digest)
    after = decide(connection, case, Repeat(again.officer.id, content), now)
    added = newest(after.messages)
    public_id = store_again(connection, services, case, added, again, now)
    end_if_over(connection, case, after, "", now)
    reach, state = added.content.reach, State.ACTIVE.value
    done = Decision(public_id, case.row.token, state, now, reach, tag=after.tag)
    return done, case, notice_again(services, case, added, again, now)


def store_again(  # one argument for each part of the row
    connection: Connection, services: Services, case: Case, added: Message, again: Again, now: datetime
) -> str:
    """A message that is in force by the approval it had, as a row and in the log; its public id."""
    key_name, alert, content = case.row.key_name, again.alert, added.content
    public_id = new_public_id()
    message_id = store.add_message(
        connection,
        added.authors,
        public_id=public_id,
        incident_id=case.row.id,
        number=added.number,
        version=added.version,
        kind=added.kind.value,
        state=added.state.value,
        origin_hash=origin_hash(case.row.agency_id, alert.sender, alert.identifier, alert.sent_at),
        content_hash=content.content_hash,
        area_digest=content.area_digest,
        reach=content.reach,
        expires_at=content.expires_at,
        sealed=seal_alert(services.vault, key_name, alert),
        sealed_area=seal_area(services.vault, key_name, again.area),
        problems=case.stored(again.number).problems,
        created_by=again.officer.id,
        created_at=now,
        decided_by=added.decided_by,
        decided_at=now,
        approved_at=now,
        languages=languages_of(alert),
    )
    detail: audit.Detail = {"content_hash": content.content_hash, "reach": content.reach}
    actor = audit.by_officer(again.officer.id)
    audit.write(connection, actor, again.act, now, incident_id=case.row.id, message_id=message_id, detail=detail)
    return public_id


def notice_again(services: Services, case: Case, added: Message, again: Again, now: datetime) -> Notice:
    """What people get of it: silently, where it takes the old one's place; who was not told yet is told."""
    return from_alert(
        again.alert,
        incident_token=case.row.token,
        version=added.version,
        number=added.number,
        kind=Kind.UPDATE,
        area=again.area,
        reach=added.content.reach,
        page_url=f"{services.settings.base_url}/a/{case.row.token}",
        now=now,
        tells_outside=again.rules.tells_outside,
        repeats_on=again.rules.repeats_on,
        alert_class=again.rules.alert_class,
    )
