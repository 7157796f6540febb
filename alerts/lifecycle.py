"""The life of an incident: the transitions between states as data; `apply` is the only way to move.

Pure: whoever calls stores what comes back, in one transaction. Nobody approves what they wrote, edited or submitted, in
this message or in the one that it goes on from, and an approval is bound to the hash of what was looked at. A request
lapses after 15 minutes. Ending an incident takes one person: it tells people less, never more. So does saying less
(`Reduce`), and repeating what is in force: a second person has approved its every word, its area and its time, and whom
it reaches may not have grown past what that approval was for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from alerts import errors
from alerts.incident import (
    ENDED,
    OPEN,
    Approve,
    Ask,
    Cancel,
    Content,
    Edit,
    Enlarge,
    Event,
    Expire,
    Incident,
    Lapse,
    Message,
    Reduce,
    Reject,
    Repeat,
    Return,
    State,
    Submit,
)
from notifiers.model import Kind

__all__ = [
    "ENDED",
    "OPEN",
    "TRANSITIONS",
    "Approve",
    "Ask",
    "Cancel",
    "Content",
    "Edit",
    "Enlarge",
    "Event",
    "Expire",
    "Incident",
    "Lapse",
    "Message",
    "Reduce",
    "Reject",
    "Repeat",
    "Return",
    "State",
    "Submit",
    "apply",
    "can",
]

# What becomes of a message, by its state and the event that meets it. What is not here cannot happen.
TRANSITIONS: Mapping[tuple[State, type[Event]], State] = {
    (State.DRAFT, Edit): State.PENDING,
    (State.DRAFT, Ask): State.PENDING,
    (State.DRAFT, Reject): State.REJECTED,
    (State.DRAFT, Cancel): State.CANCELLED,
    (State.DRAFT, Expire): State.EXPIRED,
    (State.PENDING, Edit): State.PENDING,
    (State.PENDING, Approve): State.ACTIVE,
    (State.PENDING, Return): State.RETURNED,
    (State.PENDING, Reject): State.REJECTED,
    (State.PENDING, Cancel): State.CANCELLED,
    (State.PENDING, Expire): State.EXPIRED,
    (State.PENDING, Lapse): State.LAPSED,
    (State.LAPSED, Edit): State.PENDING,
    (State.LAPSED, Ask): State.PENDING,
    (State.LAPSED, Reject): State.REJECTED,
    (State.LAPSED, Cancel): State.CANCELLED,
    (State.LAPSED, Expire): State.EXPIRED,
    (State.RETURNED, Edit): State.PENDING,
    (State.RETURNED, Reject): State.REJECTED,
    (State.RETURNED, Cancel): State.CANCELLED,
    (State.RETURNED, Expire): State.EXPIRED,
    (State.ACTIVE, Approve): State.UPDATED,  # of a later message: it takes this one's place
    (State.ACTIVE, Repeat): State.UPDATED,
    (State.ACTIVE, Reduce): State.UPDATED,
    (State.ACTIVE, Cancel): State.CANCELLED,
    (State.ACTIVE, Expire): State.EXPIRED,
}


def apply(incident: Incident, event: Event, now: datetime) -> Incident:
    """The incident after `event`. Raises WrongState, FourEyes, NeedsSecond, StaleContent, Lapsed, OpenProposal, Over,
    NotFound.
    """
    match event:
        case Submit() | Enlarge():
            return _propose(incident, event, now)
        case Repeat() | Reduce():
            return _repeat(incident, event, now) if isinstance(event, Repeat) else _reduce(incident, event, now)
        case Edit() | Ask():
            return _edit(incident, event, now) if isinstance(event, Edit) else _ask(incident, event, now)
        case Approve():
            return _approve(incident, event, now)
        case Return() | Reject():
            return _decide(incident, event, now)
        case Cancel() | Expire() | Lapse():
            return _end(incident, event, now)


def can(message: Message, event: type[Event]) -> bool:
    """Whether the table has a way for this event out of the message's state: what a page offers as a button."""
    return (message.state, event) in TRANSITIONS


