"""What a row of a roll must hold: the columns, and all that can be wrong with them, in words without their content. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache

from alerts.languages import known_language
from geo import kinds

COLUMNS = (
    *("person", "lon", "lat", "radius_m", "kind", "number", "at"),
    *("language", "channel", "email", "phone", "endpoint", "p256dh", "auth", "token"),
    *("consent_how", "consented_at", "consent_words", "test"),
)
REQUIRED = ("person", "lon", "lat", "channel", "consent_how", "consented_at", "consent_words")
CHANNEL_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "web_push": ("endpoint", "p256dh", "auth"),
    "unified_push": ("endpoint", "p256dh", "auth"),
    "email": ("email",),
    "sms": ("phone",),
    "inbox": (),
    "fcm": ("token",),
    "apns": ("token",),
}
_LONGEST = {"endpoint": 1024, "token": 1024, "consent_words": 1000, "consent_how": 64, "language": 35}
_LONG = 255
_KEY = re.compile(r"[A-Za-z0-9_-]+={0,2}")
PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_HIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")  # what no database or mail would keep as it is
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_FORMS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "email": (re.compile(r"[^@\s<>,;:\"\\]+@[^@\s<>,;:\"\\]+\.[^@\s<>,;:\"\\]+"), "an address"),
    "phone": (PHONE, "a number of E.164 (+ and the country's code)"),
    "endpoint": (re.compile(r"https?://\S+"), "a URL"),
    "p256dh": (_KEY, "base64url"),
    "auth": (_KEY, "base64url"),
    "token": (re.compile(r"[A-Za-z0-9_:.=-]{8,}"), "a device's token"),
    "test": (re.compile(r"yes|no"), "yes or no"),
}
_CHANNEL_FORMS: Mapping[str, tuple[str, re.Pattern[str], str]] = {
    "apns": ("token", re.compile(r"[0-9a-fA-F]{64,200}"), "64 to 200 hexadecimal digits"),
}
MAX_RADIUS_M = 50_000.0


def faults(row: Mapping[str, str], now: datetime) -> tuple[str, ...]:
    """All that is wrong with one row; empty when it can be taken."""
    return (
        *(f"{name} is missing" for name in REQUIRED if not row[name]),
        *(f"{name} is too long" for name, value in row.items() if len(value) > _LONGEST.get(name, _LONG)),
        *(f"{name} holds a control character" for name, value in row.items() if _HIDDEN.search(value)),
        *_number_faults(row),
        *_place_faults(row, now),
        *_channel_faults(row),
        *_language_faults(row),
        *_consent_faults(row, now),
    )


def _number_faults(row: Mapping[str, str]) -> Iterable[str]:
    for name, most in (("lon", 180.0), ("lat", 90.0)):
        if row[name] and not _in_range(row[name], -most, most):
            yield f"{name} is not a number from {-most:.0f} to {most:.0f}"
    if row["radius_m"] and not _in_range(row["radius_m"], 0.0, MAX_RADIUS_M):
        yield f"radius_m is not a number from 0 to {MAX_RADIUS_M:.0f}"


def _in_range(text: str, least: float, most: float) -> bool:
    return _DECIMAL.fullmatch(text) is not None and least <= float(text) <= most


def _place_faults(row: Mapping[str, str], now: datetime) -> Iterable[str]:
    kind = row["kind"] or "home"
    if kind not in kinds.POLICY:
        yield f"kind is not one of {', '.join(kinds.POLICY)}"
        return
    if (row["number"] or "0") not in map(str, kinds.numbers_of(kind)):
        yield f"number is not {kinds.said_numbers(kind)} for {kind}"
    yield from _time_faults(row, "at", now)
    at = time_of(row["at"])
    until = kinds.expires_at(kind, at) if at and at.tzinfo else None
    if until is not None and until <= now:
        yield f"at lies so long ago that a place of kind {kind} does not count any more"


def _channel_faults(row: Mapping[str, str]) -> Iterable[str]:
    channel = row["channel"]
    if channel and channel not in CHANNEL_COLUMNS:
        yield f"channel is not one of {', '.join(CHANNEL_COLUMNS)}"
    for name in CHANNEL_COLUMNS.get(channel, ()):
        if not row[name]:
            yield f"{name} is missing, the channel {channel} needs it"
    for name, (form, meaning) in _FORMS.items():
        if row[name] and not form.fullmatch(row[name]):
            yield f"{name} is not {meaning}"
    if channel in _CHANNEL_FORMS:
        name, form, meaning = _CHANNEL_FORMS[channel]
        if row[name] and not form.fullmatch(row[name]):
            yield f"{name} is not {meaning}, the channel {channel} needs one"


def _language_faults(row: Mapping[str, str]) -> Iterable[str]:
    try:
        known_language(row["language"] or "en")
    except ValueError as fault:
        yield f"language {fault}"


def _consent_faults(row: Mapping[str, str], now: datetime) -> Iterable[str]:
    return _time_faults(row, "consented_at", now)


def _time_faults(row: Mapping[str, str], name: str, now: datetime) -> Iterable[str]:
    if not row[name]:
        return
    at = time_of(row[name])
    if at is None:
        yield f"{name} is not an ISO 8601 time"
    elif at.tzinfo is None:
        yield f"{name} has no offset"
    elif at > now:
        yield f"{name} lies in the future"


@lru_cache(maxsize=4096)
def time_of(text: str) -> datetime | None:
    """The time in UTC, or as it stands if it has no offset; None for what is no time."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at
    except (ValueError, OverflowError):  # the first and the last day of the calendar have no UTC in some zones
        return None
