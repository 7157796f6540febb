"""How fast sending goes and how long it takes, over the last half hour: samples in memory, one ring a server. Pure.

A sample holds sums since the approval of each notice; what lies between two of them is the rate and the waits of that
moment. A ring is lost with its server, and fills anew: history is told by the ledger, not by this.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from notifiers.latency import Latency

EVERY_S = 5.0
KEPT = 360  # half an hour
SHARES = (("p50", 0.50), ("p95", 0.95), ("p99", 0.99))

Lanes = Mapping[tuple[int, str], Latency]  # by notice and channel


@dataclass(frozen=True, slots=True)
class Sample:
    """All that was sent of the last day's notices, by notice and channel, and how many have no outcome yet."""

    at: datetime
    sent: Lanes
    open: int


@dataclass(frozen=True, slots=True)
class Point:
    """Between two samples: sends a second by channel; within how many seconds of the approval half, 95 % and 99 % of
    those were sent (None: none were); what waits at its end.
    """

    at_s: int
    rates: Mapping[str, float]
    waits_s: tuple[float | None, ...]
    open: int


def between(before: Sample, after: Sample) -> Point:
    """What happened from one sample to the next. A notice that is no longer among them counts for nothing."""
    passed_s = max((after.at - before.at).total_seconds(), 0.001)
    counts: dict[str, int] = {}
    added = [0] * len(Latency().counts)
    for (notice_id, channel), now in after.sent.items():
        then = before.sent.get((notice_id, channel), Latency())
        new = [max(b - a, 0) for a, b in zip(then.counts, now.counts, strict=True)]
        counts[channel] = counts.get(channel, 0) + sum(new)
        added = [a + b for a, b in zip(added, new, strict=True)]
    waited = Latency(tuple(added))
    rates = {channel: round(count / passed_s, 2) for channel, count in counts.items()}
    return Point(round(after.at.timestamp()), rates, tuple(waited.quantile_s(share) for _, share in SHARES), after.open)


class Pulse:
    """The ring. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: Sample | None = None
        self._points: deque[Point] = deque(maxlen=KEPT)

    def add(self, sample: Sample) -> None:
        """The next sample; one that is not later than the last is left out."""
        with self._lock:
            before, self._last = self._last, sample
            if before is not None and sample.at > before.at:
                self._points.append(between(before, sample))

    def points(self) -> tuple[Point, ...]:
        with self._lock:
            return tuple(self._points)


def series(points: Sequence[Point], names: Mapping[str, str]) -> dict[str, Any]:
    """Columns for a chart: moments in seconds since 1970, a rate a channel (by the name people read), waits, what waits."""
    channels = sorted({channel for point in points for channel, rate in point.rates.items() if rate})
    waits = {name: [_rounded(point.waits_s[n]) for point in points] for n, (name, _) in enumerate(SHARES)}
    return {
        "at": [point.at_s for point in points],
        "rates": [
            {"name": names.get(one, one), "values": [point.rates.get(one, 0.0) for point in points]} for one in channels
        ],
        "waits": waits,
        "open": [point.open for point in points],
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