def _propose(incident: Incident, event: Submit | Enlarge, now: datetime) -> Incident:
    if incident.over:
        raise errors.Over("the alert is over; submit a new one")
    if incident.open:
        raise errors.OpenProposal("another message of this alert waits for its decision; decide that one first")
    kind = event.kind if isinstance(event, Submit) else Kind.UPDATE
    state = State.DRAFT if isinstance(event, Submit) and event.draft else State.PENDING
    version = _version(incident, event, kind)
    authors = _before(incident, event) | {event.officer}
    asked_at = now if state is State.PENDING else None
    added = Message(incident.next_number, kind, version, state, event.content, authors, asked_at=asked_at)
    return Incident((*incident.messages, added))


def _before(incident: Incident, event: Submit | Enlarge | Edit) -> frozenset[int]:
    """Whoever wrote what is in force, where its words go on, or words that were taken over: authors of this as well."""
    goes_on = isinstance(event, Enlarge) or event.goes_on
    taken = frozenset() if isinstance(event, Enlarge) else event.co_authors
    return taken | (incident.in_force.authors if goes_on and incident.in_force else frozenset())


def _version(incident: Incident, event: Submit | Enlarge, kind: Kind) -> int:
    """A first alert opens an incident, updates follow one in force; a cancel is an event, not a proposal."""
    in_force = incident.in_force
    if kind is Kind.CANCEL or (in_force is None) is not (kind is Kind.ALERT):
        raise errors.WrongState("an update needs an alert in force, and a first alert an incident without one")
    return in_force.version if in_force and isinstance(event, Enlarge) else incident.next_version


def _repeat(incident: Incident, event: Repeat, now: datetime) -> Incident:
    """In force by the approval it had, whose authors and approver stay its own; the log says who repeated it.

    What waits for a decision may be the better word, so it is decided first.
    """
    before = _standing(incident, now)
    if incident.open:
        raise errors.OpenProposal("another message of this alert waits for its decision; decide that one first")
    said = (before.content.area_digest, before.content.expires_at, before.content.reach)
    if (event.content.area_digest, event.content.expires_at, event.content.reach) != said:
        raise errors.StaleContent("a repeat says the same to the same area, for no longer than was approved")
    return _again(incident, before, event, now)


def _reduce(incident: Incident, event: Reduce, now: datetime) -> Incident:
    """In force by the approval it had, for that was for more. What waits was made from more, so it is rejected."""
    before, after = _standing(incident, now), event.content
    if event.grows or after.expires_at > before.content.expires_at or after.reach > before.content.reach:
        raise errors.NeedsSecond("this adds a recipient, a word or time: another officer must approve it")
    if after.expires_at <= now:
        raise errors.Over("this time is past: end the alert instead")
    if incident.open:
        incident = _decide(incident, Reject(event.officer, incident.open.number), now)
    return _again(incident, before, event, now)


def _standing(incident: Incident, now: datetime) -> Message:
    """The message in force, whose time has not run out."""
    before = incident.in_force
    if before is None:
        raise errors.Over("the alert is over") if incident.over else errors.WrongState("nothing of it is in force yet")
    if before.content.expires_at <= now:
        raise errors.Over("its time ran out")
    return before


def _again(incident: Incident, before: Message, event: Repeat | Reduce, now: datetime) -> Incident:
    """The next version, by the authors and the approval of the one whose place it takes."""
    added = Message(
        incident.next_number, Kind.UPDATE, incident.next_version, State.ACTIVE, event.content,
        before.authors, before.decided_by, now,
    )  # fmt: skip
    superseded = _put(incident, replace(before, state=_next(before, type(event))))
    return Incident((*superseded.messages, added))


