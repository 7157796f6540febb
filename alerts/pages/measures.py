"""Heights, weights and times as people write them, into metres, kilograms and UTC; and back."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from alerts.pages.record_form import ZONES

INCH_M = 0.0254
POUND_KG = 0.45359237

_PRIMES = str.maketrans(
    "\N{PRIME}\N{RIGHT SINGLE QUOTATION MARK}\N{DOUBLE PRIME}\N{RIGHT DOUBLE QUOTATION MARK}", "''\"\""
)
_FEET = re.compile(r"(\d)\s*(?:ft|feet|foot|')\.?\s*(?:(\d{1,2})\s*(?:in|inches|\"|'')?\.?)?")
_METRIC = re.compile(r"(\d{1,3}(?:[.,]\d{1,2})?)\s*(cm|m)")
_WEIGHT = re.compile(r"(\d{1,3}(?:[.,]\d)?)\s*(lbs?|pounds?|kgs?|kilos?)")


def height_m(text: str) -> float:
    """Metres from "4 ft 1 in", "4'1", "124 cm" or "1.24 m"; ValueError for all else, a bare number too."""
    told = text.strip().lower().translate(_PRIMES)
    if found := _FEET.fullmatch(told):
        return round((int(found[1]) * 12 + int(found[2] or 0)) * INCH_M, 2)
    if found := _METRIC.fullmatch(told):
        value = float(found[1].replace(",", "."))
        return round(value / 100 if found[2] == "cm" else value, 2)
    raise ValueError("Write the height with its unit: 4 ft 1 in, or 124 cm.")


def weight_kg(text: str) -> float:
    """Kilograms from "52 lb" or "24 kg"; ValueError for all else, a bare number too."""
    found = _WEIGHT.fullmatch(text.strip().lower())
    if not found:
        raise ValueError("Write the weight with its unit: 52 lb, or 24 kg.")
    value = float(found[1].replace(",", "."))
    return round(value * POUND_KG if found[2][0] in "lp" else value, 1)


def moment(text: str, zone: str) -> str:
    """RFC 3339 with the offset of its place from what a date-and-time input sends (no zone) and the zone beside it; ValueError."""
    if zone not in {name for name, _ in ZONES if name}:
        raise ValueError("Choose the time zone beside it.")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("Write day and time, such as 2026-11-22T16:45.") from None
    return at.replace(tzinfo=ZoneInfo(zone)).isoformat()


def shown_height(metres: float) -> str:
    return f"{round(metres * 100)} cm"


def shown_weight(kilograms: float) -> str:
    return f"{kilograms:g} kg"


def shown_moment(at: str) -> str:
    """The value of a date-and-time input, in UTC."""
    return f"{datetime.fromisoformat(at).astimezone(UTC):%Y-%m-%dT%H:%M}"


def latency(milliseconds: int | None) -> str:
    """A latency as people say it: 85 ms, 1.4 s, 3 min."""
    if milliseconds is None:
        return "\N{EN DASH}"
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    return f"{milliseconds / 1000:.1f} s" if milliseconds < 120_000 else f"{milliseconds / 60_000:.0f} min"


def duration(seconds: float) -> str:
    """As people say it: 45 seconds, 3 minutes, 2 hours."""
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.0f} hours"
