"""Why so many are told: above a programme's limit an approval needs a reason in writing, which the log keeps. Pure.

The log cannot forget, so a reason that names somebody of the case is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from alerts.errors import Refused
from alerts.model import Alert, Problem
from alerts.programme import Programme
from alerts.record import Person

SHORTEST, LONGEST = 10, 500
_PART = re.compile(r"(?:([a-z0-9-]+)=)?([0-9]+)")
_WORD = re.compile(r"\w{3,}")


def limits(setting: str) -> dict[str, int]:
    """`500000,nl-amber=200000`: by programme, "" for all others. ValueError."""
    found = {}
    for part in filter(None, (one.strip() for one in setting.split(","))):
        read = _PART.fullmatch(part)
        if read is None:
            raise ValueError("a number for all programmes, then programme=number, by commas")
        found[read[1] or ""] = int(read[2])
    return found


def limit_of(setting: str, programme: str) -> int | None:
    """How many may be reached without a reason; None: any number."""
    by = limits(setting)
    return by.get(programme, by.get(""))


def check(setting: str, programme: Programme, reach: int, reason: str | None, alert: Alert) -> None:
    """Refused where a reason is needed and missing, or where one names somebody."""
    limit = limit_of(setting, programme.id)
    if reason is None and (limit is None or reach <= limit):
        return
    faults = list(_faults(reason or "", limit, alert))
    if faults:
        raise Refused(faults)


def _faults(reason: str, limit: int | None, alert: Alert) -> Iterator[Problem]:
    if not SHORTEST <= len(reason.strip()) <= LONGEST:
        above = f"more than {limit} people are reached: " if limit is not None else ""
        said = f"{above}say why in {SHORTEST} to {LONGEST} characters"
        yield Problem.error("reason.missing", "/reason", said)
    elif names(alert) & {word.casefold() for word in _WORD.findall(reason)}:
        said = "name nobody of the case, no plate and no number: the reason is kept for good"
        yield Problem.error("reason.names", "/reason", said)


def names(alert: Alert) -> set[str]:
    """The words of a case that must not outlive it; of a message without a record, whatever its headlines write large."""
    record = alert.record
    if record is None:
        said = " ".join(info.headline or "" for info in alert.infos)
        return {word.casefold() for word in _WORD.findall(said) if word[:1].isupper() and not word.isupper()}
    people: list[Person] = [*record.children, *record.suspects]
    held = [person.name or "" for person in people] + [vehicle.plate or "" for vehicle in record.vehicles]
    held += [str(person.birth_date or "") for person in people] + [record.case_number, record.contact.telephone]
    return {word.casefold() for text in held for word in _WORD.findall(text)}
