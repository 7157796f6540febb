"""The outcomes of one batch as sets of positions: pure set algebra, what the ledger writes.

Every position is in exactly one of: waiting (in none of the sets), in_flight, sent, gone, refused, gave_up, dropped,
in_doubt. `doubted` lies beside them: waiting or in flight positions whose earlier send may have reached the person.
Wherever such a position would end as dropped, given up or refused, it ends in doubt: a cancel must find it. `repeated`
lies beside as well and only grows: the doubted that were started once more, so that every repeat a receiver sees is known,
and those put back into the queue: what is reported of them later may be of an earlier try.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from notifiers import bits
from notifiers.bits import Bits
from notifiers.model import FINAL, Result

FINAL_NAMES = tuple(result.value for result in FINAL)
SETS = ("in_flight", *FINAL_NAMES, "doubted", "repeated")
UNREACHED = (Result.DROPPED, Result.GAVE_UP, Result.REFUSED)  # ends that say that nobody was reached
COUNTED = ("in_flight", *FINAL_NAMES)


@dataclass(frozen=True, slots=True)
class Sets:
    """The sets of a batch of `size` positions. The methods return the next state and change nothing."""

    size: int
    in_flight: Bits = 0
    sent: Bits = 0
    gone: Bits = 0
    refused: Bits = 0
    gave_up: Bits = 0
    dropped: Bits = 0
    in_doubt: Bits = 0
    doubted: Bits = 0
    repeated: Bits = 0

    @property
    def settled(self) -> Bits:
        """Those with a final outcome."""
        return self.sent | self.gone | self.refused | self.gave_up | self.dropped | self.in_doubt

    @property
    def waiting(self) -> Bits:
        """Those neither settled nor in flight."""
        return bits.full(self.size) & ~(self.settled | self.in_flight)

    @property
    def told(self) -> Bits:
        """Those whom the notice reached or may have reached: whom an update or a cancel must reach as well."""
        return self.reached | self.in_flight

    @property
    def reached(self) -> Bits:
        """Those of `told` that do not hang on a first send that is under way now."""
        return self.sent | self.in_doubt | self.doubted

    @property
    def done(self) -> bool:
        return self.settled == bits.full(self.size)

    def start(self, positions: Bits) -> Sets:
        """Write-ahead intent: those of the positions that are waiting may be started once this is committed."""
        started = positions & self.waiting
        return replace(self, in_flight=self.in_flight | started, repeated=self.repeated | (started & self.doubted))

    def settle(self, result: Result, positions: Bits) -> Sets:
        """Those of the positions that are in flight end as `result` (one of FINAL)."""
        return self._end(result, positions & self.in_flight)

    def doubt(self, positions: Bits) -> Sets:
        """Those of the positions that are in flight may have arrived; their state stays as it is."""
        return replace(self, doubted=self.doubted | (positions & self.in_flight))

    def give_back(self, positions: Bits) -> Sets:
        """Those of the positions that are in flight wait again."""
        return replace(self, in_flight=self.in_flight & ~positions)

    def learn(self, result: Result, positions: Bits) -> Sets:
        """Those of the positions that may have arrived end as `result` (one of FINAL): the receiver said so since."""
        known = positions & self.told
        kept = {name: getattr(self, name) & ~known for name in ("in_flight", "sent", "in_doubt", "doubted")}
        kept[result.value] = kept.get(result.value, getattr(self, result.value)) | known
        return replace(self, **kept)

    def requeue(self, positions: Bits) -> Sets:
        """Those of the positions that were refused or given up wait again: nothing of it arrived."""
        again = self.repeated | (positions & (self.refused | self.gave_up))
        return replace(self, refused=self.refused & ~positions, gave_up=self.gave_up & ~positions, repeated=again)

    def drop_waiting(self) -> Sets:
        """The notice is over: nothing that waits will leave."""
        return self._end(Result.DROPPED, self.waiting)

    def _end(self, result: Result, positions: Bits) -> Sets:
        unknowable = positions & self.doubted if result in UNREACHED else 0
        word = result.value
        changed = {word: getattr(self, word) | (positions & ~unknowable)}
        changed["in_doubt"] = changed.get("in_doubt", self.in_doubt) | unknowable
        left = self.in_flight & ~positions
        return replace(self, in_flight=left, doubted=self.doubted & ~positions, **changed)


def load(size: int, row: object) -> Sets:
    """From the columns of a batch row."""
    return Sets(size, **{name: bits.unpack(getattr(row, name) or b"") for name in SETS})


def columns(sets: Sets) -> dict[str, bytes | int]:
    """As the columns of a batch row, with the counts that the tally adds up.

    What every checkpoint changes has room from the beginning (`bits.roomy`).
    """
    stored = {name: bits.pack(getattr(sets, name), sets.size) for name in SETS}
    stored |= {name: bits.roomy(stored[name]) for name in ("in_flight", "sent")}
    counts = {f"n_{name}": getattr(sets, name).bit_count() for name in COUNTED}
    return {**stored, **counts}
