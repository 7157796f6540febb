"""What a message to a phone's app holds, whoever carries it: what is shown, what replaces it, and where it leads."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from notifiers.channels.jwt import encode
from notifiers.channels.shorten import shorten
from notifiers.channels.wording import text_for
from notifiers.model import Kind, Notice

MAX_BYTES = 4096  # of a message, at FCM as at APNs
MAX_TITLE = 600  # bytes of JSON: no phone shows more
MAX_LINK = 1000


class Level(StrEnum):
    """How far an iPhone is interrupted (Apple: UNNotificationInterruptionLevel). The last two need entitlements."""

    ACTIVE = "active"
    TIME_SENSITIVE = "time-sensitive"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Message:
    """`data` is for the app, every value a text, as FCM wants it."""

    title: str
    body: str
    data: Mapping[str, str]


def message(notice: Notice, language: str) -> Message:
    """For somebody who reads `language`; the body still whole."""
    tag, text = text_for(notice, language)
    data = {
        "tag": notice.incident,
        "version": str(notice.version),
        "number": str(notice.number),
        "kind": notice.kind.value,
        "url": notice.page_url if json_size(notice.page_url) <= MAX_LINK else "",
        "lang": tag,
    }
    body = text.push_body or "\n".join(part for part in (text.body, text.instruction) if part)
    return Message(shorten(text.push_title or text.headline, MAX_TITLE, json_size), body, data)


def fitted(whole: Message, write: Callable[[Message], Mapping[str, Any]], limit: int = MAX_BYTES) -> Mapping[str, Any]:
    """What `write` makes of the message, in at most `limit` bytes of JSON: the body gives way."""
    room = limit - len(json_bytes(write(replace(whole, body=""))))
    return write(replace(whole, body=shorten(whole.body, room, json_size)))


def aps(notice: Notice, level: Level) -> dict[str, Any]:
    """Apple's part beside the words: sound and level. Only what is real and not over breaks through silence."""
    real = not notice.tests_only and notice.kind is not Kind.CANCEL
    said = level if real else Level.ACTIVE
    sound: Any = {"critical": 1, "name": "default", "volume": 1.0} if said is Level.CRITICAL else "default"
    return {
        "sound": sound,
        "interruption-level": said.value,
        "mutable-content": 1,
        "thread-id": collapse_key(notice.incident),
    }


def collapse_key(incident: str) -> str:
    """What makes a message replace the last of its incident: 32 characters (APNs takes 64 bytes).

    A hash, so that carriers see which messages replace each other and not which alert they are about.
    """
    return encode(hashlib.sha256(b"lookout collapse " + incident.encode()).digest()[:24])


def message_id(secret: bytes, channel: str, notice: Notice, subscription_id: int) -> bytes:
    """16 bytes, the same for every attempt at this version; keyed, so that nobody reads a subscription's number."""
    parts = (channel, notice.incident, notice.version, notice.kind.value, subscription_id)
    return hmac.digest(secret, "/".join(map(str, parts)).encode(), "sha256")[:16]


def json_bytes(value: object) -> bytes:
    """UTF-8. A lone surrogate has none: it becomes a question mark rather than the end of the whole notice."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def json_size(text: str) -> int:
    return len(json_bytes(text)) - 2
