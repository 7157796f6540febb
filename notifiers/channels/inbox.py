"""The in-app inbox: nothing leaves the house. The message lies in the inbox once the checkpoint that says so commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite

from notifiers.model import Notice, Outcome, Result, Subscription
from notifiers.tables import inbox, subscription

_LOCK = 0x1B0C  # of all advisory locks of this database, the inbox's
_DELIVERED = Outcome(Result.SENT, "inbox")


class Inbox:
    """The channel "inbox". A row per subscription and notice; what it says stays sealed in the notice."""

    name = "inbox"
    collapses = True  # a unique row
    concurrency = 256  # a send is no more than a word

    async def prepare(self, notice: Notice, subscriptions: Sequence[Subscription]) -> None:
        """Nothing: readers are shown the notice itself."""

    async def send(self, prepared: None, subscription: Subscription) -> Outcome:
        """Sent; `settle` writes it in the transaction that records it."""
        return _DELIVERED

    def settle(self, connection: Connection, notice_id: int, sent: Sequence[Subscription], now: datetime) -> None:
        """The rows of those recorded as sent. One that is there already stays as it is, with its first arrival.

        Who left since the claim gets none: a row without its recipient would break the whole checkpoint.
        """
        if not sent:
            return
        _in_order(connection)
        same = {"notice": notice_id, "now": now}
        rows = [same | {"recipient": s.recipient_id, "subscriber": s.id, "outside": s.outside} for s in sent]
        connection.execute(_insert(connection), rows)

    async def close(self) -> None:
        """Nothing is held."""


def _in_order(connection: Connection) -> None:
    """Until the commit nobody else writes items: their numbers come in the order in which they can be read.

    Without it a reader who goes on after the newest number (Last-Event-ID) would miss one that was drawn earlier and
    committed later. SQLite has one writer anyway; in PostgreSQL those who write items wait for each other, and only they.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def _insert(connection: Connection) -> Any:
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    row = select(
        bindparam("recipient", type_=inbox.c.recipient_id.type),
        bindparam("subscriber", type_=inbox.c.subscription_id.type),
        bindparam("notice", type_=inbox.c.notice_id.type),
        bindparam("now", type_=inbox.c.arrived_at.type),
        bindparam("outside", type_=inbox.c.outside.type),
    ).where(exists().where(subscription.c.id == bindparam("subscriber")))
    names = ["recipient_id", "subscription_id", "notice_id", "arrived_at", "outside"]
    into = dialect.insert(inbox).from_select(names, row)
    return into.on_conflict_do_nothing(index_elements=["subscription_id", "notice_id"])
