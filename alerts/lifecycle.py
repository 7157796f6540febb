"""The life of an incident: the transitions between states as data; `apply` is the only way to move.

Pure: whoever calls stores what comes back, in one transaction. Nobody approves what they submitted or edited, and an
approval is bound to the hash of what was looked at. Ending an incident takes one person: it tells people less, never
more. So does repeating what is in force: a second person has approved its every word, its area and its time, and whom
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
    Cancel,
    Content,
    Edit,
    Enlarge,
    Event,
    Expire,
    Incident,
    Message,
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
    "Cancel",
    "Content",
    "Edit",
    "Enlarge",
    "Event",
    "Expire",
    "Incident",
    "Message",
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
    (State.DRAFT, Reject): State.REJECTED,
    (State.DRAFT, Cancel): State.CANCELLED,
    (State.DRAFT, Expire): State.EXPIRED,
    (State.PENDING, Edit): State.PENDING,
    (State.PENDING, Approve): State.ACTIVE,
    (State.PENDING, Return): State.RETURNED,
    (State.PENDING, Reject): State.REJECTED,
    (State.PENDING, Cancel): State.CANCELLED,
    (State.PENDING, Expire): State.EXPIRED,
    (State.RETURNED, Edit): State.PENDING,
    (State.RETURNED, Reject): State.REJECTED,
    (State.RETURNED, Cancel): State.CANCELLED,
    (State.RETURNED, Expire): State.EXPIRED,
    (State.ACTIVE, Approve): State.UPDATED,  # of a later message: it takes this one's place
    (State.ACTIVE, Repeat): State.UPDATED,
    (State.ACTIVE, Cancel): State.CANCELLED,
    (State.ACTIVE, Expire): State.EXPIRED,
}


def apply(incident: Incident, event: Event, now: datetime) -> Incident:
    """The incident after `event`. Raises WrongState, FourEyes, StaleContent, OpenProposal, Over, NotFound."""
    match event:
        case Submit() | Enlarge():
            return _propose(incident, event)
        case Repeat():
            return _repeat(incident, event, now)
        case Edit():
            return _edit(incident, event)
        case Approve():
            return _approve(incident, event, now)
        case Return() | Reject():
            return _decide(incident, event, now)
        case Cancel() | Expire():
            return _cancel(incident, event, now) if isinstance(event, Cancel) else _expire(incident, now)


def can(message: Message, event: type[Event]) -> bool:
    """Whether the table has a way for this event out of the message's state: what a page offers as a button."""
    return (message.state, event) in TRANSITIONS


def _propose(incident: Incident, event: Submit | Enlarge) -> Incident:
    if incident.over:
        raise errors.Over("the alert is over; submit a new one")
    if incident.open:
        raise errors.OpenProposal("another message of this alert waits for its decision; decide that one first")
    kind = event.kind if isinstance(event, Submit) else Kind.UPDATE
    state = State.DRAFT if isinstance(event, Submit) and event.draft else State.PENDING
    version = _version(incident, event, kind)
    added = Message(incident.next_number, kind, version, state, event.content, frozenset({event.officer}))
    return Incident((*incident.messages, added))


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
    before = incident.in_force
    if before is None:
        raise errors.Over("the alert is over") if incident.over else errors.WrongState("nothing of it is in force yet")
    if incident.open:
        raise errors.OpenProposal("another message of this alert waits for its decision; decide that one first")
    if before.content.expires_at <= now:
        raise errors.Over("its time ran out")
    said = (before.content.area_digest, before.content.expires_at, before.content.reach)
    if (event.content.area_digest, event.content.expires_at, event.content.reach) != said:
        raise errors.StaleContent("a repeat says the same to the same area, for no longer than was approved")
    again = Message(
        incident.next_number, Kind.UPDATE, incident.next_version, State.ACTIVE, event.content,
        before.authors, before.decided_by, now,
    )  # fmt: skip
    superseded = _put(incident, replace(before, state=_next(before, Repeat)))
    return Incident((*superseded.messages, again))


def _edit(incident: Incident, event: Edit) -> Incident:
    message = incident.get(event.number)
    state = _next(message, Edit)
    if event.draft and message.state is State.DRAFT:
        state = State.DRAFT
    authors = message.authors | {event.officer}
    return _put(incident, replace(message, state=state, content=event.content, authors=authors))


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


def _cancel(incident: Incident, event: Cancel, now: datetime) -> Incident:
    if incident.over or not incident.messages:
        raise errors.Over("the alert is over already")
    return Incident(tuple(_ended(m, Cancel, event.officer, now) for m in incident.messages))


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
