"""The contract of a channel: three steps (prepare, send, settle), so small that a fake is trivial.

To add one: write `channels/<medium>.py` with a class that keeps this protocol, and give it to the worker by its name.
The worker does the rest: windows, leases, concurrency, limits, retries, the ledger. What every channel must pass
stands in tests/notifiers/channels/contract.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection

from notifiers.model import Notice, Outcome, Subscription


def awaits_receipts(channel: Channel) -> bool:
    """Whether its subscriptions are to come with a seal."""
    return bool(getattr(channel, "receipts", False))


class Channel(Protocol):
    """One medium. Stateless towards the ledger: a channel never knows batches, positions or attempts.

    name: what `subscription.channel` says.
    collapses: whether the receiver shows a repeat of a notice as the same one (web push Topic and tag, the inbox's
    unique row, a deterministic Message-ID). Only then is a send whose outcome is unknown repeated.
    concurrency: sends a worker may have under way to one origin of this channel (its window bounds them all).
    receipts: may be left out; True where the provider reports later what became of a send. Only then do subscriptions
    come with a seal, which costs microseconds each.
    """

    @property
    def name(self) -> str: ...

    @property
    def collapses(self) -> bool: ...

    @property
    def concurrency(self) -> int: ...

    async def prepare(self, notice: Notice, subscriptions: Sequence[Subscription]) -> Any:
        """What the sends of one window (at most 256 subscriptions) share: texts by language, headers.

        Called once for every window, with exactly the subscriptions that `send` will be given. Whatever it returns
        is handed to `send` untouched. It may raise: the window goes back to the queue and is tried again later.
        """
        ...

    async def send(self, prepared: Any, subscription: Subscription) -> Outcome:
        """One send, to the end or to its own time-out. Never raises but CancelledError.

        UNSENT only where nothing can have left; written without an answer is IN_DOUBT. A provider that reports later
        (status callbacks, bounces) is given `subscription.seal` and nothing else of ours: it names the batch and the
        position to us alone (`notifiers.receipts`), the same for every attempt, and is empty unless `receipts` is True.
        """
        ...

    def settle(self, connection: Connection, notice_id: int, sent: Sequence[Subscription], now: datetime) -> None:
        """Called inside the checkpoint's transaction with what is recorded there as sent; commits with it or not at all.

        The inbox writes its rows here; channels that send over a wire do nothing. No network, no waiting.
        """
        ...

    async def close(self) -> None:
        """Gives connections back. Called once, after the last send."""
        ...
