"""Alerts made of something: a record, an update of an earlier alert, an earlier alert on a larger area, photos added.

Pure. The record is the source of an alert's words; its infos are what CAP and people get to read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from alerts import texts
from alerts.model import Alert, Area, Info, MsgType, Reference, Resource, Status
from alerts.programme import Programme
from alerts.record import Record
from alerts.record_area import AreaCircle, AreaParts
from geo import cities
from geo.shapes import Circle

UNKNOWN_SENDER = "unknown@lookout.invalid"
DESCRIPTION_LENGTH = 180  # of a made area description, with room for the count of the rest
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
    whole = Info(
        event=next(iter(programme.event.values())),
        response_types=("Monitor",),
        event_codes=(("SAME", programme.event_code),),
        expires_at=expires_at,
        sender_name=record.agency or origin.name or None,
        contact=f"{record.contact.name}, {record.contact.telephone}",
        areas=areas,
    )
    infos = (_told(whole, record, language, programme) for language in languages)
    return Alert(
        identifier=record.identifier or uuid4().hex,
        sender=origin.sender,
        sent_at=sent_at,
        status=Status(record.status),
        msg_type=MsgType.ALERT,
        infos=tuple(infos),
        record=record,
    )


def areas_of(parts: AreaParts, name_of: Callable[[str], str] = str) -> tuple[Area, ...]:
    """The parts of an area as blocks: what is drawn in one, the codes in another, so that their union is the area."""
    circles = tuple(Circle(circle.lon, circle.lat, circle.radius_m) for circle in parts.circles)
    said = parts.description
    codes = tuple(("SAME", code) for code in parts.same)
    drawn = Area(said or _listed([*map(_around, circles)]) or "as drawn", circles=circles, geometry=parts.geojson)
    coded = Area(said or _listed([_named(code, name_of) for code in parts.same]), geocodes=codes)
    return (*((drawn,) if parts.geojson or circles else ()), *((coded,) if codes else ()))


def parts_of(areas: Sequence[Area]) -> AreaParts:
    """Blocks that `areas_of` made, as parts again: what an officer gets to edit."""
    drawn = [area.geometry for area in areas if area.geometry is not None]
    return AreaParts(
        description=next((area.description for area in areas), None),
        same=[code for area in areas for _, code in area.geocodes],
        geojson=drawn[0] if len(drawn) == 1 else {"type": "GeometryCollection", "geometries": drawn} if drawn else None,
        circles=[AreaCircle(lon=c.lon, lat=c.lat, radius_m=c.radius_m) for area in areas for c in area.circles],
    )


def as_update(alert: Alert, earlier: Alert, now: datetime) -> Alert:
    """`alert` as the message that takes the place of `earlier`, later than it (CAP 1.2 section 3.2.1, references)."""
    earliest = earlier.sent_at.replace(microsecond=0) + timedelta(seconds=1)
    return replace(
        alert,
        msg_type=MsgType.UPDATE,
        sent_at=max(alert.sent_at, now, earliest),
        references=(Reference(earlier.sender, earlier.identifier, earlier.sent_at),),
        incidents=alert.incidents or earlier.incidents,
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
    return replace(alert, record=record, infos=tuple(replace(info, resources=resources) for info in alert.infos))


def _told(info: Info, record: Record, language: str, programme: Programme) -> Info:
    """The info in one language."""
    said = texts.from_record(record, language)
    event = programme.event.get(language) or programme.event.get(language.partition("-")[0])
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
