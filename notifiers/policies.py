"""What an origin can bear, as data: how fast, how much at once, over how many connections, how long to wait. Pure.

An operator's own rate (`lookout origin`, in the `origin` table) goes before these.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Policy:
    """One origin: `rate_per_s` by all workers together in the long run, `burst` at once; by one worker so many
    `connections` (or streams) at the same time; `timeout_s` for an answer. ValueError for a rate or burst that lets nothing through.
    """

    rate_per_s: float = 10_000.0
    burst: float = 2_000.0
    connections: int = 64
    timeout_s: float = 10.0

    def __post_init__(self) -> None:
        if not (self.rate_per_s > 0 and self.burst >= 1 and self.connections >= 1 and self.timeout_s > 0):
            raise ValueError("rate and time-out must be above 0, burst and connections at least 1")

    @property
    def limited(self) -> bool:
        """Whether there is anything to count."""
        return math.isfinite(self.rate_per_s)


GENEROUS = Policy()  # push services of browsers publish no limit; they answer 429 when they have one
CHANNELS: Mapping[str, Policy] = MappingProxyType({
    # 600,000 messages a minute and project (firebase.google.com/docs/cloud-messaging/throttling-and-quotas).
    "fcm": Policy(600_000 / 60, 2_000, connections=256),
    # Apple publishes no limit; one connection takes a thousand streams and more.
    "apns": Policy(10_000, 2_000, connections=256),
    # Relays differ by orders of magnitude: this one only keeps a mistake from flooding them.
    "email": Policy(1_000, 500, connections=8, timeout_s=30.0),
    # What a gateway takes from a short code (100 a second at Twilio); it queues what its numbers cannot send at once.
    "sms": Policy(100, 100, connections=32),
    "webhook": Policy(1_000, 500, connections=16),
    "mqtt": Policy(5_000, 1_000, connections=256),  # all over one connection
    # Slack takes one message a second and channel, Telegram 30 a second in all: posts are few, and none hurries.
    "apprise": Policy(1, 20, connections=4, timeout_s=30.0),
    # Nothing leaves the house.
    "inbox": Policy(math.inf, math.inf, connections=256),
})  # fmt: skip


def policy_of(channel: str, rate_per_s: float | None = None, burst: float | None = None) -> Policy:
    """The policy of an origin of this channel; an operator's rate goes before ours, with a burst of its second."""
    of = CHANNELS.get(channel, GENEROUS)
    if rate_per_s is None:
        return of
    return Policy(rate_per_s, burst or max(1.0, min(rate_per_s, of.burst)), of.connections, of.timeout_s)
