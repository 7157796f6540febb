"""What an officer wrote, in words that people can read: abbreviations written out or refused, filler refused. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from alerts.abbreviations import FILLERS, MEANS, MEANS_IN_CAPITALS, UNREADABLE
from alerts.bounded import Line, Story

_ALL = sorted({*MEANS, *(word.lower() for word in (*MEANS_IN_CAPITALS, *UNREADABLE))}, key=len, reverse=True)
_WORD = re.compile(r"(?<!\w)(" + "|".join(map(re.escape, _ALL)) + r")(?!\w)", re.IGNORECASE)
_PLATE = re.compile(r"(?<!\w)LIC[/#:]+ ?")  # a field code and its value: LIC/ABC123
_WITH = re.compile(r"(?<!\w)w/ ?(?![mfb](?!\w))", re.IGNORECASE)
_YEARS = re.compile(r"\b([0-9]{1,2}) ?(?:yo|y\.o\.)(?!\w)", re.IGNORECASE)  # alone, "yo" is a Spanish word


def spelled(text: str) -> str:
    """`text` with every abbreviation whose meaning is certain written out."""
    for form, meaning in ((_PLATE, "license plate "), (_WITH, "with "), (_YEARS, r"\1 years old")):
        text = form.sub(meaning, text)
    return _WORD.sub(lambda match: _meaning(match[1]) or match[1], text).strip()


def unreadable(text: str) -> tuple[str, ...]:
    """The abbreviations in `text` that people cannot read, each once, in order."""
    found = (match[1] for match in _WORD.finditer(text))
    return tuple(dict.fromkeys(word for word in found if word in UNREADABLE))


def shortened(text: str) -> tuple[str, ...]:
    """Every abbreviation in `text`, readable once written out or not."""
    found = [match[1] for match in _WORD.finditer(text) if _meaning(match[1]) or match[1] in UNREADABLE]
    forms = [match[0].strip() for form in (_PLATE, _WITH, _YEARS) for match in form.finditer(text)]
    return tuple(dict.fromkeys([*found, *(one for one in forms if one.rstrip("/#:") not in found)]))


def is_filler(text: str) -> bool:
    """Whether it only says that nothing is known."""
    return text.strip(" .").lower() in FILLERS


def _check(text: str) -> str:
    """For a member of the record: written out; filler and what cannot be read are refused, every word named."""
    if is_filler(text):
        raise PydanticCustomError("filler", "says nothing: leave out what is not known")
    if words := unreadable(text):
        raise _refusal(words)
    return spelled(text)


def _check_edited(text: str) -> str:
    """For words an officer writes for people, in any language: nothing is changed in them, so nothing short passes."""
    if words := shortened(text):
        raise _refusal(words)
    return text


def _refusal(words: tuple[str, ...]) -> PydanticCustomError:
    known = ", ".join(f"{word} ({_meaning(word)})" if _meaning(word) else word for word in words)
    return PydanticCustomError("abbreviation", "people cannot read {words}: write it in words", {"words": known})


def _meaning(word: str) -> str | None:
    if word.lower() == "w/":
        return "with"
    return MEANS.get(word.lower()) or MEANS_IN_CAPITALS.get(word.rstrip("/#:"))


def rewritten(given: Any, kept: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    """(JSON pointer, as given, as kept) for every text of a document that was written out."""
    if isinstance(given, dict) and isinstance(kept, dict):
        for name, value in given.items():
            yield from rewritten(value, kept.get(name), f"{path}/{name}")
    elif isinstance(given, list) and isinstance(kept, list):
        for n, (before, after) in enumerate(zip(given, kept, strict=False)):
            yield from rewritten(before, after, f"{path}/{n}")
    elif isinstance(given, str) and isinstance(kept, str) and spelled(given.strip()) == kept != given.strip():
        yield path, given.strip(), kept


def _check_name(text: str) -> str:
    """A name is never rewritten; one that is not known is left out."""
    if is_filler(text):
        raise PydanticCustomError("filler", "says nothing: leave out what is not known")
    return text


def _check_region(text: str) -> str:
    """CA is California to some and Canada to others."""
    if re.fullmatch(r"[A-Z]{2,3}", text):
        raise PydanticCustomError("abbreviation", "must be in words, such as California")
    return _check(text)


Name = Annotated[Line, AfterValidator(_check_name)]
Region = Annotated[Line, AfterValidator(_check_region)]
PlainLine = Annotated[Line, AfterValidator(_check)]
PlainStory = Annotated[Story, AfterValidator(_check)]
PLAIN_AS_WRITTEN = AfterValidator(_check_edited)
