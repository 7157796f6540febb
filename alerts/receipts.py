"""Reports of providers, taken in: what their seals name is put down in the ledger; whoever complains leaves.

Also `callback_url`: the address that a provider is given to report to.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

from alerts.settings import Settings
from notifiers import addresses, bounces, departures, ledger, subscriptions
from notifiers.ledger import Report, Reported
from notifiers.model import Outcome
from notifiers.receipts import Place, seals
from notifiers.transactions import again_if_crossed, delivering
from notifiers.vault import Vault

PATH = "/v1/receipts"
MOST_AT_ONCE = 256  # receipts in one transaction: a few milliseconds


class Taken(StrEnum):
    """What came of a report."""

    RECORDED = "recorded"
    LEFT = "left"  # it was a complaint
    UNCHANGED = "unchanged"  # a second report, or on what is no more
    FORGED = "forged"  # the seal is not ours
    UNREADABLE = "unreadable"  # nothing final can be read from it


def callback_url(settings: Settings, medium: str, seal: str) -> str:
    """Where the provider of a medium ("sms") reports what became of the send of this seal."""
    return f"{settings.base_url}{PATH}/{medium}/{seal}"


@dataclass(frozen=True, slots=True)
class Complaint:
    """Who was sent to at `place`, or else has this subscription, wants no more of it."""

    place: Place | None
    subscription_id: int | None


Said = Report | Complaint


class Gathered:
    """What comes while other receipts are being committed is put down together: one commit for all that wait.

    Safe for threads: whoever has the turn does the work of all who wait for it. Nobody is answered before the commit.
    """

    def __init__(self) -> None:
        self._lock, self._turn = threading.Lock(), threading.Lock()
        self._waiting: list[tuple[Said, Future[Taken]]] = []

    def put_down(self, engine: Engine, said: Said, now: datetime) -> Taken:
        """What came of it; raises what the database raised."""
        mine: Future[Taken] = Future()
        with self._lock:
            self._waiting.append((said, mine))
        with self._turn:
            while not mine.done():
                with self._lock:
                    some, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                _answer(engine, some, now)
        return mine.result()


def _answer(engine: Engine, waiting: Sequence[tuple[Said, Future[Taken]]], now: datetime) -> None:
    """All in one transaction; where that fails each in its own, so that one that cannot be taken harms itself alone."""

    def put_down() -> list[Taken]:
        with delivering(engine) as connection:
            return _put_down(connection, [said for said, _ in waiting], now)

    try:
        found = again_if_crossed(put_down)
    except BaseException as error:  # noqa: BLE001  # whoever waits must hear of it
        for one in waiting if len(waiting) > 1 else ():
            _answer(engine, [one], now)
        if len(waiting) == 1:
            waiting[0][1].set_exception(error)
        return
    for (_, who), came in zip(waiting, found, strict=True):
        who.set_result(came)


def _put_down(connection: Connection, said: Sequence[Said], now: datetime) -> list[Taken]:
    """Batches before subscriptions, as all who deliver lock them (`transactions`)."""
    reports = [one for one in said if isinstance(one, Report)]
    recorded = iter(ledger.receipts(connection, reports, now))
    return [_leave(connection, one, now) if isinstance(one, Complaint) else _taken(next(recorded)) for one in said]


def _taken(reported: Reported | None) -> Taken:
    return Taken.UNCHANGED if reported is None else Taken.RECORDED


_gathered: WeakKeyDictionary[Engine, Gathered] = WeakKeyDictionary()  # of each database, in this process
_making = threading.Lock()


def record(engine: Engine, vault: Vault, seal: str, outcome: Outcome, now: datetime) -> Taken:
    """Puts down what a provider reports of the send that `seal` names (`ledger.receipts`).

    Thousands may come in a second: what comes at the same time shares a commit, and on PostgreSQL only servers that
    report on the same batch wait for each other.
    """
    place = seals(vault).open(seal)
    if place is None:
        return Taken.FORGED
    return _gathered_of(engine).put_down(engine, Report(place.batch_id, place.position, outcome), now)


def take_mail(engine: Engine, vault: Vault, mail: bytes, now: datetime) -> Taken:
    """One e-mail that came back. A complaint ends the subscription as its one-click link would.

    As with receipts, what comes at the same time shares a commit: a mail server returns thousands in one go.
    """
    returned = bounces.read(mail)
    if returned is None:
        return Taken.UNREADABLE
    if returned.outcome is not None:
        return record(engine, vault, returned.seal, returned.outcome, now)
    place, secret = seals(vault).open(returned.seal), addresses.secret(vault)
    named = addresses.read_unsubscribe_token(secret, returned.token) if returned.token else None
    if place is None and named is None:
        return Taken.FORGED
    return _gathered_of(engine).put_down(engine, Complaint(place, named), now)


def _gathered_of(engine: Engine) -> Gathered:
    with _making:
        return _gathered.setdefault(engine, Gathered())


def _leave(connection: Connection, who: Complaint, now: datetime) -> Taken:
    """For good, at this address. The maps of running servers hear of it as of any change."""
    place = who.place
    meant = ledger.subscription_at(connection, place.batch_id, place.position) if place else who.subscription_id
    if meant is None or not subscriptions.load(connection, [meant]):
        return Taken.UNCHANGED
    departures.note(connection, subscription_id=meant, now=now)
    subscriptions.unsubscribe(connection, [meant], now)
    return Taken.LEFT
