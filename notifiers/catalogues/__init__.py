"""The fixed words of pages and messages for people, as gettext catalogues: `words.pot` in English, a `.po` a language.

A message is found by its key (msgctxt); its id is the English sentence, so that a translation of an older sentence is
not shown: like one that is missing or marked fuzzy, it is said in English. Placeholders stand in braces. Who reads a
language as their own and has read a catalogue signs it in its head: `# Reviewed by: NAME, DATE`. docs/languages.md says
how to add a word or a language.
"""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ENGLISH = "en"
NAMES: Mapping[str, str] = {  # each in itself, in the order of menus
    "en": "English",
    "es": "Español",
    "fr": "Français",
    "pt": "Português",
    "de": "Deutsch",
    "nl": "Nederlands",
    "ar": "العربية",
    "hi": "हिन्दी",
}
Spoken = frozenset[str]  # the languages whose catalogues are on
ALL: Spoken = frozenset(NAMES)
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
HERE = Path(__file__).parent
_REVIEWED = re.compile(r"^\s*Reviewed by: *(\S.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One language's words: `said` by key (of a counted sentence its form for many), whole: what it lacks is English.

    `reviewed_by` is empty where no native reader has signed it; English is its authors' own.
    """

    language: str
    reviewed_by: str
    said: Mapping[str, str] = field(repr=False)
    _translations: gettext.NullTranslations = field(repr=False)

    def counted(self, key: str, n: int) -> str:
        """The sentence in the form that `n` takes here, with the number in it."""
        one, many = source()[key]
        return self._translations.npgettext(key, one, many, n).format(n=n)


def nearest(language: str, spoken: Spoken) -> str:
    """Which catalogue speaks to a reader of `language` (BCP 47, or several in order with blanks between): that of the
    first base language that is on, else English.
    """
    bases = (one.partition("-")[0].lower() for one in language.split())
    return next((base for base in bases if base in spoken), ENGLISH)


def direction(language: str) -> str:
    """How a text in this language is written: ltr, rtl."""
    return "rtl" if language.partition("-")[0].lower() in RIGHT_TO_LEFT else "ltr"


def reviewed(language: str) -> bool:
    """Whether somebody whose language it is has read this catalogue."""
    return language == ENGLISH or bool(catalogue(language).reviewed_by)


@cache
def source() -> Mapping[str, tuple[str, str]]:
    """Every key with its English sentence, for one and for many."""
    return {str(one.context): _both(one.id) for one in _messages(_read(HERE / "words.pot", None))}


@cache
def catalogue(language: str) -> Catalogue:
    """The words of one of NAMES. KeyError for another."""
    NAMES[language]
    if language == ENGLISH:
        found, translations = "", gettext.NullTranslations()
    else:
        read = _read(HERE / f"{language}.po", language)
        found, translations = _reviewer(read.header_comment), _compiled(read)
    said = {key: _said(translations, key, *forms) for key, forms in source().items()}
    if found or language == ENGLISH:
        said["unreviewed"] = ""  # the sentence that a page shows beside words that nobody vouches for
    return Catalogue(language, found, said, translations)


def _reviewer(comment: str) -> str:
    signed = _REVIEWED.search(comment.replace("#", ""))
    return signed[1].strip() if signed and not signed[1].startswith("nobody") else ""


def _said(translations: gettext.NullTranslations, key: str, one: str, many: str) -> str:
    return translations.pgettext(key, one) if one == many else translations.npgettext(key, one, many, 1000)


def _both(sentence: str | tuple[str, ...] | list[str]) -> tuple[str, str]:
    return (sentence, sentence) if isinstance(sentence, str) else (sentence[0], sentence[1])


def _messages(read: Catalog) -> Iterator[Message]:
    return (one for one in read if one.id)


def _read(path: Path, locale: str | None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=locale, abort_invalid=True)


def _compiled(read: Catalog) -> gettext.GNUTranslations:
    packed = io.BytesIO()
    write_mo(packed, read)
    return gettext.GNUTranslations(io.BytesIO(packed.getvalue()))
