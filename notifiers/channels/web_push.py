"""Web Push: a message to a browser through the push service it chose (RFC 8030, 8291, 8292).

`subscription.address` is {"endpoint", "p256dh", "auth"} as the browser's PushSubscription gives them (base64url).
The Topic is the incident's: an update replaces a message the service still keeps, and so does a repeat.

UnifiedPush (https://unifiedpush.org/) is the same to who sends: an app hands over the endpoint that its distributor
chose, and the keys; encryption, TTL, Urgency and VAPID are those of the RFCs. A push server may ignore the Topic, so what
collapses a repeat there is the tag, on the device.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from sqlalchemy import Connection

from notifiers.attention import link
from notifiers.catalogues import catalogue, nearest
from notifiers.channels.shorten import shorten
from notifiers.channels.vapid import Vapid
from notifiers.channels.web_push_crypto import MAX_PLAINTEXT, BadKey, Keying, decode, encode, encrypt, seal
from notifiers.channels.wording import language_for, text_for
from notifiers.model import Notice, Outcome, Result, Subscription
from notifiers.outcome import of_failure, of_status
from notifiers.sender import Failure, Sender

TIMEOUT_S = 15.0
MAX_TITLE = 600  # bytes of JSON: no phone shows more
MAX_LINK = 1000
PIECE = 64  # messages encrypted at a time: a few milliseconds
BAD_ADDRESS = Outcome(Result.REFUSED, "bad_address")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A window's bodies, encrypted, by subscription (None: its keys are none); and the headers but for TTL and key."""

    notice: Notice
    bodies: Mapping[int, bytes | None]
    headers: Mapping[str, str]
    complete: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)  # by origin, for a TTL


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
        """Encrypts for all of the window before the first of it leaves.

        In one piece, because the client's own thread and this one get into each other's way: where they take turns
        a push, each push costs half as much again.
        """
        payloads: dict[str, bytes] = {}
        bodies: dict[int, bytes | None] = {}
        for count, subscription in enumerate(subscriptions, 1):
            language = subscription.language
            if language not in payloads:
                payloads[language] = payload(notice, language_for(notice, language))
            bodies[subscription.id] = _sealed(payloads[language], subscription)
            if count % PIECE == 0:
                await asyncio.sleep(0)  # whatever else is due comes in between
        return Prepared(notice, bodies, _headers(notice))

    async def send(self, prepared: Prepared, subscription: Subscription) -> Outcome:
        """Post what was encrypted for this endpoint. Keys that are none refuse the message."""
        body, endpoint = prepared.bodies[subscription.id], subscription.address.get("endpoint")
        if body is None or endpoint is None:
            return BAD_ADDRESS
        return await self._post(prepared, endpoint, body)

    async def _post(self, prepared: Prepared, endpoint: str, body: bytes) -> Outcome:
        now, origin = self._clock(), origin_of(endpoint)
        headers = self._headers(prepared, origin, now)
        answer = await self._sender.post(endpoint, headers, body, self._timeout_s)
        if isinstance(answer, Failure):
            return of_failure(answer.kind, sent=answer.sent, guarded=answer.guarded)
        outcome = of_status(answer.status, answer.headers, now)
        if outcome.result is Result.OURS:
            self._vapid.forget(origin)
        return outcome

    def _headers(self, prepared: Prepared, origin: str, now: datetime) -> Mapping[str, str]:
        """The same for all of a window that go to one origin within a second."""
        ttl = max(0, int((prepared.notice.expires_at - now).total_seconds()))
        authorization = self._vapid.authorization(origin)
        kept_ttl, kept = prepared.complete.get(origin, (-1, {}))
        if kept_ttl != ttl or kept["Authorization"] is not authorization:
            kept = {**prepared.headers, "TTL": str(ttl), "Authorization": authorization}
            prepared.complete[origin] = ttl, kept
        return kept

    def settle(self, connection: Connection, notice_id: int, sent: Sequence[Subscription], now: datetime) -> None:
        """Nothing: the push service has it."""

    async def close(self) -> None:
        """Lets the sender go."""
        await self._sender.close()


async def say(sender: Sender, vapid: Vapid, address: Mapping[str, str], plaintext: bytes, ttl_s: int) -> Outcome:
    """One message of its own to one endpoint, outside of any notice: for tests of a subscription."""
    try:
        body = encrypt(plaintext, decode(address["p256dh"]), decode(address["auth"]))
        endpoint = address["endpoint"]
    except (BadKey, KeyError):
        return BAD_ADDRESS
    headers = {"Content-Encoding": "aes128gcm", "Content-Type": "application/octet-stream", "Urgency": "high"}
    headers |= {"TTL": str(ttl_s), "Authorization": vapid.authorization(origin_of(endpoint))}
    answer = await sender.post(endpoint, headers, body, TIMEOUT_S)
    if isinstance(answer, Failure):
        return of_failure(answer.kind, sent=answer.sent, guarded=answer.guarded)
    return of_status(answer.status, answer.headers, _now())


def _sealed(plaintext: bytes, subscription: Subscription) -> bytes | None:
    """Encrypted for the keys of this subscription; None where they are none."""
    if subscription.keying is not None:
        return seal(plaintext, Keying(*subscription.keying))
    address = subscription.address
    try:
        return encrypt(plaintext, decode(address["p256dh"]), decode(address["auth"]))
    except (BadKey, KeyError):
        return None


@lru_cache(maxsize=256)
def _origin(scheme: str, host: str) -> str | None:
    default = {"https": ":443", "http": ":80"}.get(scheme)
    return None if default is None else f"{scheme}://{host.lower().removesuffix(default)}"


def origin_of(endpoint: str) -> str:
    """The origin of a push endpoint as RFC 6454 writes it, without a default port: what VAPID calls the audience."""
    scheme, _, rest = endpoint.partition("://")
    return _origin(scheme, rest.partition("/")[0]) or endpoint


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
    said: dict[str, str | int | bool] = {
        "title": shorten(text.push_title or text.headline, MAX_TITLE, _json_size),
        "body": "",
        "tag": notice.incident,
        "version": notice.version,
        "number": notice.number,
        "kind": notice.kind.value,
        "url": link(notice.page_url, "push") if _json_size(notice.page_url) <= MAX_LINK else "",
        "lang": tag,
        "settings": catalogue(nearest(tag, notice.spoken)).said["settings"],
    }
    if notice.silent:
        said["silent"] = True
    body = text.push_body or "\n".join(part for part in (text.body, text.instruction) if part)
    said["body"] = shorten(body, MAX_PLAINTEXT - len(_json(said)), _json_size)
    return _json(said)


def _json(value: object) -> bytes:
    # A lone surrogate has no UTF-8; it becomes a question mark rather than the end of the whole notice.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _json_size(text: str) -> int:
    return len(_json(text)) - 2
