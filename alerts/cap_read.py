"""CAP 1.2 XML -> Alert. All faults at once, each with an XPath; whatever the bytes, there is an answer."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from alerts.cap_xml import Block, Faults, parse
from alerts.model import Alert, Area, Info, MsgType, Position, Problem, Reference, Resource, Severity, Status
from geo.shapes import Circle, ShapeFault, parse_cap_circle, parse_cap_polygon

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[-+][0-9]{2}:[0-9]{2}", re.ASCII)
QUOTED = re.compile(r'"([^"]*)"|(\S+)')
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # stands in for a time that could not be read
DEFAULT_LANGUAGE = "en-US"  # CAP 1.2 section 3.2.2, language


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document says, as far as it can be understood, and what is wrong with it.

    `understood` is for naming further faults only: where there are errors, it holds stand-ins for what is missing.
    """

    understood: Alert | None
    problems: tuple[Problem, ...]

    @property
    def alert(self) -> Alert | None:
        """The alert; None where there is any error."""
        wrong = any(problem.severity is Severity.ERROR for problem in self.problems)
        return None if wrong else self.understood


def read(body: bytes, *, lenient: bool = False) -> Reading:
    """Read a message. `lenient` (imports) turns faults that leave the meaning certain into warnings."""
    faults = Faults(lenient)
    block = parse(body, faults)
    alert = _alert(block, faults) if block else None
    return Reading(alert, tuple(dict.fromkeys(faults.found)))


def _alert(block: Block, faults: Faults) -> Alert:
    return Alert(
        identifier=block.text("identifier") or "",
        sender=block.text("sender") or "",
        sent_at=_time(block, "sent", faults) or NEVER,
        status=Status(block.text("status") or Status.TEST),
        msg_type=MsgType(block.text("msgType") or MsgType.ALERT),
        scope=block.text("scope") or "Public",
        source=block.text("source"),
        restriction=block.text("restriction"),
        addresses=_listed(block.text("addresses")),
        codes=block.list_texts("code"),
        note=block.text("note"),
        references=_references(block, faults),
        incidents=_listed(block.text("incidents")),
        infos=tuple(_info(info, faults) for info in block.blocks.get("info", ())),
        imported=True,
    )


def _info(block: Block, faults: Faults) -> Info:
    return Info(
        event=block.text("event") or "",
        category=block.list_texts("category"),
        language=block.text("language") or DEFAULT_LANGUAGE,
        response_types=block.list_texts("responseType"),
        urgency=block.text("urgency") or "Unknown",
        severity=block.text("severity") or "Unknown",
        certainty=block.text("certainty") or "Unknown",
        audience=block.text("audience"),
        event_codes=block.pairs("eventCode"),
        effective_at=_time(block, "effective", faults),
        onset_at=_time(block, "onset", faults),
        expires_at=_time(block, "expires", faults),
        sender_name=block.text("senderName"),
        headline=block.text("headline"),
        description=block.text("description"),
        instruction=block.text("instruction"),
        web=block.text("web"),
        contact=block.text("contact"),
        parameters=block.pairs("parameter"),
        resources=tuple(_resource(resource, faults) for resource in block.blocks.get("resource", ())),
        areas=tuple(_area(area, faults) for area in block.blocks.get("area", ())),
    )


def _resource(block: Block, faults: Faults) -> Resource:
    size = block.text("size")
    if size is not None and not re.fullmatch(r"[0-9]{1,15}", size, re.ASCII):
        faults.error("size.value", f"{block.path}/size", "size must be a whole number of bytes, not negative")
        size = None
    return Resource(
        description=block.text("resourceDesc") or "",
        mime_type=block.text("mimeType") or "",
        size=int(size) if size else None,
        uri=block.text("uri"),
        deref_uri=block.text("derefUri"),
        digest=block.text("digest"),
    )


def _area(block: Block, faults: Faults) -> Area:
    polygons = (_polygon(text, path, faults) for text, path in block.texts.get("polygon", ()))
    circles = (_circle(text, path, faults) for text, path in block.texts.get("circle", ()))
    return Area(
        description=block.text("areaDesc") or "",
        polygons=tuple(polygon for polygon in polygons if polygon),
        circles=tuple(circle for circle in circles if circle),
        geocodes=block.pairs("geocode"),
        altitude=_number(block, "altitude", faults),
        ceiling=_number(block, "ceiling", faults),
    )


def _polygon(text: str, path: str, faults: Faults) -> tuple[Position, ...] | None:
    pairs = text.split()
    if len(pairs) > 2 and faults.lenient and _point(pairs[0]) != _point(pairs[-1]):
        faults.forgivable("polygon.unclosed", path, "the polygon is not closed; it was closed at its first point")
        pairs.append(pairs[0])
    try:
        return tuple(parse_cap_polygon(" ".join(pairs)))
    except ShapeFault as fault:
        _tell("polygon", path, fault, faults)
        return None


def _circle(text: str, path: str, faults: Faults) -> Circle | None:
    try:
        return parse_cap_circle(" ".join(text.split()))
    except ShapeFault as fault:
        _tell("circle", path, fault, faults)
        return None


def _tell(name: str, path: str, fault: ShapeFault, faults: Faults) -> None:
    for one in fault.faults:
        faults.error(f"{name}.{one.type}", path, one.message)


def _point(pair: str) -> tuple[float, ...] | str:
    try:
        return tuple(float(number) for number in pair.split(","))
    except ValueError:
        return pair


def _time(block: Block, name: str, faults: Faults) -> datetime | None:
    text, path = block.text(name), f"{block.path}/{name}"
    if text is None:
        return None
    at = _instant(text)
    if at is None:
        faults.error(f"{name}.value", path, f"{name} must be a time with offset, such as 2026-01-31T18:05:00-08:00")
    elif not DATE.fullmatch(text):
        faults.forgivable(f"{name}.form", path, f"{name} must be written with seconds and a numeric offset, not Z")
    return at


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _number(block: Block, name: str, faults: Faults) -> float | None:
    text = block.text(name)
    try:
        number = float(text) if text else None
    except ValueError:
        number = math.nan
    if number is not None and not math.isfinite(number):
        faults.error(f"{name}.value", f"{block.path}/{name}", f"{name} must be a number (feet above sea level)")
        return None
    return number


def _references(block: Block, faults: Faults) -> tuple[Reference, ...]:
    found = []
    for triple in (block.text("references") or "").split():
        parts = triple.split(",")
        at = _instant(parts[2]) if len(parts) == 3 else None
        if at is None or not all(parts):
            said = "each reference is sender,identifier,sent without spaces"
            faults.error("references.form", f"{block.path}/references", said)
        else:
            found.append(Reference(parts[0], parts[1], at))
    return tuple(found)


def _listed(text: str | None) -> tuple[str, ...]:
    """Values between spaces, those with spaces in double quotes (CAP 1.2 section 3.2.1, addresses)."""
    return tuple(quoted or plain for quoted, plain in QUOTED.findall(text or ""))
