"""What an origin can bear, decided: the shared bucket, the breaker, and how much of a window one origin has earned. Pure.

A push service or mail server that fails again and again is left alone for a while, longer each time, and then asked
by one single send; one that refuses *us* (401, 403) is left alone at once, since only people can mend that.

The window is hard, so whatever waits for a silent origin is missing elsewhere. An origin therefore gets of it what it
has earned: a sixteenth to begin with, one more with every answer (so it doubles with each round), half after each
send that got none, and never more than three quarters. A black hole holds a sixteenth; one that becomes a black hole
holds what it had until its first time-outs, and a quarter is left for all others even then.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from notifiers.model import Outcome, Result
from notifiers.policies import Policy

TRIP_AFTER = 20  # failures in a row
FIRST_REST_S = 1.0
LONGEST_REST_S = 60.0
OURS_REST_S = 30.0
PROOF_S = 5.0  # an answer older than this says nothing about now
FRESH_S = 0.1  # how exactly the moment of the last answer is kept
FAILED = frozenset({Result.LATER, Result.UNSENT, Result.IN_DOUBT})
SILENT = frozenset({Result.UNSENT, Result.IN_DOUBT})
DRY_S = 0.05  # an empty bucket is not looked into sooner


@dataclass(frozen=True, slots=True)
class Gate:
    """One origin as one worker knows it, in seconds on a steady clock. `window`: what the worker has in all."""

    window: int
    earned: float
    answered_s: float = -math.inf
    failures: int = 0  # in a row
    rests: int = 0  # since it last answered well, of all workers
    closed_until_s: float = 0.0
    probing: bool = False  # a single send of ours is under way to see whether the origin is back
    alarms: int = 0  # how often it refused us
    why: str = ""

    def wait_s(self, now_s: float) -> float:
        """Seconds until a send may start; 0 if one may now."""
        return max(self.closed_until_s - now_s, 0.0)

    def room(self, now_s: float) -> int:
        """How many sends may be in flight to it."""
        proven = now_s - self.answered_s < PROOF_S
        return int(self.earned) if proven else min(int(self.earned), first_room(self.window))

    def after(self, outcome: Outcome, now_s: float) -> Gate:
        """A send ended. What was under way when the gate closed, and fails as well, does not lengthen the rest."""
        ours = outcome.result is Result.OURS
        if not ours and outcome.result not in FAILED:
            most = self.window * 3 / 4
            if self.earned == most and not self.failures and not self.rests and now_s - self.answered_s < FRESH_S:
                return self  # all is well, and known to be: a new one for each of a million sends says nothing
            earned = min(self.earned + 1, most)
            return Gate(self.window, earned, now_s, alarms=self.alarms)  # open, with nothing against it
        less = max(first_room(self.window), self.earned / 2) if outcome.result in SILENT else self.earned
        told = replace(self, earned=less, failures=self.failures + 1, alarms=self.alarms + ours)
        if (self.rests and not self.probing) or (not self.rests and not ours and told.failures < TRIP_AFTER):
            return told
        until_s = now_s + rest_s(self.rests, asked_s(outcome))
        shut = replace(told, failures=0, rests=self.rests + 1, closed_until_s=until_s)
        return replace(shut, probing=False, why=outcome.reason)

    def told(self, rests: int, closed_s: float, now_s: float) -> Gate:
        """What all workers know: so many rests in a row, closed for so long from `now_s`."""
        if not rests and not self.rests:
            return self
        probing = self.probing and rests > 0
        return replace(self, rests=rests, closed_until_s=0.0 if probing else now_s + closed_s, probing=probing)

    def trial(self) -> Gate:
        """One send of ours may start, to see whether the origin is back."""
        return replace(self, rests=max(self.rests, 1), closed_until_s=0.0, probing=True)


def gate(window: int) -> Gate:
    """A new one: open, nothing earned yet."""
    return Gate(window, first_room(window))


def first_room(window: int) -> int:
    """What an origin of which nothing is known may have in flight."""
    return max(1, window // 16)


def rest_s(rests: int, asked_s: float) -> float:
    """How long to leave an origin alone that has rested so often in a row; it asked for so long itself."""
    return max(min(FIRST_REST_S * 2.0 ** min(rests, 10), LONGEST_REST_S), asked_s)


def asked_s(outcome: Outcome) -> float:
    """For how long the outcome asks us to stay away."""
    return OURS_REST_S if outcome.result is Result.OURS else min(outcome.retry_after_s or 0.0, LONGEST_REST_S)


@dataclass(frozen=True, slots=True)
class Grant:
    """So many may be sent. The bucket is filled anew from `spent_until` on; an empty one is dry until `dry_until`."""

    count: int
    spent_until: datetime
    dry_until: datetime | None = None


def grant(policy: Policy, spent_until: datetime | None, now: datetime, wanted: int) -> Grant:
    """Takes from a bucket that is kept as one moment: what came in since then is what it holds, at most the burst.

    A moment in the future (the database's clock was set back) counts as now. Rounded so that never too much leaves.
    """
    full = now - timedelta(seconds=policy.burst / policy.rate_per_s)
    since = min(max(spent_until or full, full), now)
    held = math.floor((now - since).total_seconds() * policy.rate_per_s + 1e-6)
    count = min(wanted, held)
    spent = since + timedelta(microseconds=math.ceil(count / policy.rate_per_s * 1e6))
    if count or wanted <= 0:
        return Grant(count, spent)
    short = min(wanted, policy.burst, max(1.0, policy.rate_per_s * DRY_S))
    return Grant(0, spent, since + timedelta(seconds=short / policy.rate_per_s))
