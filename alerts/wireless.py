"""The limits of the short media, and how words get into the alphabet of the phones' network. Pure.

A wireless alert has 360 characters, 90 where the network is old (47 CFR 10.430), in the 7-bit alphabet of 3GPP TS
23.038. English fits. Of Spanish, the alphabet has e, n and u with their marks and the turned question mark, but not a, i,
o and u with an accent: those lose it (FEMA's IPAWS tip 9 of 2018 warns that they fail). French, Portuguese, German and
Dutch are written the same way, losing what the alphabet lacks. Arabic and Hindi cannot be written in it at all: there is
no wireless text in them, and phones get that of another language of the alert. The push limits are Lookout's own: what a
locked phone shows.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from notifiers.channels.gsm import BASIC, EXTENSION, measure, plain

SHORT: Final = 90
LONG: Final = 360
PUSH_TITLE: Final = 65
PUSH_BODY: Final = 240

_LETTERS = str.maketrans({"œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L", "ð": "d", "þ": "th", "¬": "-", "«": '"', "»": '"', "º": "o", "ª": "a", "\t": " "})  # fmt: skip
_WRITTEN = (BASIC | EXTENSION) - frozenset("\r\f")


def to_gsm7(text: str) -> str | None:
    """`text` in the alphabet, letters without the marks it lacks; None where a character has no likeness in it."""
    written = "".join(map(_likeness, plain(text).translate(_LETTERS)))
    return written if _WRITTEN.issuperset(written) else None


def strange(text: str) -> tuple[str, ...]:
    """The characters of `text` that have no likeness in the alphabet, each once, ten at most."""
    found = (c for c in plain(text).translate(_LETTERS) if not _WRITTEN.issuperset(_likeness(c)))
    return tuple(dict.fromkeys(found))[:10]


def septets(text: str) -> int:
    """How many places a text of the alphabet takes: a character of its extension takes two."""
    return measure(text).units


def fitted(steps: Iterable[tuple[int, str]], most: int, size: Callable[[str], int]) -> str:
    """The parts that fit, in the order of their slots, chosen in the order of the steps: first what matters most.

    A later step with the same slot takes the place of the earlier one where it fits. Whole parts only: no word is cut.
    """
    chosen: dict[int, str] = {}
    for slot, text in steps:
        tried = chosen | {slot: text}
        if text and size(joined(tried)) <= most:
            chosen = tried
    return joined(chosen)


def joined(parts: Mapping[int, str]) -> str:
    """The parts as one line, in the order of their slots."""
    return " ".join(parts[slot] for slot in sorted(parts))


def _likeness(character: str) -> str:
    if character in _WRITTEN:
        return character
    bare = "".join(c for c in unicodedata.normalize("NFD", character) if not unicodedata.combining(c))
    return bare or character
