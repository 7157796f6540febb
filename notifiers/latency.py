"""How long from approval to sent, as counts between fixed edges: pure. Adds up, says a percentile, and exactly how
many were reached within a minute, two, five and fifteen.

Edges double from a millisecond to half a minute; from then on they are the marks that people ask for. A count belongs
to the first edge that its wait does not exceed, compared in microseconds, so `within` is exact at every edge.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from struct import iter_unpack, pack

import numpy as np

MARKS_S = (60, 120, 300, 900)  # receivers reached within these are recorded: 1, 2, 5 and 15 minutes
EDGES_MS = (
    *(2**power for power in range(16)),  # 1 ms to 32.8 s
    *(1000 * mark for mark in (60, 120, 300, 600, 900, 1800)),
    *(3_600_000 * hours for hours in (1, 2, 4, 8, 12, 24, 48, 72, 168)),
)
BUCKETS = len(EDGES_MS) + 1  # the last holds whatever took longer than a week
NONE = bytes(3 * 6)  # as stored, with room for as many as the sends of a batch fall into as a rule
_STORED = np.dtype([("bucket", "u1"), ("count", "<u2")])  # only buckets in which there are any, in no order
_EDGES_US = [1000 * edge for edge in EDGES_MS]


@dataclass(frozen=True, slots=True)
class Latency:
    """Counts by bucket: bucket b holds the waits up to EDGES_MS[b] and above the edge before it."""

    counts: tuple[int, ...] = (0,) * BUCKETS

    @property
    def total(self) -> int:
        return sum(self.counts)

    def within(self, seconds: int) -> int:
        """How many were sent within so many seconds, exactly; ValueError where there is no such edge."""
        return sum(self.counts[: EDGES_MS.index(1000 * seconds) + 1])

    @property
    def within_marks(self) -> dict[int, int]:
        """By mark in seconds, how many were sent within it."""
        return {mark: self.within(mark) for mark in MARKS_S}

    def quantile_s(self, share: float) -> float | None:
        """Seconds within which that share was sent, evenly spread inside a bucket; None while nothing was."""
        rank, passed = share * self.total, 0
        for number, count in enumerate(self.counts):
            if count and passed + count >= rank:
                low = EDGES_MS[number - 1] if number else 0
                high = EDGES_MS[number] if number < len(EDGES_MS) else 2 * low
                return (low + (high - low) * (rank - passed) / count) / 1000
            passed += count
        return None


def bucket(waited: timedelta) -> int:
    """The bucket of one wait; one before the start (clocks apart) counts as none."""
    return bisect_left(_EDGES_US, waited // timedelta(microseconds=1))


def counted(stored: bytes, since: datetime, ats: Collection[datetime]) -> bytes:
    """The stored counts (nothing while there are none) with these moments, at least one, added.

    A bucket (u8) and how many (u16, little-endian) by turns, of those in which there are any; zeros are room.
    """
    counts = Counter({found: count for found, count in iter_unpack("<BH", stored) if count})
    first, last = bucket(min(ats) - since), bucket(max(ats) - since)
    if first == last:  # as a rule: they were sent within a fraction of a second
        counts[first] += len(ats)
    else:
        counts.update(bucket(at - since) for at in ats)
    return b"".join(pack("<BH", *one) for one in counts.items()).ljust(len(NONE), b"\0")


def added(stored: Sequence[bytes]) -> Latency:
    """The sum of the stored counts of several batches."""
    counts = np.frombuffer(b"".join(stored), _STORED)
    summed = np.bincount(counts["bucket"], weights=counts["count"], minlength=BUCKETS)
    return Latency(tuple(int(count) for count in summed))
