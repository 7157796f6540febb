"""One line of `POST /v1/locations`: a JSON object that says where a person is, by the partner's own id. Pure.

All that is wrong with a line is named at once; nothing of its content is repeated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from alerts.model import Problem
from alerts.strict_json import NotJson, loads
from geo import kinds

MAX_BYTES = 8 * 1024 * 1024  # a body
MAX_LINES = 100_000
MAX_LINE_BYTES = 1_024
MAX_PERSON = 255
MAX_RADIUS_M = 50_000.0
AHEAD = timedelta(minutes=1)  # what a partner's clock may be fast by
DEFAULT_KIND = "device"

MEMBERS = frozenset({"person", "lon", "lat", "radius_m", "kind", "number", "at"})

_NUMBERS = {kind: kinds.numbers_of(kind) for kind in kinds.POLICY}
_NUMBER = (float, int)  # by type(): true is no number
_MOST_UNKNOWN = 8  # members that are named in one line


class Told(NamedTuple):
    """Where a person is, as a line tells it; `at` None: now."""

    line: int
    person: str
    lon: float
    lat: float
    radius_m: float
    kind: str
    number: int
    at: datetime | None


class Fault(NamedTuple):
    """What is wrong with a line (counted from 1): `problem.path` is a JSON pointer into its object."""

    line: int
    problem: Problem


def read(lines: Sequence[bytes], first: int, now: datetime) -> tuple[list[Told], list[Fault]]:
    """The lines from the number `first` on: those that can be taken, and every fault of the others. Empty ones are none."""
    told: list[Told] = []
    faults: list[Fault] = []
    for number, raw in enumerate(lines, first):
        if not raw.strip():
            continue
        found = _read(number, raw, now)
        if isinstance(found, Told):
            told.append(found)
        else:
            faults.extend(Fault(number, problem) for problem in found)
    return told, faults


def _read(line: int, raw: bytes, now: datetime) -> Told | list[Problem]:
    if len(raw) > MAX_LINE_BYTES:
        return [Problem.error("line.long", "", f"a line may have at most {MAX_LINE_BYTES} bytes")]
    try:
        value = loads(raw)
    except NotJson as error:
        return [Problem.error(error.type, "", str(error))]
    if not isinstance(value, dict):
        return [Problem.error("line.type", "", "a line must be one JSON object")]
    get = value.get
    kind, number, radius_m, at = get("kind", DEFAULT_KIND), get("number", 0), get("radius_m", 0.0), _time(get("at"))
    faults = _faults(value, kind, number, radius_m, at, now)
    if faults:
        return faults
    when = at if isinstance(at, datetime) else None
    return Told(line, value["person"], float(value["lon"]), float(value["lat"]), float(radius_m), kind, number, when)


def _faults(value: Mapping[str, Any], kind: Any, number: Any, radius_m: Any, at: Any, now: datetime) -> list[Problem]:
    """All that is wrong; `at` as `_time` reads it."""
    faults: list[Problem] = []
    if not value.keys() <= MEMBERS:
        faults += [
            Problem.error("line.unknown", pointer(name), "this member is not known here: is it misspelt?")
            for name in sorted(value.keys() - MEMBERS)[:_MOST_UNKNOWN]
        ]
    if not _is_person(value.get("person")):
        faults.append(Problem.error("person.form", "/person", f"person must be text of 1 to {MAX_PERSON} characters"))
    measures: tuple[tuple[str, Any, float, float], ...] = (
        ("lon", value.get("lon"), -180.0, 180.0),
        ("lat", value.get("lat"), -90.0, 90.0),
        ("radius_m", radius_m, 0.0, MAX_RADIUS_M),
    )
    for name, found, least, most in measures:
        if type(found) not in _NUMBER or not least <= found <= most:
            faults.append(
                Problem.error(f"{name}.range", f"/{name}", f"{name} must be a number from {least:g} to {most:g}")
            )
    if not isinstance(kind, str) or kind not in _NUMBERS:
        faults.append(Problem.error("kind.value", "/kind", f"kind must be one of {', '.join(_NUMBERS)}"))
        return faults
    if type(number) is not int or number not in _NUMBERS[kind]:
        faults.append(Problem.error("number.range", "/number", f"number must be {kinds.said_numbers(kind)} for {kind}"))
    if at is not None:
        faults += _time_faults(kind, at, now)
    return faults


def _is_person(found: Any) -> bool:
    """Text that can be written as UTF-8: JSON can spell lone surrogates, which are no characters."""
    if type(found) is not str or not 0 < len(found) <= MAX_PERSON:
        return False
    return found.isascii() or not any("\ud800" <= character <= "\udfff" for character in found)


def _time(found: Any) -> datetime | str | None:
    """The time; None where there is none; a word for the fault of what is no time."""
    if found is None:
        return None
    if not isinstance(found, str):
        return "form"
    try:
        at = datetime.fromisoformat(found)
        return at.astimezone(UTC) if at.tzinfo else "offset"
    except (ValueError, OverflowError):  # the first and the last day of the calendar have no UTC in some zones
        return "form"


def _time_faults(kind: str, at: datetime | str, now: datetime) -> list[Problem]:
    if isinstance(at, str):
        said = "at must have an offset, such as Z" if at == "offset" else "at must be a time as RFC 3339 writes it"
        return [Problem.error(f"at.{at}", "/at", said)]
    if at > now + AHEAD:
        return [Problem.error("at.future", "/at", "at lies in the future")]
    until = kinds.expires_at(kind, at)
    if until is not None and until <= now:
        return [
            Problem.error("at.over", "/at", f"at lies so long ago that a place of kind {kind} does not count any more")
        ]
    return []


def pointer(name: str) -> str:
    """JSON pointer (RFC 6901) of a member, shortened."""
    return "/" + name[:60].replace("~", "~0").replace("/", "~1")
