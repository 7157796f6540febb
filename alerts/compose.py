"""Alerts made of something: a record, an update of an earlier alert, an earlier alert on a larger area, photos added.

Pure. The record is the source of an alert's words; its infos are what CAP and people get to read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from alerts import record_blocks, texts
from alerts.area import CODES
from alerts.cap_record import parameters_of
from alerts.model import Alert, Area, Info, MsgType, Reference, Resource, Status
from alerts.programme import Programme
from alerts.record import Record
from alerts.record_area import AreaParts
from alerts.record_cap import CapParts, CapResource
from alerts.vocabulary import words
from geo import cities
from geo.shapes import Circle
from notifiers.catalogues import NAMES

UNKNOWN_SENDER = "unknown@lookout.invalid"
DESCRIPTION_LENGTH = 180  # of a made area description, with room for the count of the rest
AREA_LENGTH = 200  # of a description in a record
PHOTO_TYPE = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who submits: the CAP sender, the name people read, the programme."""

    sender: str = UNKNOWN_SENDER
    name: str = ""
    programme: str = "us-amber"


@dataclass(frozen=True, slots=True)
class HeldPhoto:
    """A photo that is kept: its id, and the bytes of its full JPEG."""

    photo_id: int
    size: int | None = None


def from_record(
    record: Record, origin: Origin, programme: Programme, now: datetime, name_of: Callable[[str], str] = str
) -> Alert:
    """The alert of a record; `name_of` says the name of a SAME code. What the record leaves out, origin and
    programme fill in: sender, languages, expiry.
    """
    now = now.replace(microsecond=0)  # CAP writes whole seconds
    sent_at = record.sent_at or now
    expires_at = record.expires_at or now + timedelta(seconds=programme.default_expiry_s)
    languages = tuple(dict.fromkeys((*record.languages, *record.texts))) or programme.languages
    areas = areas_of(record.area, name_of)
    more = record.cap or CapParts()
    whole = Info(
        event=next(iter(programme.event.values())),
        response_types=("Monitor",),
        event_codes=tuple((p.name, p.value) for p in more.event_codes) or (("SAME", programme.event_code),),
        expires_at=expires_at,
        sender_name=record.agency or origin.name or None,
        contact=f"{record.contact.name}, {record.contact.telephone}",
        web=more.web,
        resources=tuple(map(_elsewhere, more.resources)),
        areas=areas,
    )
    infos = [_told(whole, record, language, programme) for language in languages]
    return Alert(
        identifier=record.identifier or uuid4().hex,
        sender=origin.sender,
        sent_at=sent_at,
        status=Status(record.status),
        msg_type=MsgType.ALERT,
        source=more.source,
        codes=tuple(more.codes),
        note=more.note,
        incidents=tuple(more.incidents),
        infos=_with_record(infos, record),
        record=record,
    )


def areas_of(parts: AreaParts, name_of: Callable[[str], str] = str) -> tuple[Area, ...]:
    """The parts of an area as blocks: what is drawn in one, the codes in another, so that their union is the area."""
    circles = tuple(Circle(circle.lon, circle.lat, circle.radius_m) for circle in parts.circles)
    said = parts.description
    codes = tuple(("SAME", code) for code in parts.same)
    is_drawn = bool(parts.geojson or circles)
    others = tuple((one.name, one.value) for one in parts.geocodes)
    if not is_drawn:  # beside a drawn area a code places nothing; alone it would
        others = tuple((name, value) for name, value in others if name.upper() not in CODES)
    around = said or _listed([*map(_around, circles)]) or texts.UNNAMED
    drawn = Area(around, circles=circles, geometry=parts.geojson, geocodes=others)
    named = said or _listed([_named(code, name_of) for code in parts.same])
    coded = Area(named, geocodes=(*codes, *(() if is_drawn else others)))
    blocks = (*((drawn,) if is_drawn else ()), *((coded,) if codes else ()))
    return tuple(replace(block, altitude=parts.altitude, ceiling=parts.ceiling) for block in blocks)


def parts_of(areas: Sequence[Area]) -> AreaParts:
    """Blocks that `areas_of` made, as parts again: what an officer gets to edit."""
    found = record_blocks.parts_of(areas)
    if len(found.get("description", "")) > AREA_LENGTH:  # several made descriptions: the first says most
        found["description"] = areas[0].description
    return AreaParts.model_validate(found)


def as_update(alert: Alert, earlier: Alert, now: datetime) -> Alert:
    """`alert` as the message that takes the place of `earlier`, later than it (CAP 1.2 section 3.2.1, references).

    It is ours then: whoever signed what it was made of did not sign this.
    """
    earliest = earlier.sent_at.replace(microsecond=0) + timedelta(seconds=1)
    return replace(
        alert,
        msg_type=MsgType.UPDATE,
        sent_at=max(alert.sent_at, now, earliest),
        references=(Reference(earlier.sender, earlier.identifier, earlier.sent_at),),
        incidents=alert.incidents or earlier.incidents,
        signed_by=None,
    )


def enlarged(earlier: Alert, areas: Sequence[Area], now: datetime) -> Alert:
    """`earlier` on other areas, as an update of it. Whether they cover the old area is the caller's to check."""
    infos = tuple(replace(info, areas=tuple(areas)) for info in earlier.infos)
    record = earlier.record and earlier.record.model_copy(update={"area": parts_of(areas)})
    again = replace(earlier, identifier=uuid4().hex, infos=infos, record=record, sent_at=now)
    return as_update(again, earlier, now)


