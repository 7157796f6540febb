"""The alert in force with less, at one officer's word: a field or photo withdrawn, a smaller area, an earlier end.

It is the next version, which takes the old one's place silently. `alerts.growth` says whether it is less; whatever adds
a recipient, a word or time is refused here and goes the way of an update, to a second person.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from typing import Any

import shapely
from pydantic import ValidationError
from sqlalchemy import Connection

from alerts import cap_withdrawals, compose
from alerts.agencies import Officer
from alerts.errors import Conflict, Refused
from alerts.faults import from_pydantic
from alerts.growth import Grown, Whole, grows
from alerts.lifecycle import Content, Message, Reduce, State
from alerts.model import Alert, Area, Problem
from alerts.record import Record
from alerts.reports import Decision, ReachView
from alerts.sealing import HASH_PURPOSE, content_hash
from alerts.service.chain import Case, Seen, decide, newest, open_case
from alerts.service.drafting import agency_of, audience_of, programme_of
from alerts.service.end import end_if_over
from alerts.service.kept import once
from alerts.service.publishing import publish
from alerts.service.reach import count, place, read_blocks
from alerts.service.repeating import Again, in_force, notice_again, store_again
from alerts.service.sealed import unseal
from alerts.services import Services
from alerts.texts import UNNAMED, texts
from geo import rings
from geo.shapes import Shape
from notifiers.model import Notice, Text
from notifiers.transactions import reading


@dataclass(frozen=True, slots=True)
class Less:
    """What is to be less: JSON pointers (RFC 6901) into the record to withdraw, an area to stay within, an earlier end."""

    withdraw: tuple[str, ...] = ()
    area: Mapping[str, Any] | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """A reduction worked out: what it would say, where, until when, to how many; and what grows by it, if anything."""

    number: int
    whole: Whole
    grown: frozenset[Grown]
    reach: int

    @property
    def texts(self) -> Mapping[str, Text]:
        """What people then read, by language."""
        return texts(self.whole.alert)


def prepare(services: Services, officer: Officer, alert_id: str, less: Less, seen: Seen = None) -> Ready:
    """The words ready, nothing stored. Raises NotFound, Over, WrongState, Changed, and Refused where it is not less."""
    with reading(services.engine) as connection:
        case, _ = open_case(connection, officer, alert_id, seen)
        message = in_force(case)
        opened = unseal(services.vault, case.row.key_name, case.stored(message.number))
    before = Whole(opened.alert, opened.area, message.content.expires_at)
    after = worked_out(services, before, less)
    if found := faults(before, after):
        raise Refused(found)
    with reading(services.engine) as connection:
        reach = count(services, connection, after.area, audience_of(agency_of(officer), after.alert)).recipients
    return Ready(message.number, after, grows(before, after), min(reach, message.content.reach))


def look(services: Services, officer: Officer, alert_id: str, less: Less) -> ReachView:
    """The area that would be left and who is in it now: for whoever draws. Raises as `prepare`."""
    left = prepare(services, officer, alert_id, less).whole
    with reading(services.engine) as connection:
        audience = audience_of(agency_of(officer), left.alert)
        return ReachView(count(services, connection, left.area, audience, as_drawn=True), left.area)


@once(Decision)
def reduce(services: Services, officer: Officer, alert_id: str, less: Less, seen: Seen = None) -> Decision:
    """Say less, from now on. What waits for a decision was made from more, and is rejected. Raises as `prepare`."""
    ready = prepare(services, officer, alert_id, less, seen)
    rules = programme_of(agency_of(officer), ready.whole.alert)
    again = Again(officer, ready.number, ready.whole.alert, ready.whole.area, rules, "reduce", seen)
    return publish(services, lambda connection: _say(connection, services, alert_id, again, ready))


def _say(
    connection: Connection, services: Services, alert_id: str, again: Again, ready: Ready
) -> tuple[Decision, Case, Notice]:
    now = services.clock()
    case, _ = open_case(connection, again.officer, alert_id, again.seen)
    message = in_force(case)
    if message.number != again.number:
        raise Conflict("another version came into force meanwhile; look at it again")
    event = Reduce(again.officer.id, _content(services, case, message, ready), frozenset(ready.grown))
    after = decide(connection, case, event, now)
    added = newest(after.messages)
    public_id = store_again(connection, services, case, added, again, now)
    end_if_over(connection, case, after, "", now)
    reach, state = added.content.reach, State.ACTIVE.value
    done = Decision(public_id, case.row.token, state, now, reach, tag=after.tag)
    return done, case, notice_again(services, case, added, again, now)


def _content(services: Services, case: Case, message: Message, ready: Ready) -> Content:
    digest = ready.whole.area.digest()
    hashed = content_hash(services.vault.secret(case.row.key_name, HASH_PURPOSE), ready.whole.alert, digest)
    return replace(
        message.content,
        content_hash=hashed,
        area_digest=digest,
        reach=ready.reach,
        expires_at=ready.whole.expires_at,
    )


def worked_out(services: Services, before: Whole, less: Less) -> Whole:
    """The content that is left. Refused with every fault."""
    if not (less.withdraw or less.area is not None or less.expires_at):
        raise Refused(
            [Problem.error("reduce.empty", "", "say what is to be withdrawn, a smaller area or an earlier end")]
        )
    alert = before.alert
    record = _without(alert.record, less.withdraw) if alert.record else None
    if alert.record is None and less.withdraw:
        alert = cap_withdrawals.without(alert, less.withdraw)
    blocks, area = _within(services, before, less.area)
    until = less.expires_at or before.expires_at
    return Whole(compose.reduced(alert, record, blocks, until, services.clock()), area, until)


def _without(record: Record, pointers: tuple[str, ...]) -> Record:
    if not pointers:
        return record
    document: Any = record.model_dump(mode="json", exclude_none=True)
    unknown = [
        Problem.error("withdraw.unknown", f"/withdraw/{n}", "there is no such field in this record")
        for n, pointer in enumerate(pointers)
        if not _withdraw(document, pointer)
    ]
    if unknown:
        raise Refused(unknown)
    try:
        return Record.model_validate(_swept(document))
    except ValidationError as error:
        raise Refused(from_pydantic(error, "")) from None


_GONE = object()


def _withdraw(document: Any, pointer: str) -> bool:
    """Marks the place; the items of a list keep their numbers until all are marked. Whether there was such a place."""
    *way, leaf = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]] or [""]
    at = document
    for step in way:
        at = _step(at, step)
    if _step(at, leaf) is None:
        return False
    at[int(leaf) if isinstance(at, list) else leaf] = _GONE
    return True


def _step(at: Any, step: str) -> Any:
    if isinstance(at, dict):
        return at.get(step)
    if isinstance(at, list) and step.isascii() and step.isdecimal() and int(step) < len(at):
        return at[int(step)]
    return None


def _swept(part: Any) -> Any:
    if isinstance(part, dict):
        return deepcopy({name: _swept(value) for name, value in part.items() if value is not _GONE})
    if isinstance(part, list):
        return [_swept(item) for item in part if item is not _GONE]
    return part


def _within(services: Services, before: Whole, drawn: Mapping[str, Any] | None) -> tuple[tuple[Area, ...], Shape]:
    """The old area, or what of the drawn one lies in it: a border drawn by hand never reaches out of the old one."""
    if drawn is None:
        return before.alert.areas, before.area
    blocks = read_blocks(services, drawn)
    shape = place(services, blocks)
    if shape.circles or before.area.circles:  # circles stay circles: judged as they are, never cut
        return blocks, shape
    cut = Shape(shapely.MultiPolygon(rings.parts(shapely.intersection(shape.polygons, before.area.polygons))))
    if cut.is_empty:
        raise Refused([Problem.error("area.outside", "/area", "this area lies outside of the present one")])
    if cut.digest() == shape.digest():
        return blocks, shape
    said = next((area.description for area in blocks), UNNAMED)
    return (Area(said, geometry=cut.to_geojson()["geometry"]),), cut


_WHY = {
    Grown.RECIPIENTS: ("/area", "this area reaches out of the present one"),
    Grown.WORDS: ("/withdraw", "without it other words would be said than before"),
    Grown.TIME: ("/expires_at", "this is later than the present end"),
}


def faults(before: Whole, after: Whole) -> list[Problem]:
    """Why one person alone may not do this; nothing for what is less."""
    found = [
        Problem.error(f"grows.{grown}", _WHY[grown][0], f"{_WHY[grown][1]}: submit an update for a second officer")
        for grown in sorted(grows(before, after))
    ]
    found += _still_said(before.alert, after.alert)
    if _same(before, after):
        found.append(Problem.error("reduce.same", "", "nothing would be less than it is"))
    return found


def _same(before: Whole, after: Whole) -> bool:
    records = [
        one.alert.record and one.alert.record.model_dump(exclude={"area", "expires_at"}) for one in (before, after)
    ]
    said = [[replace(info, areas=(), expires_at=None) for info in one.alert.infos] for one in (before, after)]
    return (
        records[0] == records[1]
        and (before.alert.record is not None or said[0] == said[1])
        and before.area.digest() == after.area.digest()
        and before.expires_at == after.expires_at
    )


def _still_said(before: Alert, after: Alert) -> list[Problem]:
    """What was withdrawn and stands in words that an officer wrote: these must be withdrawn as well, or updated.

    Of a name each word counts, unless it is a word of another name or place that stays.
    """
    if before.record is None or after.record is None:
        return []
    gone, stays = _leaves(before.record) - _leaves(after.record), _words_of(_leaves(after.record))
    left = _folded(" ".join(part for text in texts(after).values() for part in astuple(text)))
    names = {text for name, text in gone if name == "name"}
    named = (_words_of(("", text) for text in names) - stays) & _words_of([("", left)])
    named |= _short_names(names, " ".join(part for text in texts(after).values() for part in astuple(text)))
    if not named and not any(_folded(text) in left for _, text in gone if len(text) > 2):
        return []
    said = "what is withdrawn still stands in words that were written for this alert: withdraw these too, or submit an update"
    return [Problem.error("withdraw.still_said", "/withdraw", said)]


_STORIES = {"circumstances", "statement"}


def _leaves(record: Record) -> set[tuple[str, str]]:
    """The texts of a record by the names of their fields, without the stories that may tell of any other field."""
    found: set[tuple[str, str]] = set()
    out = {"area", "texts", "languages", "photos", "attestation"}
    todo: list[tuple[str, Any]] = [("", record.model_dump(mode="json", exclude_none=True, exclude=out))]
    while todo:
        name, part = todo.pop()
        if isinstance(part, dict | list):
            todo += part.items() if isinstance(part, dict) else ((name, item) for item in part)
        elif isinstance(part, str) and name not in _STORIES:
            found.add((name, part))
    return found


def _words_of(said: Iterable[tuple[str, str]]) -> set[str]:
    return {word for _, text in said for word in _WORD.findall(_folded(text))}


def _short_names(names: Iterable[str], said: str) -> set[str]:
    """Words of one or two letters ("Li"), as they are written: in small letters they may be any word."""
    words = {word for name in names for word in _SHORT.findall(name) if word[0].isupper()}
    return words & set(_SHORT.findall(said))


def _folded(text: str) -> str:
    """Without case and accents: a wireless text has an alphabet without most of them (3GPP TS 23.038)."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()


_WORD = re.compile(r"\w{3,}")
_SHORT = re.compile(r"\b\w{1,2}\b")
