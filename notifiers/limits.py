"""What an origin can bear: a token bucket and a breaker in one frozen gate. Pure: seconds on any steady clock come in.

A push service or mail server that fails again and again is left alone for a while, longer each time, and then asked
by single trials; one that refuses *us* (401, 403) is left alone at once, since only people can mend that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from notifiers.model import Outcome, Result

TRIP_AFTER = 20  # failures in a row
FIRST_REST_S = 1.0
LONGEST_REST_S = 60.0
OURS_REST_S = 30.0
TRIAL_S = 1.0  # between the single sends that try whether the origin is back
FAILED = frozenset({Result.LATER, Result.UNSENT, Result.IN_DOUBT})


@dataclass(frozen=True, slots=True)
class Gate:
    """One origin as one worker knows it. `rate` sends a second in the long run, `burst` at once."""

    rate: float
    burst: float
    tokens: float
    filled_s: float  # when `tokens` was right
    failures: int = 0  # in a row
    rests: int = 0  # since it last answered well
    closed_until_s: float = 0.0
    trial: bool = False  # a single send is under way to see whether the origin is back
    alarms: int = 0  # how often it refused us

    def wait_s(self, now_s: float) -> float:
        """Seconds until a send may start; 0 if one may now."""
        short = max(0.0, 1.0 - self._filled(now_s)) / self.rate
        return max(short, self.closed_until_s - now_s, 0.0)

    def take(self, now_s: float) -> Gate:
        """A send starts. While it is not known whether the origin is back, the next one has to wait for this one."""
        after = replace(self, tokens=self._filled(now_s) - 1.0, filled_s=now_s)
        return replace(after, closed_until_s=now_s + TRIAL_S, trial=True) if self.rests else after

    def after(self, outcome: Outcome, now_s: float) -> Gate:
        """A send ended. What was under way when the gate closed, and fails as well, does not lengthen the rest."""
        ours = outcome.result is Result.OURS
        if not ours and outcome.result not in FAILED:
            return replace(self, failures=0, rests=0, closed_until_s=0.0, trial=False)
        told = replace(self, failures=self.failures + 1, alarms=self.alarms + ours)
        if (self.rests and not self.trial) or (not self.rests and not ours and told.failures < TRIP_AFTER):
            return told
        rest_s = min(FIRST_REST_S * 2.0 ** min(self.rests, 10), LONGEST_REST_S)
        asked_s = OURS_REST_S if ours else min(outcome.retry_after_s or 0.0, LONGEST_REST_S)
        until_s = now_s + max(rest_s, asked_s)
        return replace(told, failures=0, rests=self.rests + 1, closed_until_s=until_s, trial=False)

    def _filled(self, now_s: float) -> float:
        return min(self.burst, self.tokens + max(0.0, now_s - self.filled_s) * self.rate)


def gate(rate: float, burst: float, now_s: float) -> Gate:
    """A new one: full and open. ValueError for a rate or burst that lets nothing through."""
    if rate <= 0 or burst < 1:
        raise ValueError("rate must be above 0 and burst at least 1")
    return Gate(rate, burst, burst, now_s)
