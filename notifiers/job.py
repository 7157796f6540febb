"""One claim in the hands of a worker: what it may start, what is under way, what came of it; and how the window is shared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from notifiers.channels.base import Channel
from notifiers.ledger import Claim, Settled, Standing, Turn
from notifiers.model import Notice, Outcome, Subscription
from notifiers.receipts import Seals


@dataclass(slots=True, eq=False)
class Job:
    """Positions in `open` stand as in flight in the ledger: not started yet, under way, or not recorded yet."""

    claim: Claim
    channel: Channel
    said: Notice | None  # None: it cannot be opened (its key is gone), so nothing of it leaves
    confirmed_s: float  # when it was last certain that the claim stands, on clock.awake_s
    seals: Seals | None = None  # where the provider reports later
    standing: Standing = Standing.LIVE
    over_s: float = field(init=False)  # when the notice's time is over, on the same clock
    open: set[int] = field(default_factory=set)
    settled: list[Settled] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)  # never started: nothing is known against them
    subscriptions: dict[int, Subscription] = field(default_factory=dict)
    rests_until_s: float = 0.0  # not to be claimed again before, on the same clock

    def __post_init__(self) -> None:
        self.over_s = self.confirmed_s + self.claim.left_s
        if self.said is not None and self.claim.outside:
            self.said = self.said.for_outside()

    def certain(self, now_s: float, fresh_s: float) -> bool:
        """Whether a send may start at `now_s` (clock.awake_s): claim and notice stood within the last `fresh_s`."""
        return now_s - self.confirmed_s < fresh_s and self.standing is Standing.LIVE and now_s < self.over_s

    def grant(self, positions: Sequence[int], found: Mapping[int, Subscription]) -> list[int]:
        """Positions that may be started now; returns those whose subscription is no more (left, retired)."""
        self.open.update(positions)
        ids = self.claim.ids
        here = {position: found[int(ids[position])] for position in positions if int(ids[position]) in found}
        if self.seals is not None:
            batch_id = self.claim.batch_id
            here = {at: replace(one, seal=self.seals.seal(batch_id, at)) for at, one in here.items()}
        if self.claim.outside:
            here = {at: replace(one, outside=True) for at, one in here.items()}
        self.subscriptions.update(here)
        return [position for position in positions if position not in here]

    def settle(self, position: int, outcome: Outcome, at: datetime) -> None:
        self.settled.append(Settled(position, outcome, at))

    @property
    def pending(self) -> int:
        """What the next checkpoint has to tell."""
        return len(self.settled) + len(self.returned)

    @property
    def idle(self) -> bool:
        """Everything it was granted has come to an end, one way or the other."""
        return self.pending >= len(self.open)

    def turn(self, room: int, now_s: float) -> Turn:
        """What there is to tell now."""
        rest_s = max(0.0, self.rests_until_s - now_s)
        return Turn(tuple(self.settled), tuple(self.returned), room, rest_s, frozenset(self.open))

    def told(self, turn: Turn) -> None:
        """The checkpoint has told it: it is committed."""
        del self.settled[: len(turn.settled)]
        del self.returned[: len(turn.returned)]
        done = {one.position for one in turn.settled} | set(turn.returned)
        self.open -= done
        for position in done:
            self.subscriptions.pop(position, None)

    def still_open(self) -> int:
        """How many positions stay in flight once what is pending is told."""
        return len(self.open) - self.pending


@dataclass(frozen=True, slots=True)
class Use:
    """How much of the window one job uses, and for whom."""

    origin: str
    open: int


def share(window: int, uses: Sequence[Use], idle_channels: int, most: Callable[[str], int]) -> tuple[list[int], int]:
    """How many more each job may start, and what is left for new ones: never more than `window` in all. Pure.

    Each gets an equal part; a sixteenth is kept for every channel that has nothing to do, a quarter in all, so that
    what comes next there need not wait for what is slow here. `most`: what one origin may have in flight, in all jobs together.
    """
    kept = min(idle_channels, 4) * (window // 16)
    left = window - sum(use.open for use in uses)
    part = max(1, (window - kept) // max(1, len(uses)))
    used = Counter[str]()
    for use in uses:
        used[use.origin] += use.open
    rooms = []
    for use in uses:
        room = max(0, min(part - use.open, left - kept, most(use.origin) - used[use.origin]))
        rooms.append(room)
        used[use.origin] += room
        left -= room
    return rooms, max(0, left)
