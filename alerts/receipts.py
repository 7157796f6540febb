"""Reports of providers, taken in: what their seals name is put down in the ledger; whoever complains leaves.

Also `callback_url`: the address that a provider is given to report to.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Engine

from alerts.settings import Settings
from geo import store as positions
from notifiers import addresses, bounces, ledger, subscriptions
from notifiers.model import Outcome
from notifiers.receipts import seals
from notifiers.transactions import writing
from notifiers.vault import Vault

PATH = "/v1/receipts"


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


def record(engine: Engine, vault: Vault, seal: str, outcome: Outcome, now: datetime) -> Taken:
    """Puts down what a provider reports of the send that `seal` names (`ledger.receipt`)."""
    place = seals(vault).open(seal)
    if place is None:
        return Taken.FORGED
    with writing(engine) as connection:
        told = ledger.receipt(connection, place.batch_id, place.position, outcome, now)
    return Taken.UNCHANGED if told is None else Taken.RECORDED


def take_mail(engine: Engine, vault: Vault, mail: bytes, now: datetime) -> Taken:
    """One e-mail that came back. A complaint ends the subscription as its one-click link would."""
    returned = bounces.read(mail)
    if returned is None:
        return Taken.UNREADABLE
    if returned.outcome is not None:
        return record(engine, vault, returned.seal, returned.outcome, now)
    place, secret = seals(vault).open(returned.seal), addresses.secret(vault)
    named = addresses.read_unsubscribe_token(secret, returned.token) if returned.token else None
    if place is None and named is None:
        return Taken.FORGED
    with writing(engine) as connection:
        meant = ledger.subscription_at(connection, place.batch_id, place.position) if place else named
        return Taken.UNCHANGED if meant is None else _leave(connection, meant, now)


def _leave(connection: Connection, subscription_id: int, now: datetime) -> Taken:
    """For good, at this address. The maps of running servers hear of it as of any change."""
    if not subscriptions.load(connection, [subscription_id]):
        return Taken.UNCHANGED
    gone = subscriptions.leave(connection, subscription_id=subscription_id, now=now)
    if gone is not None:
        positions.forget(connection, [gone])
    return Taken.LEFT
