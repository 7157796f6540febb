"""What all channels say alike: the text in a person's language, and the mark on everything that is not real."""

from __future__ import annotations

from dataclasses import replace

from notifiers.catalogues import ALL, catalogue, nearest
from notifiers.model import Notice, Text


def language_for(notice: Notice, language: str) -> str:
    """The notice's own tag nearest to `language`: of BCP 47 tags in the order of preference with blanks between, the
    first that is there itself or by its primary subtag; else the notice's default.
    """
    return next(filter(None, (_nearest(notice, one) for one in language.split())), next(iter(notice.texts)))


def text_for(notice: Notice, language: str) -> tuple[str, Text]:
    """(language tag, text) for a person who reads `language`; what stands alone says first that it is not Actual.

    Line breaks and other controls in the headline become blanks: it is one line everywhere, and no header's end.
    """
    tag = language_for(notice, language)
    text = notice.texts[tag]
    mark = mark_for(notice, tag)
    short = {name: _marked(said, mark) for name in _STANDING_ALONE if (said := one_line(getattr(text, name)))}
    return tag, replace(text, headline=_marked(one_line(text.headline), mark), **short)


def _nearest(notice: Notice, wanted: str) -> str | None:
    """The tag of its texts that says `wanted`, if any does."""
    if wanted in notice.texts:
        return wanted
    return next((tag for tag in notice.texts if _primary(tag) == _primary(wanted)), None)


_STANDING_ALONE = ("push_title", "wireless_90", "wireless_360")


def _marked(text: str, mark: str) -> str:
    return f"{mark}: {text}" if mark and not text.upper().startswith(mark) else text


def mark_for(notice: Notice, language: str) -> str:
    """The word before everything that is not Actual; empty for what is."""
    if not notice.tests_only:
        return ""
    words = catalogue(nearest(language, ALL)).said  # on or off: this one word must be understood
    return words.get(f"mark_{notice.status.lower()}", notice.status.upper())


def one_line(text: str) -> str:
    """`text` on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _primary(language: str) -> str:
    return language.partition("-")[0].lower()
