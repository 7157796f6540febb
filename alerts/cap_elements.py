"""The elements of CAP 1.2 as data: their order, how often each may stand, and the values that are allowed.

Source: OASIS Common Alerting Protocol Version 1.2 (1 July 2010), sections 3.2 and 3.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
CONTENT_TYPE = "application/cap+xml"
MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a block: `least` and `most` times; `length` characters at most where it holds text."""

    name: str
    least: int = 0
    most: int = 1
    length: int = 2_000
    values: frozenset[str] = frozenset()


def _one_of(*values: str) -> frozenset[str]:
    return frozenset(values)


ALERT = (
    Element("identifier", 1, length=200),
    Element("sender", 1, length=200),
    Element("sent", 1),
    Element("status", 1, values=_one_of("Actual", "Exercise", "System", "Test", "Draft")),
    Element("msgType", 1, values=_one_of("Alert", "Update", "Cancel", "Ack", "Error")),
    Element("source"),
    Element("scope", 1, values=_one_of("Public", "Restricted", "Private")),
    Element("restriction"),
    Element("addresses"),
    Element("code", most=MANY),
    Element("note", length=20_000),
    Element("references", length=20_000),
    Element("incidents"),
    Element("info", most=100),
)

INFO = (
    Element("language", length=35),
    Element(
        "category",
        1,
        MANY,
        values=_one_of(
            "Geo",
            "Met",
            "Safety",
            "Security",
            "Rescue",
            "Fire",
            "Health",
            "Env",
            "Transport",
            "Infra",
            "CBRNE",
            "Other",
        ),
    ),
    Element("event", 1),
    Element(
        "responseType",
        most=MANY,
        values=_one_of("Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"),
    ),
    Element("urgency", 1, values=_one_of("Immediate", "Expected", "Future", "Past", "Unknown")),
    Element("severity", 1, values=_one_of("Extreme", "Severe", "Moderate", "Minor", "Unknown")),
    Element("certainty", 1, values=_one_of("Observed", "Likely", "Possible", "Unlikely", "Unknown")),
    Element("audience"),
    Element("eventCode", most=MANY),
    Element("effective"),
    Element("onset"),
    Element("expires"),
    Element("senderName"),
    Element("headline"),
    Element("description", length=20_000),
    Element("instruction", length=20_000),
    Element("web"),
    Element("contact"),
    Element("parameter", most=MANY),
    Element("resource", most=100),
    Element("area", most=MANY),
)

RESOURCE = (
    Element("resourceDesc", 1),
    Element("mimeType", 1, length=200),
    Element("size"),
    Element("uri"),
    Element("derefUri", length=MANY),
    Element("digest"),
)

AREA = (
    Element("areaDesc", 1),
    Element("polygon", most=MANY, length=MANY),
    Element("circle", most=MANY),
    Element("geocode", most=MANY),
    Element("altitude"),
    Element("ceiling"),
)

PAIR = (Element("valueName", 1), Element("value", 1, length=20_000))

BLOCKS: Mapping[str, tuple[Element, ...]] = {
    "info": INFO,
    "resource": RESOURCE,
    "area": AREA,
    "eventCode": PAIR,
    "parameter": PAIR,
    "geocode": PAIR,
}
