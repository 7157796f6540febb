"""What the public may see of an alert: pure, from the alert in force, or only that it is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from alerts.describing import age, circumstances, person_lines, sex, vehicle_line
from alerts.model import Alert
from alerts.notice import over_languages
from alerts.record import Person, Record, Vehicle
from alerts.reports import Described, PhotoRef, Plated, PublicAlert
from alerts.store import IncidentRow, MessageRow
from alerts.texts import over_texts, texts
from alerts.vocabulary import listed, words
from geo.shapes import Shape

Sizes = Mapping[int, tuple[int, int, bool]]  # photo id -> width, height, whether there is an AVIF


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown: the alert, its area, and the size of its photos in pixels by id."""

    alert: Alert
    area: Shape
    sizes: Sizes


def released(row: IncidentRow, message: MessageRow, shown: Shown, language: str | None = None) -> PublicAlert:
    """The alert in force. `language` (BCP 47) is that of the lines about people; the alert's default without it."""
    alert = shown.alert
    said = texts(alert)
    chosen = language or next(iter(said), "en")
    text = said.get(chosen) or next(iter(said.values()), None)
    told = PublicAlert(
        token=row.token,
        status=row.status,
        over=False,
        over_why=None,
        agency=(alert.record.agency if alert.record else None) or row.agency_name,
        texts=said,
        sent_at=message.approved_at or alert.sent_at,
        expires_at=message.expires_at,
        version=message.version,
        area=shown.area,
        area_name=text.area_name if text else "",
    )
    return replace(told, **_of_record(alert.record, chosen, shown.sizes)) if alert.record else told


def over(row: IncidentRow, message: MessageRow, now: datetime) -> PublicAlert:
    """That it is over, and nothing of the child."""
    return PublicAlert(
        token=row.token,
        status=row.status,
        over=True,
        over_why=row.ended_why or "expired",
        agency=row.agency_name,
        texts=over_texts(over_languages(message.told_in), row.ended_why or "expired"),
        sent_at=message.approved_at or row.opened_at,
        expires_at=message.expires_at,
        ended_at=row.ended_at or min(now, message.expires_at),
        version=message.version,
    )


def ended(alert: PublicAlert, why: str, now: datetime) -> PublicAlert:
    """The same alert when it is over, and nothing of the child: for who cannot ask its rows any more."""
    return PublicAlert(
        token=alert.token,
        status=alert.status,
        over=True,
        over_why=why,
        agency=alert.agency,
        texts=over_texts(over_languages(alert.texts), why),
        sent_at=alert.sent_at,
        expires_at=alert.expires_at,
        ended_at=min(now, alert.expires_at),
        version=alert.version,
    )


def photo_ids(alert: Alert) -> list[int]:
    """The photos of the alert in the order of their numbers on the page (from 1)."""
    held = (resource.photo_id for info in alert.infos[:1] for resource in info.resources)
    return [photo_id for photo_id in held if photo_id is not None]


def _of_record(record: Record, language: str, sizes: Sizes) -> dict[str, Any]:
    on = record.abduction.at.date()
    point = record.abduction.point
    photos = [photo for photo in record.photos if photo.photo_id is not None and photo.photo_id in sizes]
    return {
        "children": tuple(_person(child, on, language) for child in record.children),
        "suspects": tuple(_person(suspect, on, language) for suspect in record.suspects),
        "vehicles": tuple(_vehicle(vehicle, language) for vehicle in record.vehicles),
        "circumstances": circumstances(record, language),
        "last_seen": (point.lon, point.lat) if point else None,
        "contact_name": record.contact.name,
        "contact_telephone": record.contact.telephone,
        "photos": tuple(
            PhotoRef(n, photo.description or "", *sizes[photo.photo_id or 0]) for n, photo in enumerate(photos, 1)
        ),
    }


def _person(person: Person, on: date, language: str) -> Described:
    known = [part for part in (age(person, on, language), sex(person, on, language)) if part]
    return Described(person.name, listed(known, words(language)["listed"]) or None, person_lines(person, language))


def _vehicle(vehicle: Vehicle, language: str) -> Plated:
    return Plated(vehicle_line(vehicle, plate=False, language=language), vehicle.plate, vehicle.plate_region)
