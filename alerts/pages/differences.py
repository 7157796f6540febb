"""What changed from one message to the next, field by field and word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from alerts.pages.render import number
from alerts.pages.words import direction, moment, name_of
from alerts.reports import Described, Plated, PublicAlert
from alerts.versions import Version

_MOST_WORDS = 3_000  # of both texts: comparing takes time with their product
SAME, OLD, NEW = "same", "old", "new"


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that stay, that went (`old`) or that came (`new`)."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field that changed. `language`: of its words; None: ours."""

    label: str
    pieces: tuple[Piece, ...]
    language: str | None = None
    direction: str = "ltr"


def compare(before: Version, after: Version) -> list[Field]:
    """The fields that differ, in the order in which people read them; nothing where either is no longer kept."""
    if before.said is None or after.said is None:
        return []
    old, new = dict(_fields(before, before.said)), dict(_fields(after, after.said))
    keys = list(dict.fromkeys((*new, *old)))
    return [_field(*key, old.get(key, ""), new.get(key, "")) for key in keys if old.get(key, "") != new.get(key, "")]


def by_word(old: str, new: str) -> tuple[Piece, ...]:
    """What of a text went and came, in whole words; a text too long to compare is replaced whole."""
    before, after = re.findall(r"\s*\S+", old), re.findall(r"\s*\S+", new)
    if len(before) + len(after) > _MOST_WORDS:
        return tuple(_some((OLD, old), (NEW, new)))
    found: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        was, now = "".join(before[a:b]), "".join(after[c:d])
        found += _some((SAME, now)) if tag == "equal" else _some((OLD, was), (NEW, now))
    return tuple(found)


def _some(*said: tuple[str, str]) -> Iterator[Piece]:
    return (Piece(kind, words) for kind, words in said if words.strip())


def _field(label: str, language: str | None, old: str, new: str) -> Field:
    return Field(label, by_word(old, new), language, direction(language) if language else "ltr")


def _fields(version: Version, said: PublicAlert) -> Iterator[tuple[tuple[str, str | None], str]]:
    """((label, language of the words), words)"""
    for tag, text in said.texts.items():
        of = f" ({name_of(tag)})"
        yield ("Headline" + of, tag), text.headline
        yield ("Text" + of, tag), text.body
        yield ("What to do" + of, tag), text.instruction
        yield ("Area in words" + of, tag), text.area_name
    for place, child in enumerate(said.children, 1):
        yield (_numbered("Child", place, len(said.children)), None), _described(child, "name not released")
    for place, one in enumerate(said.suspects, 1):
        yield (_numbered("Suspect", place, len(said.suspects)), None), _described(one, "not named")
    for place, car in enumerate(said.vehicles, 1):
        yield (_numbered("Vehicle", place, len(said.vehicles)), None), _vehicle(car)
    yield ("What happened", None), "\n".join(said.circumstances)
    yield ("Call", None), " ".join(part for part in (said.contact_name, said.contact_telephone) if part)
    yield ("Photos", None), ", ".join(f"photo {one}" for one in version.photo_ids)
    yield ("Expires", None), moment(said.expires_at)


def _numbered(word: str, place: int, of: int) -> str:
    return word if of == 1 else f"{word} {number(place)}"


def _described(one: Described, nameless: str) -> str:
    return "\n".join((", ".join(part for part in (one.name or nameless, one.age) if part), *one.lines))


def _vehicle(car: Plated) -> str:
    return "\n".join(part for part in (car.description, f"{car.plate or ''} {car.plate_state or ''}".strip()) if part)
