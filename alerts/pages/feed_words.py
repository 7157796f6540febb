"""A source of alerts of others and its import log, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.feed_log import Entry, Outcome
from alerts.feed_sources import Source, Two
from alerts.service.feeds import Shown
from alerts.service.same import ELSEWHERE

STATES = {
    "new": ("not asked yet", ""),
    "well": ("well", "active"),
    "failing": ("failing", "held"),
    "silent": ("silent", "pending"),
}
OUTCOMES = {
    Outcome.DRAFTED: "became a draft",
    Outcome.UPDATED: "became a new version, as a draft",
    Outcome.CANCELLED: "ended the alert",
    Outcome.CANCEL_ASKED: "says that it is over: one officer ends it",
    Outcome.REPLAYED: "was known already; nothing changed",
    Outcome.ATTACHED: "tells of an incident that is known from elsewhere; nothing changed",
    Outcome.ARCHIVED: "was too old to be broadcast",
    Outcome.REFUSED: "was refused",
    Outcome.WAITING: "waits, and is looked at again",
}
RULES = {
    "due": "the rule has not decided yet",
    "approved": "approved by rule",
    "off": "left to people: the rule was switched off",
    "people": "left to people: an officer has worked on it",
    "not its own": "left to people: another source or an officer began the incident",
    "unsigned": "left to people: it is not signed",
    "not actual": "left to people: it is no real alert",
    "not public": "left to people: it is not for the public",
    "not live": "left to people: the agency is not live",
    "deviation": "left to people: something in it had to be forgiven",
    "perhaps": "left to people: it may be about another incident",
    "over cap": "left to people: it reaches more than the rule may",
    "needs a reason": "left to people: so many are reached that it takes a reason",
    "jurisdiction": "left to people: it leaves the jurisdiction",
    "over": "left to people: its time is over",
}


_KINDS = {"Alert": "An alert", "Update": "An update", "Cancel": "A cancel"}


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the log. `urgent`: a person is waited for."""

    at: datetime
    what: str
    why: str
    rule: str
    alert_id: str | None
    urgent: bool


@dataclass(frozen=True, slots=True)
class Put:
    """One source, ready to be shown."""

    source: Source
    state: str
    style: str
    made_by: Two | None
    rule_by: Two | None
    log: Sequence[Told]


def put(shown: Shown, now: datetime) -> Put:
    """In words."""
    source = shown.source
    state, style = STATES[source.health.state] if source.enabled else ("switched off", "")
    if (
        source.enabled
        and source.health.next_poll_at is not None
        and (now - source.health.next_poll_at).total_seconds() > 120
    ):
        state, style = "not asked in time", "held"  # no server does it
    return Put(source, state, style, shown.made_by, shown.rule_by, [_told(one) for one in shown.log])


def _told(entry: Entry) -> Told:
    line = entry.line
    what = OUTCOMES.get(line.outcome, line.outcome.value)
    kind = f"{_KINDS.get(line.msg_type or '', 'An entry')}{f' ({line.status})' if line.status not in {None, 'Actual'} else ''}"
    parts = [", ".join(line.faults), _perhaps(line.perhaps), _forgiven(line.deviations)]
    said = f"left to people: {line.rule}" if line.rule else ""
    return Told(
        entry.at,
        f"{kind} {what}",
        "; ".join(filter(None, parts)),
        RULES.get(line.rule or "", said),
        entry.alert_id if entry.reached else None,
        entry.reached and (line.outcome is Outcome.CANCEL_ASKED or bool(line.perhaps)),
    )


def _perhaps(incidents: Sequence[int]) -> str:
    own = [str(one) for one in incidents if one != ELSEWHERE]
    said = [f"perhaps the same as incident {', '.join(own)}"] if own else []
    said += ["perhaps the same as an incident of another agency"] if ELSEWHERE in incidents else []
    return "; ".join(said)


def _forgiven(types: Sequence[str]) -> str:
    return f"forgiven: {', '.join(types)}" if types else ""
