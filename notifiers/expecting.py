"""When the last person is to be expected, where a provider's quota or our own pace is the ceiling: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from notifiers.policies import Policy

WORTH_SAYING_S = 5.0  # less is "at once"


@dataclass(frozen=True, slots=True)
class Expected:
    """Seconds until the last send, and the origin whose quota says so; None where it is our own pace."""

    seconds: float
    origin: str | None = None
    rate_per_s: float = 0.0

    @property
    def worth_saying(self) -> bool:
        return self.seconds > WORTH_SAYING_S


def expected(
    counts: Mapping[str, int], policies: Mapping[str, Policy], measured_per_s: float | None = None
) -> Expected:
    """For so many sends to each origin. The origins are sent to beside each other, so the slowest one decides.

    `measured_per_s`: how fast sends were seen to leave in all, where that is known; it is no faster than that.
    """
    quotas = [_quota(count, name, policies[name]) for name, count in counts.items() if name in policies]
    total = sum(counts.values())
    if measured_per_s and total:
        quotas.append(Expected(total / measured_per_s, None, measured_per_s))
    return max(quotas, key=lambda one: one.seconds, default=Expected(0.0))


def _quota(count: int, name: str, policy: Policy) -> Expected:
    if not policy.limited:
        return Expected(0.0, name)
    return Expected(max(0.0, count - policy.burst) / policy.rate_per_s, name, policy.rate_per_s)
