"""What to do after a send that did not settle: pure. Try again until the alert expires, and never later.

Full jitter (a random point between nothing and the back-off) because a thousand sends that failed together must not
come back together. A Retry-After is obeyed (RFC 9110 section 10.2.3) with a little jitter behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from notifiers.model import Outcome, Result

FIRST_S = 1.0  # the back-off after the first attempt; doubled with every further one
LONGEST_S = 600.0
OURS_S = 60.0  # our own fault is mended by people: no sooner
RETRIED = (Result.LATER, Result.UNSENT, Result.OURS, Result.IN_DOUBT)


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again at `at`, not before."""

    at: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """No further attempt, for this reason."""

    reason: str


def decide(outcome: Outcome, attempts: int, now: datetime, expires_at: datetime, rng: Random) -> Retry | GiveUp:
    """After `attempts` tries (at least 1, the last one `outcome`) of an alert that ends at `expires_at`.

    Only for the results in RETRIED (ValueError for others: they are settled). Gives up when the next try would come
    when the alert is over.
    """
    if outcome.result not in RETRIED:
        raise ValueError(f"{outcome.result} is settled")
    at = now + timedelta(seconds=_wait_s(outcome, attempts, rng, (expires_at - now).total_seconds()))
    return Retry(at) if at < expires_at else GiveUp("expired")


def _wait_s(outcome: Outcome, attempts: int, rng: Random, left_s: float) -> float:
    """Seconds to wait; at most what is left of the alert, so that no figure a receiver names can overflow."""
    backoff = min(FIRST_S * 2.0 ** min(attempts - 1, 30), LONGEST_S)
    if outcome.result is Result.OURS:
        backoff = max(backoff, OURS_S)
    if outcome.retry_after_s is not None and outcome.retry_after_s >= 0:
        return min(outcome.retry_after_s + rng.uniform(0, min(backoff, 5.0)), max(left_s, 0.0))
    floor = OURS_S if outcome.result is Result.OURS else 0.0
    return floor + rng.uniform(0, backoff)
