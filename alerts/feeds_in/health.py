"""How a feed does, and when it is asked again: pure.

What went well is asked again after the interval. What failed waits by full jitter (a random point between nothing and
a back-off that doubles up to BACKOFF_S), so that many that failed together do not come back together. A Retry-After
(RFC 9110 section 10.2.3) is obeyed, up to an hour.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

State = Literal["new", "well", "failing", "silent"]
FIRST_S, BACKOFF_S = 10.0, 900.0  # the back-off after the first failure, and the longest
SOONEST_S = 1.0
OBEYED_S = 3600.0  # the longest Retry-After that is obeyed: a feed of alerts is not left alone for a day
WELL = frozenset({"ok", "not_modified"})


@dataclass(frozen=True, slots=True)
class Polled:
    """What came of asking once: `word` as `fetching.Fetched` has it, or that of an index that could not be read.

    `news`: there was an entry that was not known before.
    """

    word: str
    news: bool = False
    retry_after_s: float | None = None
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """`state`: new (never asked), well, failing (the last `failures` times), silent (it answers, and says nothing new
    for longer than it ever should). `last_new_at`: of the last news, or since when news is waited for.
    """

    state: State = "new"
    failures: int = 0
    last_ok_at: datetime | None = None
    last_new_at: datetime | None = None
    last_error: str | None = None
    next_poll_at: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None

    def is_due(self, now: datetime) -> bool:
        """Whether it is time to ask."""
        return self.next_poll_at is None or self.next_poll_at <= now


def after(
    health: Health,
    polled: Polled,
    now: datetime,
    interval_s: float,
    jitter: float,
    *,
    longest_silence_s: float | None = None,
) -> Health:
    """The health after asking once. `jitter` is a random number from 0 to 1.

    Validators are those of the last success: a document that could not be read must come again, not as a 304.
    """
    if polled.word not in WELL:
        return _failed(health, polled, now, interval_s, jitter)
    heard_at = now if polled.news or health.last_new_at is None else health.last_new_at
    silent = longest_silence_s is not None and (now - heard_at).total_seconds() > longest_silence_s
    return Health(
        state="silent" if silent else "well",
        last_ok_at=now,
        last_new_at=heard_at,
        next_poll_at=now + timedelta(seconds=max(interval_s, SOONEST_S)),
        etag=polled.etag,
        last_modified=polled.last_modified,
    )


def _failed(health: Health, polled: Polled, now: datetime, interval_s: float, jitter: float) -> Health:
    failures = health.failures + 1
    wait = timedelta(seconds=_wait_s(polled, failures, interval_s, min(max(jitter, 0.0), 1.0)))
    return replace(health, state="failing", failures=failures, last_error=polled.word, next_poll_at=now + wait)


def _wait_s(polled: Polled, failures: int, interval_s: float, jitter: float) -> float:
    asked_s, backoff_s = polled.retry_after_s, min(FIRST_S * 2.0 ** min(failures - 1, 30), BACKOFF_S)
    if asked_s is not None and math.isfinite(asked_s) and asked_s >= 0:
        return min(max(asked_s, SOONEST_S) + jitter * min(backoff_s, 5.0), OBEYED_S)
    least_s = interval_s if polled.word == "status_429" else SOONEST_S  # too many requests: not sooner than usual
    return min(max(jitter * backoff_s, least_s), BACKOFF_S)
