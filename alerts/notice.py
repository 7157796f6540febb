"""The freeze: an approved Alert becomes a Notice, whole in itself, that workers send without asking anything more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from alerts import cap, texts
from alerts.incident import Incident
from alerts.model import Alert, Info, Resource
from geo.shapes import Shape
from notifiers.model import Kind, Notice

OVER_LANGUAGES = ("en", "es")


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
) -> Notice:
    """The notice of an approved alert. ValueError for one without expiry or words, which validation has refused."""
    if alert.expires_at is None or not alert.infos:
        raise ValueError("an alert without expiry or info cannot become a notice")
    published = replace(alert, infos=tuple(_published(info, page_url) for info in alert.infos))
    point = alert.record.abduction.point if alert.record else None
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
        texts=texts.texts(alert),
        area=area,
        area_digest=area.digest(),
        reach=reach,
        last_seen=(point.lon, point.lat) if point else None,
        cap_xml=cap.write(published),
        plate=_plates(alert),
    )


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


def _published(info: Info, page_url: str) -> Info:
    """With the page as its link, and the addresses of the photos that Lookout shows there."""
    held = [resource for resource in info.resources if resource.photo_id is not None]
    resources = tuple(
        replace(resource, uri=_photo_url(held, resource, page_url)) if resource in held else resource
        for resource in info.resources
    )
    return replace(info, web=info.web or page_url, resources=resources)


def _photo_url(held: list[Resource], resource: Resource, page_url: str) -> str:
    return f"{page_url}/photo/{held.index(resource) + 1}.jpg"
