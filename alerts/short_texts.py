"""The short texts of a record by language: wireless at 90 and 360 characters, push title and body. Pure.

Each is put together from whole parts. What matters most is put in first (that a child is missing, the plate, whom to
call), and what does not fit is left out whole, never cut. What is not known is no part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from alerts.describing import age, labelled, sentences, sex, vehicle_line
from alerts.record import Record
from alerts.record_texts import marked
from alerts.vocabulary import Words, words
from alerts.wireless import LONG, PUSH_BODY, PUSH_TITLE, SHORT, fitted, septets, to_gsm7

Steps = list[tuple[int, str]]
KIND, VEHICLE, SUSPECT, LOOKS, SEEN, WAY, AWAY, CALL = range(8)  # the order in which they are read


@dataclass(frozen=True, slots=True)
class Short:
    """Empty where a medium cannot say it: a wireless text in a script that its alphabet lacks."""

    wireless_90: str
    wireless_360: str
    push_title: str
    push_body: str


def short_texts(record: Record, language: str) -> Short:
    """The generated ones, with the mark of a drill before what stands alone."""
    steps = list(_steps(record, language))
    title = [(slot, text.rstrip(".")) for slot, text in steps if slot == KIND]
    body = [(slot, text) for slot, text in steps if slot != KIND]
    return Short(
        wireless_90=_wireless(steps, SHORT, language, record.status),
        wireless_360=_wireless(steps, LONG, language, record.status),
        push_title=marked(
            fitted(title, PUSH_TITLE - _mark_length(language, record.status), len), language, record.status
        ),
        push_body=fitted(body, PUSH_BODY, len),
    )


def _wireless(steps: Steps, most: int, language: str, status: str) -> str:
    """In the network's alphabet; a part that it cannot write is left out, and without the first there is no text."""
    written = [(slot, to_gsm7(text)) for slot, text in steps]
    if not written or written[0][1] is None:
        return ""
    said = fitted([(slot, text) for slot, text in written if text], most - _mark_length(language, status), septets)
    return to_gsm7(marked(said, language, status)) or ""


def _mark_length(language: str, status: str) -> int:
    return len(marked("", language, status))


def _steps(record: Record, language: str) -> Iterator[tuple[int, str]]:
    """Parts by importance: (their place when read, their words). A later one with the same place says more."""
    said = words(language)
    kind = said["missing"] if len(record.children) == 1 else said["missing_many"]
    call = said["call_short"].format(telephone=record.contact.telephone)
    yield KIND, sentences([kind])
    yield from ((VEHICLE, line) for line in _plates(record, said))
    yield CALL, sentences([call])
    yield from ((KIND, line) for line in _children(record, language, kind))
    yield from ((VEHICLE, line) for line in _vehicles(record, language))
    yield SEEN, sentences([labelled(said, "last_seen", record.abduction.place)])
    yield from ((SUSPECT, line) for line in _suspects(record, language))
    yield AWAY, sentences([said["keep_away"]]) if record.suspects else ""
    yield from ((LOOKS, line) for line in _looks(record, said))
    if record.abduction.direction_of_travel:
        yield WAY, sentences([labelled(said, "travel", record.abduction.direction_of_travel)])


def _plates(record: Record, said: Words) -> Iterator[str]:
    plates = [vehicle.plate for vehicle in record.vehicles if vehicle.plate]
    for many in range(1, len(plates) + 1):
        yield sentences([f"{said['plate'].capitalize()} {', '.join(plates[:many])}"])


def _children(record: Record, language: str, kind: str) -> Iterator[str]:
    """Names, then ages with them; a child without a name by sex and age."""
    on, said = record.abduction.at.date(), words(language)
    names = [child.name for child in record.children if child.name]
    if names:
        yield sentences([said["labelled"].format(label=kind, value="; ".join(names))])
    whole = [
        ", ".join(part for part in (child.name or sex(child, on, language), age(child, on, language)) if part)
        for child in record.children
    ]
    if all(whole):
        yield sentences([said["labelled"].format(label=kind, value="; ".join(whole))])


def _vehicles(record: Record, language: str) -> Iterator[str]:
    """Make and colour with the plate, then all that is known; of several, one after the other."""
    bare = [
        one.model_copy(update={"year": None, "body": None, "marks": None, "plate_region": None})
        for one in record.vehicles
    ]
    for form in (bare, record.vehicles):
        lines = [line[:1].upper() + line[1:] for one in form if (line := vehicle_line(one, language=language))]
        yield from (sentences(lines[:many]) for many in range(1, len(lines) + 1))


def _suspects(record: Record, language: str) -> Iterator[str]:
    on, said = record.abduction.at.date(), words(language)
    named = [one.name for one in record.suspects if one.name]
    if named:
        yield sentences([labelled(said, "suspect", "; ".join(named))])
    known = [[one.name, sex(one, on, language), age(one, on, language), one.hair] for one in record.suspects]
    lines = [", ".join(filter(None, parts)) for parts in known]
    if any(lines):
        yield sentences([labelled(said, "suspect", "; ".join(filter(None, lines)))])


def _looks(record: Record, said: Words) -> Iterator[str]:
    """What the child wore and looks like, where there is one child: of several nobody could tell whose it is."""
    if len(record.children) == 1:
        child = record.children[0]
        found = [labelled(said, name, value) for name in ("clothing", "hair") if (value := getattr(child, name))]
        yield from (sentences(found[:many]) for many in range(1, len(found) + 1))
