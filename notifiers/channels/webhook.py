"""Signed webhooks: an alert to a partner's server, as Standard Webhooks 1.0 has it.

`subscription.address` is {"endpoint", "key"}, during a rotation also {"old_key", "old_until"}; see `webhook_signature`.
What a receiver keeps cannot be taken back. So the body says what, where, which plate, until when and where to read on,
and nothing of the child: names and looks stand behind `link`, for as long as the alert lives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from notifiers.channels.lasting import lasting
from notifiers.channels.phone_message import json_bytes, message_id
from notifiers.channels.webhook_signature import keys_at, secret_of, sign
from notifiers.model import Kind, Notice, Outcome, Result, Subscription
from notifiers.outcome import of_failure, of_status
from notifiers.sender import Answer, Failure, Sender

TIMEOUT_S = 15.0  # the standard: 15 to 30 s
MAX_AREA = 256 * 1024  # bytes of JSON; a larger area is left out rather than simplified: no area is ever widened
EVENTS: Mapping[Kind, str] = {
    Kind.ALERT: "alert.published",
    Kind.UPDATE: "alert.updated",
    Kind.CANCEL: "alert.cancelled",
}


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Prepared:
    """The body is the same for everybody."""

    notice: Notice
    body: bytes


class Webhook:
    """The channel "webhook". `secret` is what receivers' secrets follow from; `id_secret` keys the webhook-ids."""

    name = "webhook"
    collapses = True  # the same webhook-id: the standard has receivers take an id once

    def __init__(
        self,
        sender: Sender,
        *,
        secret: bytes,
        concurrency: int = 16,
        timeout_s: float = TIMEOUT_S,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.concurrency = concurrency
        self._sender, self._secret, self._timeout_s, self._clock = sender, secret, timeout_s, clock

    async def prepare(self, notice: Notice, subscriptions: Sequence[Subscription]) -> Prepared:
        """The body, once."""
        return Prepared(notice, payload(notice))

    async def send(self, prepared: Prepared, subscription: Subscription) -> Outcome:
        """Sign for this receiver and post."""
        now = self._clock()
        try:
            endpoint, keys = subscription.address["endpoint"], keys_at(subscription.address, now)
        except (KeyError, ValueError, TypeError):
            return Outcome(Result.REFUSED, "bad_address")
        headers = self._headers(prepared, subscription.id, [secret_of(self._secret, endpoint, key) for key in keys])
        answer = await self._sender.post(endpoint, headers, prepared.body, self._timeout_s)
        if isinstance(answer, Failure):
            return of_failure(answer.kind, sent=answer.sent, guarded=answer.guarded)
        return outcome_of(answer, now)

    def _headers(self, prepared: Prepared, subscription_id: int, secrets: Sequence[bytes]) -> dict[str, str]:
        what = f"{self.name}/{prepared.notice.number}"  # an enlargement has its version, and is news to a receiver
        made = message_id(self._secret, what, prepared.notice, subscription_id)
        webhook_id, timestamp = f"msg_{made.hex()}", str(int(self._clock().timestamp()))
        signatures = [sign(secret, webhook_id, timestamp, prepared.body) for secret in secrets]
        return {
            "Content-Type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": " ".join(signatures),
        }

    def settle(self, connection: Connection, notice_id: int, sent: Sequence[Subscription], now: datetime) -> None:
        """Nothing: the receiver has it."""

    async def close(self) -> None:
        """Lets the sender go."""
        await self._sender.close()


def outcome_of(answer: Answer, now: datetime) -> Outcome:
    """As everywhere, but that only a 410 ends a webhook (the standard): a 404 is a deployment that went wrong."""
    if answer.status == 404:
        return Outcome(Result.REFUSED, "404")
    return of_status(answer.status, answer.headers, now)


def payload(notice: Notice) -> bytes:
    """The event. Of the notice's own texts it holds the names of the area and nothing else."""
    said = {
        "type": EVENTS[notice.kind],
        "timestamp": _time(notice.sent_at),
        "data": {
            "incident": notice.incident,
            "version": notice.version,
            "number": notice.number,
            "status": notice.status,
            "sender": notice.sender_name,
            "expires_at": _time(notice.expires_at),
            "link": notice.page_url,
            **_feeds(notice),
            "texts": {tag: _words(notice, tag) for tag in notice.texts},
            "area": _area(notice),
        },
    }
    return json_bytes(said)


def _feeds(notice: Notice) -> Mapping[str, str]:
    """Where the CAP and the feed of all alerts stand; only Actual alerts are in them. Both are emptied at the end."""
    base_url, found, token = notice.page_url.rpartition("/a/")
    if not found or notice.status != "Actual":
        return {}
    return {"cap": f"{base_url}/v1/cap/{token}", "feed": f"{base_url}/v1/feeds/alerts.atom"}


def _words(notice: Notice, tag: str) -> Mapping[str, str]:
    """What may be said where it cannot be taken back; the heading is marked where the alert is not Actual."""
    said = lasting(notice, tag)
    return {"heading": said.heading, "area": said.area, "plate": said.plate}


def _area(notice: Notice) -> Mapping[str, Any] | None:
    """GeoJSON (RFC 7946): a Feature, its circles as [lon, lat, radius_m] in `properties.circles`."""
    if notice.area is None:
        return None
    feature = notice.area.to_geojson()
    return feature if len(json_bytes(feature)) <= MAX_AREA else None


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
