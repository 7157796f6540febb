"""What a phone will show of an alert, by language: pure, from its texts to the frames that `phones.html` draws.

A notification that nobody opened is cut where phones cut it: one line of each on Android, one of the title and four of
the text on a locked iPhone; how many letters that is depends on the screen, so the page cuts lines and counts nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from alerts import texts
from alerts.pages import record_entry
from alerts.pages.words import base, name_of
from alerts.record import Record
from alerts.vocabulary import RIGHT_TO_LEFT
from alerts.wireless import LONG, PUSH_BODY, PUSH_TITLE, SHORT, septets
from notifiers.model import Text

SOMEWHERE = {"same": ["000000"]}  # stands in for an area while none is entered: the short texts do not name it


@dataclass(frozen=True, slots=True)
class Piece:
    """One text: what it is, what it says, and how much of its room it takes."""

    kind: str  # wireless, push
    label: str
    title: str
    body: str
    used: int
    most: int


@dataclass(frozen=True, slots=True)
class Screen:
    """One phone: a language, the direction it is read in, and its texts. `unwired`: it has no wireless text."""

    language: str
    name: str
    direction: str
    pieces: tuple[Piece, ...]
    unwired: bool


def screens(said: Mapping[str, Text]) -> list[Screen]:
    """One for each language that has any short text: an import may have none."""
    found = [_screen(language, text) for language, text in said.items()]
    return [screen for screen in found if screen.pieces]


def of_form(values: Mapping[str, str]) -> list[Screen]:
    """Of a form that is filled far enough to say something; none before."""
    entry = record_entry.read(values).record
    try:
        record = Record.model_validate(entry | {"area": SOMEWHERE, "photos": []})
    except ValidationError:
        return []
    return screens({tag: texts.from_record(record, tag) for tag in _languages(record)})


def _languages(record: Record) -> Iterable[str]:
    return dict.fromkeys((*record.languages, *record.texts)) or ("en",)


def _screen(language: str, text: Text) -> Screen:
    wireless = [
        Piece("wireless", label, "", said, septets(said), most)
        for label, said, most in (
            ("Wireless alert", text.wireless_360, LONG),
            ("On older phones", text.wireless_90, SHORT),
        )
        if said
    ]
    push = [Piece("push", "Notification, opened", text.push_title, text.push_body, len(text.push_body), PUSH_BODY)]
    pieces = (*wireless, *(push if text.push_title else ()))
    direction = "rtl" if base(language) in RIGHT_TO_LEFT else "ltr"
    return Screen(language, name_of(language), direction, pieces, not wireless)


__all__ = ["PUSH_TITLE", "Piece", "Screen", "of_form", "screens"]
