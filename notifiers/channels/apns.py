"""Apple Push Notification service: HTTP/2, one POST for each device (the Sender has to speak HTTP/2 over TLS).

`subscription.address` is {"token"}: the device token in hexadecimal digits. A message replaces the last of its incident
on the device and in Apple's queue (apns-collapse-id), and so does a repeat.
Source: Apple, "Sending notification requests to APNs" and "Handling notification responses from APNs".
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from notifiers.channels import phone_message
from notifiers.channels.apns_answers import outcome_of, reason_of
from notifiers.channels.apple_token import ProviderToken
from notifiers.channels.phone_message import MAX_BYTES, Level, Message, collapse_key, fitted, json_bytes, message_id
from notifiers.channels.wording import language_for
from notifiers.model import Notice, Outcome, Result, Subscription
from notifiers.outcome import of_failure
from notifiers.sender import Failure, Sender

PRODUCTION = "https://api.push.apple.com"
DEVELOPMENT = "https://api.sandbox.push.apple.com"
TIMEOUT_S = 15.0
_TOKEN = re.compile(r"[0-9a-fA-F]{64,200}")  # Apple: "don't assume a size"; 32 bytes today


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class App:
    """`topic` is the app's bundle id; `base_url` the environment that its device tokens come from."""

    topic: str
    level: Level = Level.ACTIVE
    base_url: str = PRODUCTION


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the sends of a window share: payloads by the notice's language tag, and the headers but for key and id."""

    notice: Notice
    payloads: Mapping[str, bytes]
    headers: Mapping[str, str]


class Apns:
    """The channel "apns" for one app. `secret` keys the apns-id."""

    name = "apns"
    collapses = True  # apns-collapse-id

    def __init__(
        self,
        sender: Sender,
        token: ProviderToken,
        app: App,
        *,
        secret: bytes,
        concurrency: int = 64,
        timeout_s: float = TIMEOUT_S,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.concurrency = concurrency
        self._sender, self._token, self._app, self._secret = sender, token, app, secret
        self._timeout_s, self._clock = timeout_s, clock

    async def prepare(self, notice: Notice, subscriptions: Sequence[Subscription]) -> Prepared:
        """One payload for each language that is read in this window."""
        languages = {language_for(notice, s.language) for s in subscriptions}
        payloads = {language: payload(notice, language, self._app.level) for language in languages}
        return Prepared(notice, payloads, headers(notice, self._app.topic))

    async def send(self, prepared: Prepared, subscription: Subscription) -> Outcome:
        """Post to this device."""
        device, notice = subscription.address.get("token", ""), prepared.notice
        if not _TOKEN.fullmatch(device):
            return Outcome(Result.REFUSED, "bad_address")
        told = prepared.payloads[language_for(notice, subscription.language)]
        authorization = self._token.authorization()
        own = {
            "authorization": authorization,
            "apns-id": str(uuid.UUID(bytes=message_id(self._secret, self.name, notice, subscription.id), version=4)),
        }
        url = f"{self._app.base_url}/3/device/{device.lower()}"
        answer = await self._sender.post(url, {**prepared.headers, **own}, told, self._timeout_s)
        if isinstance(answer, Failure):
            return of_failure(answer.kind, sent=answer.sent, guarded=answer.guarded)
        if reason_of(answer) == "ExpiredProviderToken":
            self._token.expired(authorization)
        return outcome_of(answer, self._clock())

    def settle(self, connection: Connection, notice_id: int, sent: Sequence[Subscription], now: datetime) -> None:
        """Nothing: Apple has it."""

    async def close(self) -> None:
        """Lets the sender go."""
        await self._sender.close()


def headers(notice: Notice, topic: str) -> dict[str, str]:
    """What all messages of a notice say alike. After `apns-expiration` Apple delivers no more."""
    return {
        "content-type": "application/json",
        "apns-topic": topic,
        "apns-push-type": "alert",
        "apns-priority": "10",
        "apns-expiration": str(int(notice.expires_at.timestamp())),
        "apns-collapse-id": collapse_key(notice.incident),
    }


def payload(notice: Notice, language: str, level: Level = Level.ACTIVE) -> bytes:
    """The JSON for one language, at most MAX_BYTES: the body gives way."""
    whole = phone_message.message(notice, language)
    return json_bytes(fitted(whole, lambda message: _write(notice, message, level), MAX_BYTES))


def _write(notice: Notice, message: Message, level: Level) -> Mapping[str, Any]:
    alert = {"title": message.title, "body": message.body}
    return {"aps": {"alert": alert, **phone_message.aps(notice, level)}, "lookout": message.data}
