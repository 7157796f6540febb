"""Fitting words into a number of bytes without cutting what a reader sees as one character.

A grapheme cluster (UAX #29) is kept whole: combining marks, emoji with modifiers and joiners, flags, Hangul
syllables and Indic conjuncts. Where a script has more rules than these, the cut comes earlier, never inside.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from itertools import takewhile

ELLIPSIS = "…"
_JOINER = "\u200d"
_MODIFIERS = range(0x1F3FB, 0x1F400)  # skin tones
_TAGS = range(0xE0020, 0xE0080)  # flags of regions
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
_HANGUL_MEDIALS_FINALS = range(0x1160, 0x1200)
_VIRAMAS = frozenset("\u094d\u09cd\u0acd\u0b4d\u0c4d\u0d4d\u1039\u17d2")
_REACH = 32  # characters that one grapheme may have before we stop believing in it


def breaks_at(text: str, index: int) -> bool:
    """Whether `text` may be cut before `index` (0 < index < len) without splitting a grapheme."""
    before, after = text[index - 1], text[index]
    if before == "\r" and after == "\n":
        return False
    if before == _JOINER or before in _VIRAMAS or _continues(after):
        return False
    if ord(after) in _FLAG_LETTERS:  # flags are pairs: an odd number of letters before means one is open
        return sum(1 for _ in takewhile(lambda c: ord(c) in _FLAG_LETTERS, reversed(text[:index]))) % 2 == 0
    return True


def _continues(character: str) -> bool:
    point = ord(character)
    return (
        character == _JOINER
        or unicodedata.category(character) in {"Mn", "Me", "Mc"}
        or point in _MODIFIERS
        or point in _TAGS
        or point in _HANGUL_MEDIALS_FINALS
    )


def shorten(text: str, budget: int, size: Callable[[str], int]) -> str:
    """The longest beginning of `text`, with an ellipsis if anything is missing, whose `size` is at most `budget`.

    Cut between words where one ends in the last fifth, else between graphemes; empty if not even that fits.
    `size` (bytes as they will be written) must grow with its argument.
    """
    if size(text) <= budget:
        return text
    low, high = 0, len(text)
    while low < high:  # the most characters that fit with an ellipsis
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(text[:middle] + ELLIPSIS) <= budget else (low, middle - 1)
    cut = _whole_graphemes(text, low)
    kept = _whole_words(text, cut)
    return f"{kept}{ELLIPSIS}" if kept else ""


def _whole_graphemes(text: str, cut: int) -> int:
    floor = max(0, cut - _REACH)
    while cut > floor and not breaks_at(text, cut):
        cut -= 1
    return cut


def _whole_words(text: str, cut: int) -> str:
    space = max(text.rfind(" ", 0, cut + 1), text.rfind("\n", 0, cut + 1))
    return text[: space if space >= cut * 4 // 5 else cut].rstrip()
