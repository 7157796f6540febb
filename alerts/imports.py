"""A roll into the store: people are enrolled in blocks, each with its positions, one transaction a block.

A block is committed or not at all. Partner platforms own the people of their rolls, so positions are stored as exact
as the partner gave them, and overwritten on the next import, with no history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from sqlalchemy import Engine

from alerts.roll import Endpoint, Person, Rejected
from geo import store as positions
from geo.store import Position
from notifiers import subscriptions
from notifiers.subscriptions import Enrolled, Enrolment, NewSubscription
from notifiers.transactions import writing

BLOCK = 5_000  # people a transaction
REFUSALS = {
    "left": "this address left, and stays gone",
    "known": "this address is enrolled already",
    "consent": "consent is missing",
    "address": "the address cannot be used",
}


@dataclass(slots=True)
class Report:
    """What came of a roll so far."""

    people: int = 0
    subscriptions: int = 0
    rejected: list[Rejected] = field(default_factory=list)


def enrol(
    engine: Engine,
    rows: Iterable[Person | Rejected],
    *,
    partner: str,
    secret: bytes,
    now: datetime,
    progress: Callable[[Report], None] = lambda _report: None,
) -> Report:
    """Takes all people of `rows`; `progress` is told after each block. `secret` is `addresses.secret(vault)`."""
    report, source = Report(), iter(rows)
    while people := list(islice(_accepted(source, report), BLOCK)):
        with writing(engine) as connection:
            enrolled = subscriptions.enrol(
                connection, [_enrolment(person, partner) for person in people], secret=secret, now=now
            )
            positions.place(connection, _positions(people, enrolled), now)
        _count(report, people, enrolled)
        progress(report)
    return report


def _accepted(rows: Iterator[Person | Rejected], report: Report) -> Iterator[Person]:
    for row in rows:
        if isinstance(row, Rejected):
            report.rejected.append(row)
        else:
            yield row


def _positions(people: Sequence[Person], enrolled: Sequence[Enrolled]) -> list[Position]:
    return [
        Position(one.recipient_id, person.lon, person.lat, person.radius_m)
        for person, one in zip(people, enrolled, strict=True)
        if one.recipient_id is not None
    ]


def _count(report: Report, people: Sequence[Person], enrolled: Sequence[Enrolled]) -> None:
    for person, one in zip(people, enrolled, strict=True):
        report.people += one.recipient_id is not None
        report.subscriptions += len(person.endpoints) - len(one.refused)
        report.rejected.extend(Rejected(person.line, (REFUSALS[refusal.reason],)) for refusal in one.refused)


def _enrolment(person: Person, partner: str) -> Enrolment:
    return Enrolment(
        kind="partner",
        test=person.test,
        partner=partner,
        subscriptions=tuple(_subscription(endpoint) for endpoint in person.endpoints),
    )


def _subscription(endpoint: Endpoint) -> NewSubscription:
    return NewSubscription(
        channel=endpoint.channel,
        address=endpoint.address,
        language=endpoint.language,
        consent_how=endpoint.consent_how,
        consent_words=endpoint.consent_words,
        consented_at=endpoint.consented_at,
        confirmed_at=endpoint.consented_at,  # the partner answers for the confirmation, as for the consent
    )
