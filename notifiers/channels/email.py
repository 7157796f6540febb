"""E-mail over SMTP: one message for each subscription, with a link to leave at one click (RFC 8058).

`subscription.address` is {"email"}. The Message-ID follows from incident, version and subscription: mail systems and
readers know a repeat again. The envelope's sender carries the seal of the send (variable envelope return path): what a
mail server returns to it says by itself what it is about (`notifiers.bounces`). No photo is ever attached: what lies in
mailboxes cannot be taken back.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from notifiers.channels.email_message import BadAddress, Template, checked, complete, render, return_path
from notifiers.channels.smtp import SmtpPool
from notifiers.channels.wording import language_for
from notifiers.model import Notice, Outcome, Result, Subscription


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the sends of a window share: the message less the person, by the notice's language tag."""

    notice: Notice
    templates: Mapping[str, Template]


def _now() -> datetime:
    return datetime.now(UTC)


class Email:
    """The channel "email". `leave_url` makes the one-click link of a subscription id; `secret` keys the Message-IDs.

    `bounces`: where mail that cannot be delivered returns to, as local+seal@domain; empty: to `sender`, read by nobody.
    """

    name = "email"
    collapses = True  # the same Message-ID

    def __init__(
        self,
        pool: SmtpPool,
        *,
        sender: str,
        leave_url: Callable[[int], str],
        secret: bytes,
        bounces: str = "",
        concurrency: int = 8,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.concurrency = concurrency
        self._pool, self._sender, self._leave_url = pool, checked(sender), leave_url
        self._secret, self._clock = secret, clock
        self._bounces = checked(bounces) if bounces else ""
        self.receipts = bool(bounces)

    async def prepare(self, notice: Notice, subscriptions: Sequence[Subscription]) -> Prepared:
        """One template for each language that is read in this window."""
        languages = {language_for(notice, s.language) for s in subscriptions}
        thread, now = self._message_id("thread", notice.incident), self._clock()
        return Prepared(
            notice,
            {tag: render(notice, tag, sender=self._sender, thread_id=thread, now=now) for tag in languages},
        )

    async def send(self, prepared: Prepared, subscription: Subscription) -> Outcome:
        """Complete the message and hand it to the relay."""
        notice = prepared.notice
        try:
            to = checked(subscription.address["email"])
            message = complete(
                prepared.templates[language_for(notice, subscription.language)],
                to=to,
                message_id=self.message_id(notice, subscription.id),
                leave_url=self._leave_url(subscription.id),
            )
        except (BadAddress, KeyError):
            return Outcome(Result.REFUSED, "bad_address")
        return await self._pool.deliver(self._returns_to(subscription.seal), to, message)

    def message_id(self, notice: Notice, subscription_id: int) -> str:
        """The same for every attempt at this version; keyed, so that nobody reads a subscription's number from it."""
        return self._message_id("message", notice.incident, notice.version, notice.kind.value, subscription_id)

    def _returns_to(self, seal: str) -> str:
        if not self._bounces:
            return self._sender
        return return_path(self._bounces, seal) if seal else self._bounces

    def _message_id(self, *parts: object) -> str:
        told = hmac.digest(self._secret, "/".join(map(str, parts)).encode(), "sha256").hex()[:40]
        return f"{told}@{self._sender.rpartition('@')[2]}"

    def settle(self, connection: Connection, notice_id: int, sent: Sequence[Subscription], now: datetime) -> None:
        """Nothing: the relay has it."""

    async def close(self) -> None:
        """Says goodbye to the relay."""
        await self._pool.close()
