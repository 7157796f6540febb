"""Firebase Cloud Messaging, HTTP v1: a message to an Android phone (or whatever app registered with FCM).

`subscription.address` is {"token"}. A message replaces the last of its incident on the device (`tag`, the APNs collapse
id) and in Google's queue (`collapse_key`), and so does a repeat.
Source: Firebase, "Send messages using the HTTP v1 API" and the REST reference of projects.messages and ErrorCode.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from notifiers.channels import phone_message
from notifiers.channels.fcm_answers import outcome_of, token_refused
from notifiers.channels.google_token import AccessTokens
from notifiers.channels.phone_message import MAX_BYTES, Level, Message, collapse_key, fitted, json_bytes
from notifiers.channels.wording import language_for
from notifiers.model import Notice, Outcome, Result, Subscription
from notifiers.outcome import of_failure
from notifiers.sender import Failure, Sender

BASE_URL = "https://fcm.googleapis.com"
TIMEOUT_S = 15.0
LONGEST_TTL_S = 2_419_200  # four weeks
HEADROOM = 64  # bytes of the message for what is known only when it is sent
_TOKEN = re.compile(r"[A-Za-z0-9_:.=-]{8,1024}")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Project:
    """One Firebase project; `level` is for those of its apps that run on iPhones."""

    name: str
    level: Level = Level.ACTIVE
    base_url: str = BASE_URL


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the sends of a window share: messages without token and time to live, by the notice's language tag."""

    notice: Notice
    messages: Mapping[str, Mapping[str, Any]]


class Fcm:
    """The channel "fcm" of one Firebase project."""

    name = "fcm"
    collapses = True  # collapse_key at Google, tag on the device

    def __init__(
        self,
        sender: Sender,
        tokens: AccessTokens,
        project: Project,
        *,
        concurrency: int = 64,
        timeout_s: float = TIMEOUT_S,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.concurrency = concurrency
        self._sender, self._tokens, self._level = sender, tokens, project.level
        self._timeout_s, self._clock = timeout_s, clock
        self._url = f"{project.base_url}/v1/projects/{project.name}/messages:send"

    async def prepare(self, notice: Notice, subscriptions: Sequence[Subscription]) -> Prepared:
        """One message for each language that is read in this window."""
        languages = {language_for(notice, s.language) for s in subscriptions}
        return Prepared(notice, {language: shared(notice, language, self._level) for language in languages})

    async def send(self, prepared: Prepared, subscription: Subscription) -> Outcome:
        """Post it, as soon as there is an access token."""
        token = subscription.address.get("token", "")
        if not _TOKEN.fullmatch(token):
            return Outcome(Result.REFUSED, "bad_address")
        bearer = await self._tokens.get()
        if isinstance(bearer, Outcome):
            return bearer
        now = self._clock()
        told = prepared.messages[language_for(prepared.notice, subscription.language)]
        body = json_bytes({"message": complete(told, token, prepared.notice, now)})
        headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json; charset=utf-8"}
        answer = await self._sender.post(self._url, headers, body, self._timeout_s)
        if isinstance(answer, Failure):
            return of_failure(answer.kind, sent=answer.sent, guarded=answer.guarded)
        if token_refused(answer):
            self._tokens.forget(bearer)
        return outcome_of(answer, now)

    def settle(self, connection: Connection, notice_id: int, sent: Sequence[Subscription], now: datetime) -> None:
        """Nothing: Google has it."""

    async def close(self) -> None:
        """Lets the sender go."""
        await self._tokens.close()
        await self._sender.close()


def shared(notice: Notice, language: str, level: Level = Level.ACTIVE) -> Mapping[str, Any]:
    """The message for one language, at most MAX_BYTES with the rest: Google counts the payload, we count all but the token."""
    whole = phone_message.message(notice, language)
    return fitted(whole, lambda message: _write(notice, message, level), MAX_BYTES - HEADROOM)


def complete(told: Mapping[str, Any], token: str, notice: Notice, now: datetime) -> Mapping[str, Any]:
    """With the device's token, and the time for which Google keeps it: until the alert's end, not a second longer."""
    left_s = max(0, min(int((notice.expires_at - now).total_seconds()), LONGEST_TTL_S))
    return {**told, "token": token, "android": {**told["android"], "ttl": f"{left_s}s"}}


def _write(notice: Notice, message: Message, level: Level) -> Mapping[str, Any]:
    key = collapse_key(notice.incident)
    expires = str(int(notice.expires_at.timestamp()))
    return {
        "notification": {"title": message.title, "body": message.body},
        "data": message.data,
        "android": {"collapse_key": key, "priority": "HIGH", "notification": {"tag": key, "sound": "default"}},
        "apns": {
            "headers": {"apns-priority": "10", "apns-expiration": expires, "apns-collapse-id": key},
            "payload": {"aps": phone_message.aps(notice, level)},
        },
    }
