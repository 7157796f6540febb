"""Web Push: a message to a browser through the push service it chose (RFC 8030, 8291, 8292).

`subscription.address` is {"endpoint", "p256dh", "auth"} as the browser's PushSubscription gives them (base64url).
The Topic is the incident's: an update replaces a message the service still keeps, and so does a repeat.

UnifiedPush (https://unifiedpush.org/) is the same to who sends: an app hands over the endpoint that its distributor
chose, and the keys; encryption, TTL, Urgency and VAPID are those of the RFCs. A push server may ignore the Topic, so what
collapses a repeat there is the tag, on the device.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from notifiers.attention import link
from notifiers.channels.shorten import shorten
from notifiers.channels.vapid import Vapid
from notifiers.channels.web_push_crypto import MAX_PLAINTEXT, BadKey, decode, encode, encrypt
from notifiers.channels.wording import language_for, text_for
from notifiers.model import Notice, Outcome, Result, Subscription
from notifiers.outcome import of_failure, of_status
from notifiers.sender import Failure, Sender

TIMEOUT_S = 15.0
MAX_TITLE = 600  # bytes of JSON: no phone shows more
MAX_LINK = 1000


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the sends of a window share: payloads by the notice's language tag, and the headers but for TTL and key."""

    notice: Notice
    payloads: Mapping[str, bytes]
    headers: Mapping[str, str]


class WebPush:
    """The channel "web_push", or by another `name` its sibling "unified_push"."""

    collapses = True  # Topic at the service, tag on the device

    def __init__(
        self,
        sender: Sender,
        vapid: Vapid,
        *,
        name: str = "web_push",
        concurrency: int = 64,
        timeout_s: float = TIMEOUT_S,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.name, self.concurrency = name, concurrency
        self._sender, self._vapid, self._timeout_s, self._clock = sender, vapid, timeout_s, clock

    async def prepare(self, notice: Notice, subscriptions: Sequence[Subscription]) -> Prepared:
        """One payload for each language that is read in this window."""
        languages = {language_for(notice, s.language) for s in subscriptions}
        return Prepared(notice, {language: payload(notice, language) for language in languages}, _headers(notice))

    async def send(self, prepared: Prepared, subscription: Subscription) -> Outcome:
        """Encrypt for this endpoint and post to it. Keys that are none refuse the message, they never raise."""
        notice = prepared.notice
        try:
            body = encrypt(
                prepared.payloads[language_for(notice, subscription.language)],
                decode(subscription.address["p256dh"]),
                decode(subscription.address["auth"]),
            )
            endpoint = subscription.address["endpoint"]
        except (BadKey, KeyError):
            return Outcome(Result.REFUSED, "bad_address")
        return await self._post(notice, endpoint, prepared.headers, body)

    async def _post(self, notice: Notice, endpoint: str, shared: Mapping[str, str], body: bytes) -> Outcome:
        now, origin = self._clock(), origin_of(endpoint)
        ttl = max(0, int((notice.expires_at - now).total_seconds()))
        headers = {**shared, "TTL": str(ttl), "Authorization": self._vapid.authorization(origin)}
        answer = await self._sender.post(endpoint, headers, body, self._timeout_s)
        if isinstance(answer, Failure):
            return of_failure(answer.kind, sent=answer.sent, guarded=answer.guarded)
        outcome = of_status(answer.status, answer.headers, now)
        if outcome.result is Result.OURS:
            self._vapid.forget(origin)
        return outcome

    def settle(self, connection: Connection, notice_id: int, sent: Sequence[Subscription], now: datetime) -> None:
        """Nothing: the push service has it."""

    async def close(self) -> None:
        """Lets the sender go."""
        await self._sender.close()


def origin_of(endpoint: str) -> str:
    """The origin of a push endpoint as RFC 6454 writes it, without a default port: what VAPID calls the audience."""
    scheme, _, rest = endpoint.partition("://")
    host = rest.partition("/")[0].lower()
    default = {"https": ":443", "http": ":80"}.get(scheme, "")
    return f"{scheme}://{host.removesuffix(default)}" if default else endpoint


def topic(incident: str) -> str:
    """The Topic of an incident: 32 characters of base64url at most (RFC 8030 section 5.4).

    A hash, so that push services see which messages replace each other and not which alert they are about.
    """
    return encode(hashlib.sha256(b"lookout topic " + incident.encode()).digest()[:24])


def _headers(notice: Notice) -> dict[str, str]:
    return {
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "Urgency": "high",
        "Topic": topic(notice.incident),
    }


def payload(notice: Notice, language: str) -> bytes:
    """The JSON a service worker shows, at most MAX_PLAINTEXT bytes: the body gives way first, then the title."""
    tag, text = text_for(notice, language)
    said: dict[str, str | int] = {
        "title": shorten(text.headline, MAX_TITLE, _json_size),
        "body": "",
        "tag": notice.incident,
        "version": notice.version,
        "number": notice.number,
        "kind": notice.kind.value,
        "url": link(notice.page_url, "push") if _json_size(notice.page_url) <= MAX_LINK else "",
        "lang": tag,
    }
    body = "\n".join(part for part in (text.body, text.instruction) if part)
    said["body"] = shorten(body, MAX_PLAINTEXT - len(_json(said)), _json_size)
    return _json(said)


def _json(value: object) -> bytes:
    # A lone surrogate has no UTF-8; it becomes a question mark rather than the end of the whole notice.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _json_size(text: str) -> int:
    return len(_json(text)) - 2
