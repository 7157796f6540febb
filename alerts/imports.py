"""A roll into the store: people are enrolled in blocks, each with its positions, one transaction a block.

A block is committed or not at all, and the same roll again doubles nobody: who is known by the partner's own id for
them is brought up to date. Partner platforms own the people of their rolls, so positions are stored as exact as the
partner gave them, and overwritten on the next import, with no history.
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
from notifiers import persons, subscriptions
from notifiers.subscriptions import Enrolled, Enrolment, NewSubscription
from notifiers.transactions import writing

BLOCK = 5_000  # people a transaction
REFUSALS = {
    "left": "this address left, and stays gone",
    "gone": "this person left, and stays gone",
    "known": "this address is enrolled already, for another person",
    "consent": "consent is missing",
    "address": "the address cannot be used",
}


@dataclass(slots=True)
class Report:
    """What came of a roll so far: people who are new, those brought up to date, subscriptions that are new, rows that
    were not taken.
    """

    people: int = 0
    updated: int = 0
    subscriptions: int = 0
    rejected: list[Rejected] = field(default_factory=list)


def enrol(  # one argument a thing that differs from call to call
    engine: Engine,
    rows: Iterable[Person | Rejected],
    *,
    partner: str,
    secret: bytes,
    now: datetime,
    progress: Callable[[Report], None] = lambda _report: None,
    report: Report | None = None,
) -> Report:
    """Takes all people of `rows`; `progress` is told after each block. `secret` is `addresses.secret(vault)`.

    Give `report` to know how far it came when reading `rows` raises.
    """
    report, source = report or Report(), iter(rows)
    while people := _merged(islice(_accepted(source, report), BLOCK)):
        with writing(engine) as connection:
            wanted = [enrolment(person, partner, secret) for person in people]
            enrolled = subscriptions.enrol(connection, wanted, secret=secret, now=now)
            positions.place(connection, places(people, enrolled), now, keep_newer=True)
        _count(report, people, enrolled)
        progress(report)
    return report


def _accepted(rows: Iterator[Person | Rejected], report: Report) -> Iterator[Person]:
    for row in rows:
        if isinstance(row, Rejected):
            report.rejected.append(row)
        else:
            yield row


def _merged(people: Iterable[Person]) -> list[Person]:
    """Each person once, also one whose rows do not stand together."""
    found: dict[str, Person] = {}
    for person in people:
        first = found.setdefault(person.own_id, person)
        if first is not person:
            first.add(person.spots, person.endpoints)
    return list(found.values())


def places(people: Sequence[Person], enrolled: Sequence[Enrolled]) -> list[Position]:
    """Where those are who were taken in."""
    return [
        Position(one.recipient_id, spot.lon, spot.lat, spot.radius_m, *place, spot.at)
        for person, one in zip(people, enrolled, strict=True)
        if one.recipient_id is not None
        for place, spot in person.spots.items()
    ]


def _count(report: Report, people: Sequence[Person], enrolled: Sequence[Enrolled]) -> None:
    for person, one in zip(people, enrolled, strict=True):
        report.people += one.recipient_id is not None and not one.known
        report.updated += one.known
        report.subscriptions += one.added
        report.rejected.extend(
            Rejected(person.endpoints[refusal.place].line, (REFUSALS[refusal.reason],)) for refusal in one.refused
        )


def enrolment(person: Person, partner: str, secret: bytes) -> Enrolment:
    """A person of a partner's as they are taken in."""
    return Enrolment(
        kind="partner",
        test=person.test,
        partner=partner,
        subscriptions=tuple(_subscription(endpoint) for endpoint in person.endpoints),
        person=persons.keyed_hash(secret, partner, person.own_id),
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
