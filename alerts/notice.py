"""The freeze: an approved Alert becomes a Notice, whole in itself, that workers send without asking anything more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from alerts import cap, cap_record, texts
from alerts.incident import Incident
from alerts.model import Alert, Info, Resource
from alerts.programme import Programme
from alerts.record import Record
from geo.shapes import Shape
from notifiers.model import Kind, Notice

OVER_LANGUAGES = ("en", "es")
MOST_LANGUAGES = 200  # letters


def over_languages(told_in: Iterable[str]) -> tuple[str, ...]:
    """In which languages to say that it is over: those of what was said, the first one first, and the two we always can."""
    return tuple(dict.fromkeys((*told_in, *OVER_LANGUAGES)))


def languages_of(alert: Alert) -> str:
    """The languages that an alert is told in, as its message's row keeps them when nothing else of it is left."""
    whole = ",".join(texts.texts(alert))
    return whole if len(whole) <= MOST_LANGUAGES else whole[:MOST_LANGUAGES].rpartition(",")[0]


def from_alert(  # noqa: PLR0913 by name, one for each fact that approval decided
    alert: Alert,
    *,
    incident_token: str,
    version: int,
    number: int,
    kind: Kind,
    area: Shape,
    reach: int,
    page_url: str,
    now: datetime,
    tells_outside: bool = True,
    alert_class: str = "",
    repeats_on: tuple[str, ...] | None = None,
    wakes_m: float | None = None,
) -> Notice:
    """The notice of an approved alert. ValueError for one without expiry or words, which validation has refused."""
    if alert.expires_at is None or not alert.infos:
        raise ValueError("an alert without expiry or info cannot become a notice")
    published = replace(alert, infos=tuple(_published(info, alert.record, page_url) for info in alert.infos))
    said = texts.texts(alert)
    return Notice(
        incident=incident_token,
        version=version,
        number=number,
        kind=kind,
        status=alert.status.value,
        sent_at=now,
        expires_at=alert.expires_at,
        sender_name=alert.infos[0].sender_name or alert.sender,
        page_url=page_url,
        texts=said,
        outside_texts=texts.outside_texts(said) if kind is Kind.UPDATE and tells_outside else {},
        area=area,
        area_digest=area.digest(),
        reach=reach,
        last_seen=last_seen_of(alert),
        cap_xml=cap.write(published),
        tells_outside=tells_outside,
        repeats_on=repeats_on,
        alert_class=alert_class,
        wakes_within_m=wakes_m,
        plate=_plates(alert),
    )


def last_seen_of(alert: Alert) -> tuple[float, float] | None:
    """Where the child was last seen (lon, lat); None where nobody gave a point."""
    point = alert.record.abduction.point if alert.record else None
    return (point.lon, point.lat) if point else None


def wakes_within_m(alert: Alert, rules: Programme) -> float | None:
    """How near the child was last seen people are woken: only where the record says that the danger is imminent, and
    says where that is.
    """
    imminent = alert.record is not None and alert.record.attestation.imminent_danger
    return rules.wakes_within_m if imminent and last_seen_of(alert) else None


def over(  # noqa: PLR0913 by name, one for each fact of the end
    incident: Incident,
    *,
    incident_token: str,
    status: str,
    why: str,
    sender_name: str,
    page_url: str,
    now: datetime,
    expires_at: datetime,
    languages: Iterable[str] = OVER_LANGUAGES,
) -> Notice:
    """That it is over (`why`: cancelled or expired), to everyone who was told: nothing of the child, and no area.

    It is a version of its own, so that having been told of the alert does not count as having been told of its end.
    """
    return Notice(
        incident=incident_token,
        version=incident.next_version,
        number=incident.next_number,
        kind=Kind.CANCEL,
        status=status,
        sent_at=now,
        expires_at=expires_at,
        sender_name=sender_name,
        page_url=page_url,
        texts=texts.over_texts(languages, why),
    )


def _plates(alert: Alert) -> str:
    """EX4MPLE (California): each vehicle's plate with its state, for signs and posts that carry no more."""
    vehicles = alert.record.vehicles if alert.record else ()
    said = [f"{one.plate} ({one.plate_region})" if one.plate_region else one.plate for one in vehicles if one.plate]
    return ", ".join(dict.fromkeys(said))


def _published(info: Info, record: Record | None, page_url: str) -> Info:
    """With the page as its link, the addresses of the photos that Lookout shows there, and of the record what others
    may have.
    """
    held = [resource for resource in info.resources if resource.photo_id is not None]
    resources = tuple(
        replace(resource, uri=_photo_url(held, resource, page_url)) if resource in held else resource
        for resource in info.resources
    )
    parameters = [pair for pair in info.parameters if not pair[0].startswith(cap_record.PREFIX)]
    if record and len(parameters) < len(info.parameters):  # the first info, which holds the record
        parameters += cap_record.parameters_of(cap_record.released(record))
    return replace(info, web=info.web or page_url, resources=resources, parameters=tuple(parameters))


def _photo_url(held: list[Resource], resource: Resource, page_url: str) -> str:
    return f"{page_url}/photo/{held.index(resource) + 1}.jpg"
