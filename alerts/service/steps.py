"""What one person may do alone with an alert in force, each step prepared: nothing is left to be written in a hurry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from alerts import cap_withdrawals, compose
from alerts.agencies import Officer
from alerts.errors import Refused
from alerts.growth import Whole
from alerts.notice import OVER_LANGUAGES
from alerts.record import Record
from alerts.record_area import AreaParts
from alerts.service.chain import open_case
from alerts.service.reducing import Less, faults, worked_out
from alerts.service.sealed import unseal
from alerts.services import Services
from alerts.texts import over_texts, texts
from notifiers.model import Text
from notifiers.transactions import reading

SHORTER = (timedelta(hours=1), timedelta(hours=3))  # from now: what is offered as an earlier end
MOST_PARTS = 8  # counties of which each is offered alone
OFFERED = ("name", "clothing", "marks", "medical_needs", "race_or_ethnicity", "birth_date")  # of a person


@dataclass(frozen=True, slots=True)
class Step:
    """One request, ready: what it does, in a word and in words, its path and body, and what people then read."""

    action: str
    says: str
    path: str
    body: Mapping[str, Any] | None = None
    texts: Mapping[str, Text] = field(default_factory=dict)


def prepared(services: Services, officer: Officer, alert_id: str) -> list[Step]:
    """All steps; of an alert that is not in force only its cancel, of one that is over none. NotFound."""
    with reading(services.engine) as connection:
        case, _ = open_case(connection, officer, alert_id)
        if case.row.ended_at is not None:
            return []
        in_force = case.incident.in_force
        opened = unseal(services.vault, case.row.key_name, case.stored(in_force.number)) if in_force else None
    said = texts(opened.alert) if opened else {}
    at = f"/v1/alerts/{alert_id}"
    cancel = Step("cancel", "End the search", f"{at}/cancel", None, over_texts((*said, *OVER_LANGUAGES)))
    if in_force is None or opened is None:
        return [cancel]
    whole = Whole(opened.alert, opened.area, in_force.content.expires_at)
    return [cancel, *_withdrawals(services, whole, at), *_smaller(services, whole, at), *_shorter(services, whole, at)]


def _withdrawals(services: Services, whole: Whole, at: str) -> Iterator[Step]:
    """Only what leaves a record or a message that stands and adds no word."""
    if whole.alert.record is None:
        for one in cap_withdrawals.offered(whole.alert):
            if left := _left(services, whole, Less(one.pointers)):
                body = {"withdraw": list(one.pointers)}
                yield Step("withdraw", f"Withdraw {one.says}", f"{at}/reduce", body, texts(left.alert))
        return
    for pointer, says in _fields(whole.alert.record):
        for withdraw, with_ in _with_companions(whole.alert.record, pointer):
            if left := _left(services, whole, Less(withdraw)):
                body = {"withdraw": list(withdraw)}
                yield Step("withdraw", f"Withdraw {says}{with_}", f"{at}/reduce", body, texts(left.alert))
                break


def _left(services: Services, whole: Whole, less: Less) -> Whole | None:
    try:
        left = worked_out(services, whole, less)
    except Refused:
        return None
    return None if faults(whole, left) else left


def _with_companions(record: Record | None, pointer: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """It alone; then with what officers wrote that may say it too: the circumstances, texts in a language."""
    yield (pointer,), ""
    if record is None:
        return
    story = ("/abduction/circumstances",) if record.abduction.circumstances and "circum" not in pointer else ()
    if story:
        yield (pointer, *story), " and the circumstances"
    numbers = {language: n for n, language in enumerate(record.languages)}
    own = [language for language in record.texts if len(numbers) > len(record.texts)]
    if own:
        spoken = [f"/languages/{numbers[one]}" for one in own if one in numbers]
        written = [f"/texts/{one}" for one in own]
        also = " and the circumstances" if story else ""
        yield (pointer, *story, *spoken, *written), f"{also}, and no longer tell it in {', '.join(own)}"


def _fields(record: Record | None) -> Iterator[tuple[str, str]]:
    if record is None:
        return
    for n, _ in enumerate(record.photos):
        yield f"/photos/{n}", f"photo {n + 1}"
    yield from _of_people(record)
    for name, of in (("suspects", "suspect"), ("vehicles", "vehicle")):
        for n, _ in enumerate(getattr(record, name)):
            yield f"/{name}/{n}", f"{of} {n + 1} whole"
    if record.abduction.circumstances:
        yield "/abduction/circumstances", "the circumstances"


def _of_people(record: Record) -> Iterator[tuple[str, str]]:
    for name, of in (("children", "the child"), ("suspects", "the suspect")):
        people: list[Any] = getattr(record, name)
        for n, person in enumerate(people):
            who = f"{of}'s" if len(people) == 1 else f"{of} {n + 1}'s"
            for one in (one for one in OFFERED if getattr(person, one, None)):
                yield f"/{name}/{n}/{one}", f"{who} {one.replace('_', ' ')}"


def _smaller(services: Services, whole: Whole, at: str) -> Iterator[Step]:
    """To one of its counties, or to half of its radius; any other smaller area is drawn, and judged when it is sent."""
    for says, area in _parts(services, compose.parts_of(whole.alert.areas)):
        if left := _left(services, whole, Less((), area)):
            yield Step("shrink", says, f"{at}/reduce", {"area": dict(area)}, texts(left.alert))


def _parts(services: Services, parts: AreaParts) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if parts.geojson is None and not parts.circles and 1 < len(parts.same) <= MOST_PARTS:
        for code in parts.same:
            yield f"Shrink the area to {services.gazetteer.name(code)}", {"same": [code]}
    if parts.geojson is None and not parts.same and len(parts.circles) == 1:
        circle = parts.circles[0]
        half = {"lon": circle.lon, "lat": circle.lat, "radius_m": round(circle.radius_m / 2, 1)}
        yield f"Shrink the area to {half['radius_m'] / 1000:.3g} km around its centre", {"circles": [half]}


def _shorter(services: Services, whole: Whole, at: str) -> Iterator[Step]:
    now = services.clock().replace(microsecond=0)
    for hours in SHORTER:
        if now + hours < whole.expires_at.replace(microsecond=0):
            until, count = now + hours, int(hours.total_seconds() // 3600)
            says = f"Let it end in {count} hour{'s' if count > 1 else ''}"
            yield Step("shorten", says, f"{at}/reduce", {"expires_at": until.isoformat()}, texts(whole.alert))
