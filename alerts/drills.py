"""The report of a drill: how long each step took, from the rows and from the ledger's histograms. Nothing of a child.

A share of people is reached when so many of those planned were sent to: who failed counts as not reached. The ledger
counts waits between fixed edges (`notifiers.latency`), so a time is told as the two edges that it lies between. Sent
means that the receiver took it; most providers do not say when it arrived.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from alerts import audit, store
from alerts.agencies import Officer
from alerts.errors import NotFound
from alerts.reports import DeliveryView, Failure
from alerts.service.chain import Case, load_case, open_case
from alerts.services import Services
from alerts.tallying import list_deliveries
from notifiers import tallies
from notifiers.latency import EDGES_MS, Latency
from notifiers.transactions import reading

SHARES = (50, 90, 99)
ALL = "all"
_MOST_ACTS = 500
_MOST_MESSAGES = 100


@dataclass(frozen=True, slots=True)
class Reached:
    """Within how many seconds of the approval that share (percent) of the planned was sent to: more than `above_s`,
    at most `within_s`. Both None: it never was. `within_s` None alone: more than a week.
    """

    share: int
    above_s: float | None
    within_s: float | None


@dataclass(frozen=True, slots=True)
class Lane:
    """One channel, or ALL of them together."""

    channel: str
    planned: int
    sent: int
    failed: int
    arrived: int  # of the sent, how many the provider said have arrived
    reached: tuple[Reached, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that was let go. The first lane is ALL; times of writing and asking are None of what had none."""

    number: int
    version: int
    kind: str
    written_at: datetime | None
    asked_at: datetime | None
    approved_at: datetime
    first_sent_at: datetime | None
    lanes: tuple[Lane, ...]
    faults: tuple[Failure, ...]

    @property
    def to_asked_s(self) -> float | None:
        """From the first draft that was stored to its submission."""
        return _between(self.written_at, self.asked_at)

    @property
    def to_approved_s(self) -> float | None:
        return _between(self.asked_at, self.approved_at)

    @property
    def to_first_sent_s(self) -> float | None:
        return _between(self.approved_at, self.first_sent_at)


@dataclass(frozen=True, slots=True)
class TookPart:
    """Somebody's acts on the drill, counted by their word in the log."""

    name: str
    acts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class DrillReport:
    """All that is told of a drill; `ended_at` None: it is running, and the numbers are those of now."""

    alert: str
    reference: str
    agency: str
    status: str
    opened_at: datetime
    ended_at: datetime | None
    ended_why: str | None
    messages: tuple[Sent, ...]
    people: tuple[TookPart, ...]


def of_alert(services: Services, officer: Officer, alert_id: str) -> DrillReport:
    """For who works on it. NotFound, also for what is no drill."""
    with reading(services.engine) as connection:
        case, _ = open_case(connection, officer, alert_id)
        return _report(connection, case)


def of_token(services: Services, token: str) -> DrillReport:
    """For operators, by its public token. NotFound, also for what is no drill."""
    with reading(services.engine) as connection:
        row = store.find_incident(connection, token)
        if row is None:
            raise NotFound("no such alert")
        return _report(connection, load_case(connection, row))


def reached(planned: int, waits: Latency) -> tuple[Reached, ...]:
    """When each share of the planned was sent to, as the edges know it. Pure."""
    return tuple(Reached(share, *_edges(math.ceil(share * planned / 100), waits)) for share in SHARES)


def _edges(rank: int, waits: Latency) -> tuple[float | None, float | None]:
    passed = 0
    for place, count in enumerate(waits.counts):
        passed += count
        if count and passed >= rank:
            low = EDGES_MS[place - 1] / 1000 if place else 0.0
            return low, EDGES_MS[place] / 1000 if place < len(EDGES_MS) else None
    return None, None


def _report(connection: Connection, case: Case) -> DrillReport:
    row = case.row
    if row.status == "Actual":
        raise NotFound("this is no drill: only drills have such a report")
    views = list_deliveries(connection, incident_id=row.id, limit=_MOST_MESSAGES)
    return DrillReport(
        alert=row.token,
        reference=row.reference,
        agency=row.agency_name,
        status=row.status,
        opened_at=row.opened_at,
        ended_at=row.ended_at,
        ended_why=row.ended_why,
        messages=tuple(_sent(connection, case, view) for view in reversed(views)),
        people=tuple(_people(connection, row.id)),
    )


def _sent(connection: Connection, case: Case, view: DeliveryView) -> Sent:
    stored = next((one for one in case.messages if one.number == view.number), None)
    firsts = [one.first_sent_at for one in view.channels if one.first_sent_at]
    return Sent(
        number=view.number,
        version=view.version,
        kind=view.kind,
        written_at=stored.created_at if stored else None,
        asked_at=stored.asked_at if stored else None,
        approved_at=view.approved_at,
        first_sent_at=min(firsts, default=None),
        lanes=tuple(_lanes(view, tallies.latency(connection, view.notice_id))),
        faults=view.failures,
    )


def _lanes(view: DeliveryView, waits: dict[str, Latency]) -> Iterator[Lane]:
    total, every = view.total, [one.counts for one in waits.values()]
    together = Latency(tuple(sum(counts) for counts in zip(*every, strict=True))) if every else Latency()
    arrived = sum(one.delivered for one in view.channels)
    yield Lane(ALL, total.planned, total.sent, total.failed, arrived, reached(total.planned, together))
    for one in view.channels:
        own = reached(one.tally.planned, waits.get(one.channel, Latency()))
        yield Lane(one.channel, one.tally.planned, one.tally.sent, one.tally.failed, one.delivered, own)


def _people(connection: Connection, incident_id: int) -> Iterator[TookPart]:
    """Who did what, in the order in which they came."""
    found: dict[int, Counter[str]] = {}
    for act in audit.list_since(connection, incident_id, 0, _MOST_ACTS):
        if act.officer_id is not None:
            found.setdefault(act.officer_id, Counter())[act.action] += 1
    names = store.name_officers(connection, found)
    return (TookPart(names.get(one, "?"), tuple(acts.items())) for one, acts in found.items())


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return round((end - start).total_seconds(), 3) if start and end else None


__all__ = ["ALL", "SHARES", "DrillReport", "Lane", "Reached", "Sent", "TookPart", "of_alert", "of_token", "reached"]
