"""After the end: what came of an alert, as classes; and the public report made of them, small numbers left out. Pure."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel.numbers import format_decimal

from notifiers.attention import FEW
from notifiers.catalogues import ENGLISH, catalogue


def classes(kind: str, names: Sequence[str], language: str = ENGLISH) -> dict[str, str]:
    """The classes of a review (kind: outcome, part) in words."""
    said = catalogue(language).said
    return {name: said[f"{kind}_{name}"] for name in names}


OUTCOMES: Mapping[str, str] = classes(
    "outcome", ("found_safe", "found_hurt", "found_dead", "not_found", "no_case", "unknown")
)
PARTS: Mapping[str, str] = classes("part", ("led", "helped", "none", "unknown"))
SHARES = (50, 90, 99)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One alert of the report: its classes, and the facts as they stood (`alerts.history.facts`)."""

    outcome: str
    part: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """What may be told of a year. `lines` are (words, number in words); nothing but `total` below FEW alerts."""

    year: int
    total: str
    outcomes: tuple[tuple[str, str], ...] = ()
    parts: tuple[tuple[str, str], ...] = ()
    figures: tuple[tuple[str, str], ...] = ()


def told(count: int, language: str = ENGLISH) -> str:
    """A count as the public gets it: in tens, rounded down, none below FEW; from those, no small number follows."""
    if count >= FEW:
        return f"{_number(count // FEW * FEW, language)}+"
    return _words("few" if count else "no", language)


def report(year: int, reviewed: Sequence[Reviewed], language: str = ENGLISH) -> Report:
    """The year's report. A class in which nobody is says so only where that tells nothing of another."""
    if len(reviewed) < FEW:
        return Report(year, _words("few", language))
    return Report(
        year,
        told(len(reviewed), language),
        _classes(classes("outcome", list(OUTCOMES), language), Counter(one.outcome for one in reviewed), language),
        _classes(classes("part", list(PARTS), language), Counter(one.part for one in reviewed), language),
        tuple(_figures(reviewed, language)),
    )


def _classes(words: Mapping[str, str], counts: Counter[str], language: str) -> tuple[tuple[str, str], ...]:
    """None and few look the same: that a class is empty may say where the one child is."""
    hidden = _words("no_or_few", language)
    return tuple((text, told(counts[key], language) if counts[key] >= FEW else hidden) for key, text in words.items())


def _figures(reviewed: Sequence[Reviewed], language: str) -> list[tuple[str, str]]:
    """Middle values over all alerts: of how many were told, and how soon."""
    said, people = catalogue(language).said, _middle([one.facts.get("sent") for one in reviewed])
    found = [(said["report_people"], told(people, language))]
    for share in SHARES:
        times = [one.facts.get(f"p{share}_s") for one in reviewed]
        if any(time is not None for time in times):
            found.append((said["report_seconds"].format(share=share), _number(_middle(times), language)))
    return found


def _words(name: str, language: str) -> str:
    return catalogue(language).said[f"report_{name}"].format(n=FEW)


def _number(value: int, language: str) -> str:
    return format_decimal(value, locale=language)


def _middle(values: Sequence[float | None]) -> int:
    known = [value for value in values if value is not None]
    return round(statistics.median(known)) if known else 0
