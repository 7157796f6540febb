"""How long a text is as a short message, and how it is cut into segments: 3GPP TS 23.038 (GSM 03.38) and 23.040. Pure.

A message in the 7-bit alphabet has 160 characters, or 153 a segment when there are several; one character outside of it
makes the whole message UCS-2: 70 units, or 67 a segment. A character of the extension table takes two places, and one
beyond the Basic Multilingual Plane two units; neither is ever split between segments.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from notifiers.channels.shorten import shorten

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")  # an escape and a character each

# All that is ever written otherwise than its author did: typography, by the keys of a keyboard.
TYPOGRAPHIC = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u00a0\u2009\u202f\u2007", " "),
        "\u2026": "...",
    }
)


class Alphabet(Enum):
    """`single`: units of a message that is one segment; `joined`: of each when there are several."""

    GSM7 = (160, 153)
    UCS2 = (70, 67)

    def __init__(self, single: int, joined: int) -> None:
        self.single = single
        self.joined = joined


@dataclass(frozen=True, slots=True)
class Size:
    """`units`: septets (escapes counted) or UTF-16 units of the whole text."""

    alphabet: Alphabet
    units: int
    segments: int


def plain(text: str) -> str:
    """`text` composed (NFC) and with the typography of TYPOGRAPHIC; everything else stays as it was written."""
    return unicodedata.normalize("NFC", text).translate(TYPOGRAPHIC)


def alphabet_of(text: str) -> Alphabet:
    return Alphabet.GSM7 if BASIC.issuperset(set(text) - EXTENSION) else Alphabet.UCS2


def split(text: str) -> list[str]:
    """The segments of `text`, in its own characters; an empty text is one empty segment."""
    alphabet, widths = alphabet_of(text), list(_widths(text))
    if sum(widths) <= alphabet.single:
        return [text]
    found, start, used = [], 0, 0
    for at, width in enumerate(widths):
        if used + width > alphabet.joined:
            found.append(text[start:at])
            start, used = at, 0
        used += width
    return [*found, text[start:]]


def measure(text: str) -> Size:
    """What `text` takes as it stands."""
    return Size(alphabet_of(text), sum(_widths(text)), len(split(text)))


def fit(text: str, link: str, most: int) -> str:
    """The longest beginning of `text` (made plain), and after it `link` whole, in at most `most` segments.

    ValueError where not even the link alone fits.
    """
    if measure(link).segments > most:
        raise ValueError("the link alone is longer than the message may be")
    kept = shorten(plain(text), most, _segments_with(link))
    return plain(f"{kept}\n") + link if kept else link


def _segments_with(link: str) -> Callable[[str], int]:
    return lambda kept: measure(plain(f"{kept}\n") + link).segments


def _widths(text: str) -> Iterator[int]:
    """What each character takes. A lone surrogate is one unit, as a phone would show it."""
    if alphabet_of(text) is Alphabet.GSM7:
        return (2 if character in EXTENSION else 1 for character in text)
    return (2 if ord(character) > 0xFFFF else 1 for character in text)
