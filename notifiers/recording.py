"""One window's outcomes put down on the sets of their batch: pure.

What is settled goes into its set; what is to be tried again goes back to waiting with an exception that says when.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from notifiers import bits
from notifiers.model import FINAL, Outcome, Result
from notifiers.retry import Retry, decide
from notifiers.sets import UNREACHED, Sets


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of the send at `position` of a batch, known at `at`."""

    position: int
    outcome: Outcome
    at: datetime


@dataclass(frozen=True, slots=True)
class Trouble:
    """An exception row: what did not go well at a position. `next_at`: when it is to be tried again, None if never."""

    result: Result
    reason: str
    attempts: int
    next_at: datetime | None
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Recorded:
    """The batch after its outcomes: `sent` and `troubles` are what is new, `repeats` how many sends are going to be
    repeated though the first may have arrived.
    """

    sets: Sets
    sent: tuple[Settled, ...]
    troubles: Mapping[int, Trouble]
    repeats: int = 0

    @property
    def gone(self) -> tuple[int, ...]:
        """Positions whose endpoint is no more."""
        return tuple(position for position, one in self.troubles.items() if one.result is Result.GONE)

    @property
    def refused(self) -> tuple[int, ...]:
        """Positions whose receiver did not want this message."""
        return tuple(position for position, one in self.troubles.items() if one.result is Result.REFUSED)


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides about repeats: whether the receiver collapses them, until when, and the jitter."""

    collapses: bool
    expires_at: datetime
    rng: Random
    off: timedelta = timedelta(0)  # to be added to the times of the outcomes: their clock may be wrong


def record(sets: Sets, attempts: Mapping[int, int], settled: Sequence[Settled], rules: Rules) -> Recorded:
    """Puts down the outcomes of positions in flight; any other position (recorded before) is left as it is.

    So recording the same outcomes twice is recording them once: a worker that does not know whether its commit came
    through may repeat it. `attempts` counts earlier tries by position, where there were any.
    """
    fresh = {one.position: one for one in settled if sets.in_flight >> one.position & 1}
    sent = tuple(one for one in fresh.values() if one.outcome.result is Result.SENT)
    sets = sets.settle(Result.SENT, bits.of(one.position for one in sent))
    troubles: dict[int, Trouble] = {}
    for position, one in fresh.items():
        if one.outcome.result is not Result.SENT:
            tries = attempts.get(position, 0) + 1
            trouble = _unknowable(sets, position, _trouble(one, tries, rules))
            sets = _put_down(sets, position, one.outcome.result, trouble)
            troubles[position] = trouble
    return Recorded(sets, sent, troubles, sum(_repeated(one) for one in troubles.values()))


def bury(
    sets: Sets, attempts: Mapping[int, int], *, collapses: bool, over: bool, now: datetime
) -> tuple[Sets, dict[int, Trouble]]:
    """The batch of a worker that is taken for dead: the outcome of what it had in flight cannot be known.

    Where the receiver collapses repeats it waits to be sent again, unless the notice is over; else it ends in doubt.
    """
    again = collapses and not over
    lost = sets.in_flight
    troubles = {
        position: Trouble(Result.IN_DOUBT, "worker_died", attempts.get(position, 0) + 1, now if again else None, now)
        for position in bits.positions(lost)
    }
    after = sets.doubt(lost).give_back(lost) if again else sets.settle(Result.IN_DOUBT, lost)
    return (after.drop_waiting() if over else after), troubles


def _trouble(one: Settled, attempts: int, rules: Rules) -> Trouble:
    outcome, at = one.outcome, one.at + rules.off
    reason = outcome.reason[:64] or outcome.result.value
    if outcome.result in FINAL and not (outcome.result is Result.IN_DOUBT and rules.collapses):
        return Trouble(outcome.result, reason, attempts, None, at)
    decision = decide(outcome, attempts, at, rules.expires_at, rules.rng)
    if isinstance(decision, Retry):
        return Trouble(outcome.result, reason, attempts, decision.at, at)
    final = Result.IN_DOUBT if outcome.result is Result.IN_DOUBT else Result.GAVE_UP
    return Trouble(final, reason, attempts, None, at)


def _unknowable(sets: Sets, position: int, trouble: Trouble) -> Trouble:
    """An earlier send may have arrived: the position ends in doubt (`notifiers.sets`), and its row says the same."""
    doubted = trouble.next_at is None and sets.doubted >> position & 1
    return replace(trouble, result=Result.IN_DOUBT) if doubted and trouble.result in UNREACHED else trouble


def _put_down(sets: Sets, position: int, result: Result, trouble: Trouble) -> Sets:
    bit = 1 << position
    if trouble.next_at is None:
        return sets.settle(trouble.result, bit)
    return (sets.doubt(bit) if result is Result.IN_DOUBT else sets).give_back(bit)


def _repeated(trouble: Trouble) -> bool:
    return trouble.result is Result.IN_DOUBT and trouble.next_at is not None