def repeated(earlier: Alert, now: datetime) -> Alert:
    """`earlier` again, word for word, as an update of it."""
    return as_update(replace(earlier, identifier=uuid4().hex, sent_at=now.replace(microsecond=0)), earlier, now)


def extended(earlier: Alert, expires_at: datetime, now: datetime) -> Alert:
    """`earlier` word for word until later, as an update of it. Whether it is later is the caller's to check."""
    infos = tuple(replace(info, expires_at=expires_at) for info in earlier.infos)
    record = earlier.record and earlier.record.model_copy(update={"expires_at": expires_at})
    sent_at = now.replace(microsecond=0)
    return as_update(
        replace(earlier, identifier=uuid4().hex, infos=infos, record=record, sent_at=sent_at), earlier, now
    )


def reduced(earlier: Alert, record: Record | None, areas: Sequence[Area], expires_at: datetime, now: datetime) -> Alert:
    """`earlier` with less: `record` without what is withdrawn, its words made anew, on these areas, until then at most.

    Whether it really is less is judged by `alerts.growth`, not here.
    """
    held = {photo.photo_id for photo in record.photos} if record else None
    spoken = {*record.languages, *record.texts} if record else set[str]()
    kept = [info for info in earlier.infos if info.language in spoken or not spoken]
    infos = tuple(_with_less(info, record, held, areas, expires_at) for info in kept)
    if record is not None:
        said = record.expires_at and min(record.expires_at, expires_at)
        record = record.model_copy(update={"area": parts_of(areas), "expires_at": said})
        infos = _with_record(infos, record)
    again = replace(earlier, identifier=uuid4().hex, infos=infos, record=record, sent_at=now.replace(microsecond=0))
    return as_update(again, earlier, now)


def _with_less(
    info: Info, record: Record | None, held: set[int | None] | None, areas: Sequence[Area], expires_at: datetime
) -> Info:
    ends_at = min(info.expires_at or expires_at, expires_at)
    less = replace(info, areas=tuple(areas) if info.areas else (), expires_at=ends_at)
    if record is None or held is None:
        return less
    said = texts.from_record(record, info.language)
    resources = tuple(one for one in info.resources if one.photo_id is None or one.photo_id in held)
    return replace(
        less, headline=said.headline, description=said.body, instruction=said.instruction, resources=resources
    )


def with_photos(alert: Alert, held: Sequence[HeldPhoto]) -> Alert:
    """The alert with its new photos in place, in order: the record names them by id, each info has them as resource."""
    if alert.record is None:
        return alert
    given = iter(held)
    photos = [p if p.photo_id else p.model_copy(update={"photo_id": next(given).photo_id}) for p in alert.record.photos]
    sizes = {one.photo_id: one.size for one in held}
    resources = tuple(
        Resource(p.description or "Photo", PHOTO_TYPE, size=sizes.get(p.photo_id), photo_id=p.photo_id)
        for p in photos
        if p.photo_id is not None
    )
    record = alert.record.model_copy(update={"photos": photos})
    infos = [replace(info, resources=(*resources, *_not_held(info))) for info in alert.infos]
    return replace(alert, record=record, infos=_with_record(infos, record))


def _not_held(info: Info) -> tuple[Resource, ...]:
    return tuple(resource for resource in info.resources if resource.photo_id is None)


def _with_record(infos: Sequence[Info], record: Record) -> tuple[Info, ...]:
    """The infos with the members of the record as parameters of the first, before those that came with it."""
    given = tuple((pair.name, pair.value) for pair in record.cap.parameters) if record.cap else ()
    short = [texts.parameters(texts.from_record(record, info.language)) for info in infos]
    rest = [(*parameters_of(record), *given), *([()] * (len(infos) - 1))]
    return tuple(replace(i, parameters=(*own, *more)) for i, own, more in zip(infos, short, rest, strict=True))


def _elsewhere(resource: CapResource) -> Resource:
    return Resource(resource.description, resource.mime_type, resource.size, resource.uri, digest=resource.digest)


def _told(info: Info, record: Record, language: str, programme: Programme) -> Info:
    """The info in one language."""
    said = texts.from_record(record, language)
    base = language.partition("-")[0].lower()
    event = programme.event.get(language) or programme.event.get(base)
    if event is None and base in NAMES:
        event = words(base)["event"]
    return replace(
        info,
        language=language,
        event=event or info.event,
        headline=said.headline,
        description=said.body,
        instruction=said.instruction,
    )


def _listed(names: Sequence[str]) -> str:
    """Names as one line of bounded length; what does not fit is counted."""
    fitting = [name for n, name in enumerate(names) if len("; ".join(names[: n + 1])) <= DESCRIPTION_LENGTH]
    rest = len(names) - len(fitting)
    return "; ".join([*fitting, f"and {rest} more"] if rest else fitting)


def _named(code: str, name_of: Callable[[str], str]) -> str:
    """The name of a code; the code itself where there is none, which placing it will refuse."""
    try:
        return name_of(code)
    except KeyError:
        return f"SAME {code}"


def _around(circle: Circle) -> str:
    near = cities.nearest(circle.lon, circle.lat)
    place = f"a point near {near}" if near else f"{circle.lat:.4f}, {circle.lon:.4f}"
    return f"{circle.radius_m / 1000:g} km around {place}"
