"""The fixed words that alert texts are written with, by language, out of the catalogues (`notifiers.catalogues`).

Whether a language that nobody has reviewed may be written in is asked when a record is taken in (`alerts.unreviewed`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, reduce

from notifiers.catalogues import ALL, catalogue, nearest

Words = Mapping[str, str]

RIGHT_TO_LEFT = frozenset({"ar"})
_PART = "text_"  # of the keys of these words among all


def words(language: str) -> Words:
    """The words of a BCP 47 language by its first part: es-US reads Spanish; what is not here reads English."""
    return _words(nearest(language, ALL))


def years_old(completed: int, language: str) -> str:
    """An age in completed years: 7 years old."""
    return catalogue(nearest(language, ALL)).counted("text_age_n", completed)


def listed(parts: Iterable[str], pattern: str) -> str:
    """Parts on one line, with the commas of `pattern` (the word "listed" of a language)."""
    return reduce(lambda one, other: pattern.format(one=one, other=other) if one else other, parts, "")


@cache
def _words(language: str) -> Words:
    said = catalogue(language).said
    return {key.removeprefix(_PART): sentence for key, sentence in said.items() if key.startswith(_PART)}
