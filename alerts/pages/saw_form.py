"""The form "I saw something", pure: its fields, what is wrong with them, its stamp, and the place that was tapped on a map
without script.

The stamp is signed: it says when the form was shown and is the form's key at once, so that what is sent twice is one. Nothing
of who asked is in it.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from alerts.pages.tap_map import Spot, spot_of
from alerts.tip_box import Said

MOST = {"what": 1000, "where": 200, "when": 100, "contact": 200}  # characters
TRAP = "homepage"  # a field that nobody sees: what fills in every field fills in this one
LEAST = timedelta(seconds=2)  # nobody writes a sentence sooner
LONGEST = timedelta(hours=24)
_MAC = 32  # hexadecimal digits

Faults = Mapping[str, Sequence[str]]  # by field; "" is the form itself


@dataclass(frozen=True, slots=True)
class Stamp:
    """When the form was shown, and its key."""

    text: str
    shown_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """The form as it was sent."""

    texts: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(MOST, ""), repr=False)
    spot: Spot | None = field(default=None, repr=False)
    stamp: str = ""
    trap: str = ""


def read(form: Mapping[str, str]) -> Entry:
    """What the form holds. Nothing is refused here."""
    texts = {name: form.get(name, "").replace("\r\n", "\n").strip() for name in MOST}
    return Entry(
        texts,
        spot_of(form.get("lon", ""), form.get("lat", ""), form.get("zoom", "1")),
        form.get("form", ""),
        form.get(TRAP, ""),
    )


def faults(entry: Entry, stamp: Stamp | None, now: datetime, said: Mapping[str, str]) -> dict[str, list[str]]:
    """All of them by field, in the words of `said`. `stamp`: the form's, None where it is none of ours."""
    found: dict[str, list[str]] = {}
    if not entry.texts["what"]:
        found["what"] = [said["saw_what_missing"]]
    for name, most in MOST.items():
        if len(entry.texts[name]) > most:
            found.setdefault(name, []).append(said["saw_too_long"].format(most=most, n=len(entry.texts[name])))
    if entry.trap:
        found[TRAP] = [said["saw_leave_empty"]]
    if stamp is None or now - stamp.shown_at < LEAST:
        found[""] = [said["saw_press_again"]]
    return found


def said(entry: Entry, language: str) -> Said:
    """The same as it is kept."""
    spot = entry.spot
    return Said(**entry.texts, lon=spot.lon if spot else None, lat=spot.lat if spot else None, language=language)


def new_stamp(secret: bytes, token: str, now: datetime) -> Stamp:
    """For a form of the alert `token`."""
    told = f"{int(now.timestamp()):x}.{secrets.token_urlsafe(12)}"
    return Stamp(f"{told}.{_mac(secret, token, told)}", now)


def read_stamp(secret: bytes, token: str, text: str, now: datetime) -> Stamp | None:
    """None for one that is not ours, of another alert, or of more than a day ago."""
    told, _, mac = text.rpartition(".")
    if not re.fullmatch(r"[0-9a-f]{1,12}\.[\w-]{16}", told, re.ASCII):
        return None
    if not hmac.compare_digest(mac.encode(), _mac(secret, token, told).encode()):
        return None
    shown_at = datetime.fromtimestamp(int(told.partition(".")[0], 16), tz=UTC)
    return Stamp(text, shown_at) if now - shown_at <= LONGEST else None


def form_hash(secret: bytes, stamp: Stamp) -> bytes:
    """What the store knows a form by."""
    return hmac.digest(secret, b"form\0" + stamp.text.encode(), "sha256")


def _mac(secret: bytes, token: str, told: str) -> str:
    return hmac.digest(secret, f"stamp\0{token}\0{told}".encode(), "sha256").hex()[:_MAC]
