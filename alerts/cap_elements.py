"""The elements of CAP as data: their order, how often each may stand, the values and the form that are allowed.

Sources: OASIS Common Alerting Protocol Version 1.2 (1 July 2010), sections 3.2 and 3.4; Version 1.1 (October 2005)
and Version 1.0 (April 2004) for what was different in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
SIGNATURES = "http://www.w3.org/2000/09/xmldsig#"
CONTENT_TYPE = "application/cap+xml"
MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a block: `least` and `most` times; `length` characters at most where it holds text.

    `form` names how its text is written (`alerts.cap_values`; a shape is looked at in `alerts.cap_area`); `inner` says that it is a block of its own, of the
    name `inner` among the blocks of the version, and `paired` that it is written as name=value (CAP 1.0).
    """

    name: str
    least: int = 0
    most: int = 1
    length: int = 2_000
    values: frozenset[str] = frozenset()
    form: str = ""
    inner: bool = False
    paired: bool = False


Spec = tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the standard: its namespace and the parts of each block."""

    name: str
    namespace: str
    blocks: Mapping[str, Spec]
    dates: bool = True  # whether the schema itself asks for seconds and a numeric offset


def _one_of(*values: str) -> frozenset[str]:
    return frozenset(values)


CATEGORIES = (
    "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other",
)  # fmt: skip
RESPONSES = ("Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None")
CERTAINTIES = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")
STATUSES = ("Actual", "Exercise", "System", "Test", "Draft")

ALERT: Spec = (
    Element("identifier", 1, length=200, form="name"),
    Element("sender", 1, length=200, form="name"),
    Element("sent", 1, form="time"),
    Element("status", 1, values=_one_of(*STATUSES)),
    Element("msgType", 1, values=_one_of("Alert", "Update", "Cancel", "Ack", "Error")),
    Element("source"),
    Element("scope", 1, values=_one_of("Public", "Restricted", "Private")),
    Element("restriction"),
    Element("addresses", length=20_000, form="list"),
    Element("code", most=MANY),
    Element("note", length=20_000),
    Element("references", length=MANY, form="references"),
    Element("incidents", length=20_000, form="list"),
    Element("info", most=MANY, inner=True),
)

INFO: Spec = (
    Element("language", length=35, form="language"),
    Element("category", 1, MANY, values=_one_of(*CATEGORIES)),
    Element("event", 1),
    Element("responseType", most=MANY, values=_one_of(*RESPONSES)),
    Element("urgency", 1, values=_one_of("Immediate", "Expected", "Future", "Past", "Unknown")),
    Element("severity", 1, values=_one_of("Extreme", "Severe", "Moderate", "Minor", "Unknown")),
    Element("certainty", 1, values=_one_of(*CERTAINTIES)),
    Element("audience"),
    Element("eventCode", most=MANY, inner=True),
    Element("effective", form="time"),
    Element("onset", form="time"),
    Element("expires", form="time"),
    Element("senderName"),
    Element("headline"),
    Element("description", length=20_000),
    Element("instruction", length=20_000),
    Element("web", form="web"),
    Element("contact"),
    Element("parameter", most=MANY, inner=True),
    Element("resource", most=MANY, inner=True),
    Element("area", most=MANY, inner=True),
)

RESOURCE: Spec = (
    Element("resourceDesc", 1),
    Element("mimeType", 1, length=200, form="mime"),
    Element("size", form="size"),
    Element("uri", form="uri"),
    Element("derefUri", length=MANY, form="base64"),
    Element("digest", form="digest"),
)

AREA: Spec = (
    Element("areaDesc", 1, length=20_000),
    Element("polygon", most=MANY, length=MANY, form="shape"),
    Element("circle", most=MANY, form="shape"),
    Element("geocode", most=MANY, inner=True),
    Element("altitude", form="decimal"),
    Element("ceiling", form="decimal"),
)

PAIR: Spec = (Element("valueName", 1), Element("value", 1, length=20_000))
PAIRS: Mapping[str, Spec] = {"eventCode": PAIR, "parameter": PAIR, "geocode": PAIR}

BLOCKS: Mapping[str, Spec] = {"alert": ALERT, "info": INFO, "resource": RESOURCE, "area": AREA, **PAIRS}


def _changed(spec: Spec, **changes: Mapping[str, object]) -> Spec:
    """The spec with members of its named elements changed."""
    return tuple(replace(part, **changes.get(part.name, {})) for part in spec)  # type: ignore[arg-type]  # members of Element


_RESPONSES_1_1 = _one_of(*(one for one in RESPONSES if one not in {"Avoid", "AllClear"}))
_RESOURCE_1_1 = _changed(RESOURCE, mimeType={"least": 0})
_BLOCKS_1_1: Mapping[str, Spec] = {
    **BLOCKS,
    "info": _changed(INFO, responseType={"values": _RESPONSES_1_1}),
    "resource": _RESOURCE_1_1,
}

_PAIRED: Mapping[str, object] = {"inner": False, "paired": True}
_ALERT_1_0 = _changed(ALERT, status={"values": _one_of(*STATUSES[:4])}, scope={"least": 0})
_INFO_1_0 = _changed(
    INFO,
    category={"least": 0, "values": _one_of(*CATEGORIES) - {"CBRNE"}},
    certainty={"values": _one_of("Very Likely", *CERTAINTIES[1:])},
    eventCode=_PAIRED,
    parameter=_PAIRED,
)
_BLOCKS_1_0: Mapping[str, Spec] = {
    "alert": (*_ALERT_1_0[:5], Element("password"), *_ALERT_1_0[5:]),
    "info": tuple(part for part in _INFO_1_0 if part.name != "responseType"),
    "resource": tuple(part for part in _RESOURCE_1_1 if part.name != "derefUri"),
    "area": _changed(AREA, geocode=_PAIRED),
}

VERSIONS: Mapping[str, Version] = {
    version.namespace: version
    for version in (
        Version("1.2", NAMESPACE, BLOCKS),
        Version("1.1", "urn:oasis:names:tc:emergency:cap:1.1", _BLOCKS_1_1, dates=False),
        Version("1.0", "http://www.incident.com/cap/1.0", _BLOCKS_1_0, dates=False),
    )
}
