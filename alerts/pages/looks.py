"""What was counted of a notice and is never of a person, in words: opened, visited, shared, and who left after it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alerts.pages.render import number
from notifiers.attention import LEFT, Attention

NONE = "\N{EN DASH}"
CHANNELS: Mapping[str, str] = {
    "web_push": "Web Push",
    "unified_push": "UnifiedPush",
    "email": "E-mail",
    "inbox": "Inbox",
    "fcm": "Android (FCM)",
    "apns": "iPhone (APNs)",
    "webhook": "Webhook",
    "sms": "SMS",
    "mqtt": "Signs (MQTT)",
    "apprise": "Posts (Apprise)",
}
WAYS: Mapping[str, str] = {
    "push": "Push", "email": "E-mail", "sms": "SMS", "app": "App", "inbox": "Inbox", "post": "Posts", "sign": "Signs",
    "hook": "Webhooks", "share": "Shared link", "share2": "Shared again", "share3": "Shared a third time", "share4": "Shared further", "other": "Other",
}  # fmt: skip


def told(found: Sequence[Attention]) -> tuple[tuple[str, str, str], ...]:
    """(key, words, count) of each."""
    return tuple((f"{one.way}-{one.what}", f"{_way(one)}: {one.what}", one.shown) for one in found)


def summed(found: Sequence[Attention], what: str) -> str:
    """All ways together: a sum of tens, so it says no more than they do."""
    count = sum(one.count or 0 for one in found if one.what == what)
    return f"{number(count)}+" if count else NONE


def left(found: Sequence[Attention], sent: int) -> str:
    """How many left within a day of it, and what share of those it was sent to."""
    count = sum(one.count or 0 for one in found if one.what == LEFT)
    share = f" ({100 * count / sent:.2g} %)" if count and sent else ""
    return summed(found, LEFT) + share


def _way(one: Attention) -> str:
    """A departure's way is a channel."""
    return (CHANNELS if one.what == LEFT else WAYS).get(one.way, one.way)
