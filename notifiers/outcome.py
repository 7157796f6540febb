"""What an answer means, told once for all channels: pure. Status, reply code or way of dying -> Outcome.

Sources: RFC 8030 sections 5 and 7.3 and the push services' documents for web push, RFC 9110 section 15 for HTTP,
RFC 5321 section 4.2 and RFC 3463 for SMTP. `reason` is a number or a machine word, never what the receiver wrote.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache

from notifiers.model import Outcome, Result

GONE = frozenset({404, 410})
OURS = frozenset({401, 403})
LATER = frozenset({408, 425, 429})
UNSURE = frozenset(
    {500, 502, 504}
)  # it broke, or what stands behind it did: the message may have got through all the same
MAILBOX_GONE = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})


def of_failure(kind: str, *, sent: bool, guarded: bool = False) -> Outcome:
    """Of a send that got no answer: `kind` names the way of dying ("dns", "timeout"), `sent` tells whether any of it
    may have reached the receiver, `guarded` that our own guard forbade the target.
    """
    if guarded:
        return Outcome(Result.REFUSED, kind)
    return Outcome(Result.IN_DOUBT if sent else Result.UNSENT, kind)


def of_status(status: int, headers: Mapping[str, str], now: datetime) -> Outcome:
    """Of an HTTP answer. 2xx is sent; a redirect is refused (it is never followed: it may lead past the guard)."""
    if 200 <= status < 300:
        return _sent(status)
    reason = str(status)
    if status in GONE:
        return Outcome(Result.GONE, reason)
    if status in OURS:
        return Outcome(Result.OURS, reason)
    if status in UNSURE:
        return Outcome(Result.IN_DOUBT, reason, retry_after_s(_header(headers, "retry-after"), now))
    if status in LATER or status >= 500:
        return Outcome(Result.LATER, reason, retry_after_s(_header(headers, "retry-after"), now))
    return Outcome(Result.REFUSED, reason)


@cache
def _sent(status: int) -> Outcome:
    return Outcome(Result.SENT, str(status))


def of_smtp(code: int, enhanced: str = "") -> Outcome:
    """Of an SMTP reply code, with its enhanced status (RFC 3463, "5.1.1") where there is one.

    Only 5.1.x and 5.2.1 say that the mailbox is no more; a bare 550 may as well be a filter's word, and nobody is
    taken off for that. 5.7.8, 530 and 535 speak of us (log-in). Other 5yz refuse this message; 4yz ask to come again.
    """
    reason = f"{code} {enhanced}".strip()
    if 200 <= code < 300:
        return Outcome(Result.SENT, reason)
    if code in {530, 534, 535, 538} or enhanced == "5.7.8":
        return Outcome(Result.OURS, reason)
    if 400 <= code < 500:
        return Outcome(Result.LATER, reason)
    return Outcome(Result.GONE if enhanced in MAILBOX_GONE else Result.REFUSED, reason)


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Seconds a Retry-After header asks for (RFC 9110 section 10.2.3: seconds or a date); None where it says nothing."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:12]), 10**9))
    return _seconds_until(text, now)


def _seconds_until(date: str, now: datetime) -> float | None:
    try:
        at = parsedate_to_datetime(date)
    except (ValueError, TypeError, OverflowError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    seconds = (at - now).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _header(headers: Mapping[str, str], name: str) -> str | None:
    return next((value for key, value in headers.items() if key.lower() == name), None)
