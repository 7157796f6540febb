"""What is in force as Atom (RFC 4287) and GeoJSON (RFC 7946): pure, from notices to bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import shapely
from lxml import etree
from shapely.geometry import mapping

from alerts.cap_elements import CONTENT_TYPE as CAP
from geo.drawing import draw
from notifiers.model import Kind, Notice

ATOM = "http://www.w3.org/2005/Atom"
ATOM_TYPE = "application/atom+xml"
GEOJSON_TYPE = "application/geo+json"
ATOM_PATH, GEOJSON_PATH = "/v1/feeds/alerts.atom", "/v1/feeds/alerts.geojson"
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 section 2.2
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def cap_path(token: str) -> str:
    """Where the CAP of an incident stands: the message in force, and later its Cancel."""
    return f"/v1/cap/{token}"


def write_atom(told: Sequence[Notice], base_url: str, changed_at: datetime) -> bytes:
    """The feed of `told`, alerts and their ends: an entry an incident, whose id stays the same until it is over."""
    feed = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})  # type: ignore[dict-item]  # None is the default namespace
    feed.set(_LANG, "en")
    _say(feed, "id", base_url + ATOM_PATH)
    _say(feed, "title", "Missing-child alerts in force")
    _say(feed, "updated", _time(changed_at))
    _say(_say(feed, "author"), "name", "Lookout")
    _link(feed, "self", ATOM_TYPE, base_url + ATOM_PATH)
    _link(feed, "alternate", "text/html", base_url + "/")
    for notice in told:
        _entry(_say(feed, "entry"), notice, base_url)
    return etree.tostring(feed, xml_declaration=True, encoding="UTF-8")


def write_geojson(told: Sequence[Notice], base_url: str) -> bytes:
    """A FeatureCollection: a Feature an alert in force. A circle is a ring of 96 corners, itself in `circles`."""
    features = [_feature(notice, base_url) for notice in told if notice.kind is not Kind.CANCEL]
    return json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":")).encode()


def _entry(entry: etree._Element, notice: Notice, base_url: str) -> None:
    language, text = next(iter(notice.texts.items()))
    entry.set(_LANG, language)
    _say(entry, "id", f"{base_url}/a/{notice.incident}")
    _say(entry, "title", text.headline)
    _say(entry, "updated", _time(notice.sent_at))
    _say(_say(entry, "author"), "name", notice.sender_name)
    _link(entry, "alternate", "text/html", notice.page_url)
    if notice.cap_xml:
        _link(entry, "alternate", CAP, base_url + cap_path(notice.incident))
    _say(entry, "category").set("term", notice.kind.value)
    _say(entry, "summary", text.body or text.headline)


def _feature(notice: Notice, base_url: str) -> dict[str, Any]:
    circles = notice.area.circles if notice.area else ()
    said = {
        "incident": notice.incident,
        "version": notice.version,
        "number": notice.number,
        "kind": notice.kind.value,
        "sender": notice.sender_name,
        "sent_at": _time(notice.sent_at),
        "expires_at": _time(notice.expires_at),
        "link": notice.page_url,
        "cap": base_url + cap_path(notice.incident),
        "texts": {
            tag: {
                "headline": text.headline,
                "body": text.body,
                "instruction": text.instruction,
                "area": text.area_name,
            }
            for tag, text in notice.texts.items()
        },
        "circles": [[circle.lon, circle.lat, circle.radius_m] for circle in circles],
    }
    return {"type": "Feature", "id": notice.incident, "geometry": _geometry(notice), "properties": said}


def _geometry(notice: Notice) -> dict[str, Any] | None:
    """All parts as one MultiPolygon, its rings by the right-hand rule (RFC 7946 section 3.1.6)."""
    if notice.area is None or notice.area.is_empty:
        return None
    drawn = [shapely.geometry.shape(feature["geometry"]) for feature in draw(notice.area)["features"]]
    one = drawn[0] if len(drawn) == 1 else shapely.union_all(drawn)
    polygons = [part for part in shapely.get_parts(one) if part.geom_type == "Polygon"]
    return dict(mapping(shapely.orient_polygons(shapely.MultiPolygon(polygons))))


def _say(under: etree._Element, name: str, text: str | None = None) -> etree._Element:
    made = etree.SubElement(under, f"{{{ATOM}}}{name}")
    made.text = None if text is None else _NO_XML.sub(" ", text)
    return made


def _link(under: etree._Element, rel: str, kind: str, href: str) -> None:
    link = _say(under, "link")
    for name, value in (("rel", rel), ("type", kind), ("href", href)):
        link.set(name, value)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
