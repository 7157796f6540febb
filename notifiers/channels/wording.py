"""What all channels say alike: the text in a person's language, and the mark on everything that is not real."""

from __future__ import annotations

from dataclasses import replace

from notifiers.model import Notice, Text

_MARKS = {
    "en": {"Exercise": "EXERCISE", "Test": "TEST", "System": "SYSTEM TEST"},
    "es": {"Exercise": "SIMULACRO", "Test": "PRUEBA", "System": "PRUEBA DEL SISTEMA"},
}


def language_for(notice: Notice, language: str) -> str:
    """The notice's own tag nearest to the BCP 47 `language`: the same, the same primary subtag, else the default."""
    if language in notice.texts:
        return language
    wanted = _primary(language)
    return next((tag for tag in notice.texts if _primary(tag) == wanted), next(iter(notice.texts)))


def text_for(notice: Notice, language: str) -> tuple[str, Text]:
    """(language tag, text) for a person who reads `language`; a headline of what is not Actual says so first.

    Line breaks and other controls in the headline become blanks: it is one line everywhere, and no header's end.
    """
    tag = language_for(notice, language)
    text = notice.texts[tag]
    headline = one_line(text.headline)
    mark = mark_for(notice, tag)
    if mark and not headline.upper().startswith(mark):
        headline = f"{mark}: {headline}"
    return tag, replace(text, headline=headline)


def mark_for(notice: Notice, language: str) -> str:
    """The word before everything that is not Actual; empty for what is."""
    if not notice.tests_only:
        return ""
    words = _MARKS.get(_primary(language), _MARKS["en"])
    return words.get(notice.status, notice.status.upper())


def one_line(text: str) -> str:
    """`text` on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _primary(language: str) -> str:
    return language.partition("-")[0].lower()
