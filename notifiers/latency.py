"""How long from approval to sent, as counts by powers of two of milliseconds: pure. Adds up, and says a percentile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

BUCKETS = 32  # bucket b holds less than 2^b ms; the last is 24 days


@dataclass(frozen=True, slots=True)
class Latency:
    """Counts by bucket."""

    counts: tuple[int, ...] = (0,) * BUCKETS

    @property
    def total(self) -> int:
        return sum(self.counts)

    def quantile_s(self, share: float) -> float | None:
        """Seconds within which that share was sent, evenly spread inside a bucket; None while nothing was."""
        rank, passed = share * self.total, 0
        for number, count in enumerate(self.counts):
            if count and passed + count >= rank:
                low = 0.0 if number == 0 else 2.0 ** (number - 1)
                return (low + (2.0**number - low) * (rank - passed) / count) / 1000
            passed += count
        return None


def bucket(waited: timedelta) -> int:
    """The bucket of one wait; one before the start (clocks apart) counts as none."""
    ms = max(0, waited // timedelta(milliseconds=1))
    return min(ms.bit_length(), BUCKETS - 1)


def counted(stored: bytes, since: datetime, ats: Iterable[datetime]) -> bytes:
    """The stored counts (u32, little-endian) with these moments added."""
    counts = np.frombuffer(stored, "<u4").copy()
    for at in ats:
        counts[bucket(at - since)] += 1
    return counts.tobytes()


def added(stored: Sequence[bytes]) -> Latency:
    """The sum of the stored counts of several batches."""
    if not stored:
        return Latency()
    table = np.frombuffer(b"".join(stored), "<u4").reshape(len(stored), BUCKETS)
    return Latency(tuple(int(count) for count in table.sum(axis=0, dtype=np.int64)))
