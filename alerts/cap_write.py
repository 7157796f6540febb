"""Alert -> CAP 1.2 XML: elements in the standard's order, times with a numeric offset, holes cut into ring pieces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from lxml import etree

from alerts.cap_elements import NAMESPACE
from alerts.model import Alert, Area, Info, Position, Resource
from geo.shapes import Circle, from_geojson, outer_pieces

Values = Iterable[tuple[str, str | None]]


def write(alert: Alert) -> bytes:
    """The message in UTF-8. Raises ShapeFault where an area's GeoJSON is wrong, which validation has refused before."""
    root = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})  # type: ignore[dict-item]  # None is the default namespace
    _add(root, _head(alert))
    for info in alert.infos:
        _info(etree.SubElement(root, f"{{{NAMESPACE}}}info"), info)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _head(alert: Alert) -> Values:
    references = " ".join(f"{r.sender},{r.identifier},{_time(r.sent_at)}" for r in alert.references)
    return [
        ("identifier", alert.identifier),
        ("sender", alert.sender),
        ("sent", _time(alert.sent_at)),
        ("status", alert.status.value),
        ("msgType", alert.msg_type.value),
        ("source", alert.source),
        ("scope", alert.scope),
        ("restriction", alert.restriction),
        ("addresses", _listed(alert.addresses)),
        *_each("code", alert.codes),
        ("note", alert.note),
        ("references", references or None),
        ("incidents", _listed(alert.incidents)),
    ]


def _info(element: etree._Element, info: Info) -> None:
    _add(element, _info_head(info))
    _pairs(element, "eventCode", info.event_codes)
    _add(element, _info_words(info))
    _pairs(element, "parameter", info.parameters)
    for resource in info.resources:
        _add(_under(element, "resource"), _resource(resource))
    for area in info.areas:
        _area(_under(element, "area"), area)


def _info_head(info: Info) -> Values:
    return [
        ("language", info.language),
        *_each("category", info.category),
        ("event", info.event),
        *_each("responseType", info.response_types),
        ("urgency", info.urgency),
        ("severity", info.severity),
        ("certainty", info.certainty),
        ("audience", info.audience),
    ]


def _info_words(info: Info) -> Values:
    return [
        ("effective", _time(info.effective_at)),
        ("onset", _time(info.onset_at)),
        ("expires", _time(info.expires_at)),
        ("senderName", info.sender_name),
        ("headline", info.headline),
        ("description", info.description),
        ("instruction", info.instruction),
        ("web", info.web),
        ("contact", info.contact),
    ]


def _resource(resource: Resource) -> Values:
    return [
        ("resourceDesc", resource.description),
        ("mimeType", resource.mime_type),
        ("size", None if resource.size is None else str(resource.size)),
        ("uri", resource.uri),
        ("derefUri", resource.deref_uri),
        ("digest", resource.digest),
    ]


def _area(element: etree._Element, area: Area) -> None:
    drawn = from_geojson(area.geometry) if area.geometry is not None else None
    pieces = tuple(outer_pieces(drawn)) if drawn else ()
    circles = area.circles + (drawn.circles if drawn else ())
    _add(element, [("areaDesc", area.description)])
    _add(element, _each("polygon", [_ring(ring) for ring in (*area.polygons, *pieces)]))
    _add(element, _each("circle", [_circle(circle) for circle in circles]))
    _pairs(element, "geocode", area.geocodes)
    _add(element, [("altitude", _number(area.altitude)), ("ceiling", _number(area.ceiling))])


def _ring(ring: Sequence[Position]) -> str:
    """lat,lon pairs (CAP 1.2 section 3.2.4): numbers as short as they read back the same, never with an exponent."""
    return " ".join(f"{_plain(lat)},{_plain(lon)}" for lon, lat in ring)


def _circle(circle: Circle) -> str:
    return f"{_plain(circle.lat)},{_plain(circle.lon)} {_plain(circle.radius_m / 1000)}"


def _plain(number: float) -> str:
    text = repr(float(number))
    return f"{number:.12f}".rstrip("0") + "0" if "e" in text else text


def _number(number: float | None) -> str | None:
    return None if number is None else _plain(number)


def _time(at: datetime | None) -> str | None:
    """CAP writes UTC as -00:00 and whole seconds (section 3.3.2)."""
    return None if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}-00:00"


def _listed(values: Sequence[str]) -> str | None:
    return " ".join(f'"{value}"' if " " in value else value for value in values) or None


def _each(name: str, values: Sequence[str]) -> list[tuple[str, str | None]]:
    return [(name, value) for value in values]


def _pairs(element: etree._Element, name: str, pairs: Sequence[tuple[str, str]]) -> None:
    for value_name, value in pairs:
        _add(_under(element, name), [("valueName", value_name), ("value", value)])


def _add(element: etree._Element, values: Values) -> None:
    for name, value in values:
        if value is not None:
            _under(element, name).text = value


def _under(element: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(element, f"{{{NAMESPACE}}}{name}")
