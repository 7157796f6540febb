"""What the receivers got, by notice and by subscription: the truth that a fan-out is judged by."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

RECENT = 50  # messages kept whole, to be looked at
CHANNELS = ("web_push", "email", "fcm", "webhook", "sms")

Recent = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NoticeKey:
    """Which notice: the same to the same subscription twice is a duplicate."""

    channel: str
    incident: str
    version: int
    kind: str


@dataclass(slots=True)
class Got:
    """Who got one notice how often: by the endpoint's token or the e-mail address. Times are seconds since 1970."""

    first_at: float
    last_at: float = 0.0
    received: int = 0
    by_subscription: dict[str, int] = field(default_factory=dict)

    @property
    def duplicates(self) -> int:
        """How many came to a subscription that had the notice already."""
        return self.received - len(self.by_subscription)


class Counts:
    """All that came since the start or the last reset."""

    def __init__(self) -> None:
        self.notices: dict[NoticeKey, Got] = {}
        self.answered: dict[str, Counter[str]] = {channel: Counter() for channel in CHANNELS}
        self.unreadable: Counter[str] = Counter()
        self.recent: deque[Recent] = deque(maxlen=RECENT)

    def take(self, key: NoticeKey, subscription: str) -> None:
        """One message arrived and could be read."""
        now = time.time()
        got = self.notices.get(key)
        if got is None:
            got = self.notices[key] = Got(first_at=now)
        got.last_at = now
        got.received += 1
        got.by_subscription[subscription] = got.by_subscription.get(subscription, 0) + 1

    def reset(self) -> None:
        """Forget everything."""
        self.notices.clear()
        self.unreadable.clear()
        self.recent.clear()
        for answers in self.answered.values():
            answers.clear()