def _ask(incident: Incident, event: Ask, now: datetime) -> Incident:
    message = incident.get(event.number)
    if message.content.expires_at <= now:
        raise errors.Over("its time ran out")
    authors = message.authors | {event.officer}
    return _put(incident, replace(message, state=_next(message, Ask), authors=authors, asked_at=now))


def _edit(incident: Incident, event: Edit, now: datetime) -> Incident:
    message = incident.get(event.number)
    state = _next(message, Edit)
    if event.unasked or (event.draft and message.state is State.DRAFT):
        state = State.DRAFT
    authors = message.authors | {event.officer} | _before(incident, event)
    asked_at = now if state is State.PENDING else None
    return _put(incident, replace(message, state=state, content=event.content, authors=authors, asked_at=asked_at))


def _approve(incident: Incident, event: Approve, now: datetime) -> Incident:
    message = incident.get(event.number)
    if message.state is State.ACTIVE:
        raise errors.WrongState("this message is approved already")
    state = _next(message, Approve)
    if event.officer in message.authors:
        raise errors.FourEyes("nobody approves what they submitted or edited; another officer must look at it")
    if (event.content_hash, event.area_digest) != (message.content.content_hash, message.content.area_digest):
        raise errors.StaleContent("this is not what was looked at: the alert was changed since; look at it again")
    if message.content.expires_at <= now:
        raise errors.Over("its time ran out before it was approved")
    if message.lapses_at is None or message.lapses_at <= now:
        raise errors.Lapsed("the request lapsed: nobody approved it in time; ask for the approval again")
    content = replace(message.content, reach=event.reach)
    approved = replace(message, state=state, content=content, decided_by=event.officer, decided_at=now)
    return _put(_supersede(incident), approved)


def _supersede(incident: Incident) -> Incident:
    before = incident.in_force
    return _put(incident, replace(before, state=_next(before, Approve))) if before else incident


def _decide(incident: Incident, event: Return | Reject, now: datetime) -> Incident:
    message = incident.get(event.number)
    state = _next(message, type(event))
    return _put(incident, replace(message, state=state, decided_by=event.officer, decided_at=now))


def _end(incident: Incident, event: Cancel | Expire | Lapse, now: datetime) -> Incident:
    match event:
        case Cancel():
            return _cancel(incident, event, now)
        case Expire():
            return _expire(incident, now)
        case Lapse():
            return _lapse(incident, now)


def _cancel(incident: Incident, event: Cancel, now: datetime) -> Incident:
    if incident.over or not incident.messages:
        raise errors.Over("the alert is over already")
    return Incident(tuple(_ended(m, Cancel, event.officer, now) for m in incident.messages))


def _lapse(incident: Incident, now: datetime) -> Incident:
    due = [m for m in incident.messages if m.lapses_at and m.lapses_at <= now]
    return Incident(tuple(replace(m, state=_next(m, Lapse)) if m in due else m for m in incident.messages))


def _expire(incident: Incident, now: datetime) -> Incident:
    """What is open ends with what is in force: a proposal to an incident that is over has nothing to change."""
    in_force = incident.in_force
    all_of_it = in_force is not None and in_force.content.expires_at <= now
    due = [m for m in incident.messages if all_of_it or m.content.expires_at <= now]
    return Incident(tuple(_ended(m, Expire, None, now) if m in due else m for m in incident.messages))


def _ended(message: Message, event: type[Cancel | Expire], officer: int | None, now: datetime) -> Message:
    state = TRANSITIONS.get((message.state, event))
    return replace(message, state=state, decided_by=officer, decided_at=now) if state else message


def _next(message: Message, event: type[Event]) -> State:
    try:
        return TRANSITIONS[message.state, event]
    except KeyError:
        raise errors.WrongState(f"{event.__name__.lower()} is not possible: the message is {message.state}") from None


def _put(incident: Incident, message: Message) -> Incident:
    return Incident(tuple(message if m.number == message.number else m for m in incident.messages))
