"""CAP XML -> Alert. All faults at once, each with an XPath; whatever the bytes, there is an answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from alerts import cap_area
from alerts.cap_faults import Faults, shown
from alerts.cap_values import decoded, instant, listed
from alerts.cap_xml import Block, parse
from alerts.model import Alert, Area, Info, MsgType, Position, Reference, Resource, Status
from alerts.problems import Policy, Problem, Severity

if TYPE_CHECKING:
    from geo.circles import Circle

NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # stands in for a time that could not be read
DEFAULT_LANGUAGE = "en-US"  # CAP 1.2 section 3.2.2, language
MAX_SHAPES = 1_000  # polygons and circles of one message
MAX_KM2 = 20_000_000.0  # more than the largest country (`geo.faults`)
SAME = frozenset("0123456789")


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


def read(body: bytes, *, lenient: bool = False, policy: Policy | None = None) -> Reading:
    """Read a message. `lenient` is the policy import: faults that leave the meaning certain are warnings there."""
    faults = Faults(policy or (Policy.IMPORT if lenient else Policy.CORE))
    block = parse(body, faults)
    alert = _Builder(faults).alert(block) if block else None
    return Reading(alert, tuple(dict.fromkeys(faults.found)))


class _Builder:
    """Builds the alert from its blocks, and tells what single texts could not."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.shapes = 0

    def alert(self, block: Block) -> Alert:
        return Alert(
            identifier=block.text("identifier") or "",
            sender=block.text("sender") or "",
            sent_at=_time(block, "sent") or NEVER,
            status=Status(block.text("status") or Status.TEST),
            msg_type=MsgType(block.text("msgType") or MsgType.ALERT),
            scope=block.text("scope") or "Public",
            source=block.text("source"),
            restriction=block.text("restriction"),
            addresses=listed(block.text("addresses")),
            codes=block.list_texts("code"),
            note=block.text("note"),
            references=tuple(_references(block.text("references") or "")),
            incidents=listed(block.text("incidents")),
            infos=tuple(self._info(info) for info in block.blocks.get("info", ())),
            imported=True,
        )

    def _info(self, block: Block) -> Info:
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
            effective_at=_time(block, "effective"),
            onset_at=_time(block, "onset"),
            expires_at=_time(block, "expires"),
            sender_name=block.text("senderName"),
            headline=block.text("headline"),
            description=block.text("description"),
            instruction=block.text("instruction"),
            web=block.text("web"),
            contact=block.text("contact"),
            parameters=block.pairs("parameter"),
            resources=tuple(self._resource(resource) for resource in block.blocks.get("resource", ())),
            areas=self._areas(block),
        )

    def _resource(self, block: Block) -> Resource:
        uri, inside, size = block.text("uri"), block.text("derefUri"), block.text("size")
        if uri and "://" not in uri and "derefUri" not in block.given:
            said = f"uri is {shown(uri)}: a relative address names the content of derefUri, and there is none"
            self.faults.bent("uri-relative", f"{block.path}/cap:uri", said)
            uri = None
        if inside is not None:
            self._content(block, decoded(inside) or b"")
        return Resource(
            description=block.text("resourceDesc") or "",
            mime_type=block.text("mimeType") or "",
            size=int(size) if size else None,
            uri=uri,
            deref_uri=inside,
            digest=block.text("digest"),
        )

    def _content(self, block: Block, content: bytes) -> None:
        """What is said of the file inside is true of it."""
        size, digest = block.text("size"), block.text("digest")
        if size and int(size) != len(content):
            said = f"size says {size[:18]} bytes, and the file in derefUri has {len(content)}"
            self.faults.odd("size-mismatch", f"{block.path}/cap:size", said)
        if digest and digest.lower() != hashlib.sha1(content, usedforsecurity=False).hexdigest():
            self.faults.odd(
                "digest-mismatch", f"{block.path}/cap:digest", "digest is not the SHA-1 of the file in derefUri"
            )

    def _areas(self, block: Block) -> tuple[Area, ...]:
        past = block.text("urgency") == "Past" and self.faults.policy is Policy.CORE
        areas = tuple(self._area(area, past) for area in block.blocks.get("area", ()))
        rings = [ring for area in areas for ring in area.polygons]
        circles = [circle for area in areas for circle in area.circles]
        if len(rings) + len(circles) > 1 and cap_area.rough_km2(rings, circles) > MAX_KM2:
            said = "the areas together are larger than 20 million square km: an alert is for the people of a place"
            self.faults.error("area-too-large", block.path, said)
        return areas

    def _area(self, block: Block, past: bool) -> Area:
        self._heights(block)
        geocodes = block.pairs("geocode")
        for number, (name, value) in enumerate(geocodes, 1):
            if name.upper() == "SAME" and not (len(value) == 6 and SAME.issuperset(value)):
                said = f"geocode SAME is {shown(value)}: it has six digits, such as 006037"
                self.faults.odd("geocode-malformed", f"{block.path}/cap:geocode[{number}]", said)
        return Area(
            description=block.text("areaDesc") or "",
            polygons=tuple(self._polygons(block)),
            circles=tuple(self._circles(block, past)),
            geocodes=geocodes,
            altitude=_number(block, "altitude"),
            ceiling=_number(block, "ceiling"),
        )

    def _polygons(self, block: Block) -> Iterator[tuple[Position, ...]]:
        for text, path in block.texts.get("polygon", ()):
            found = cap_area.polygon(text, path, self.faults) if self._room(path) else None
            if found:
                yield found

    def _circles(self, block: Block, past: bool) -> Iterator[Circle]:
        for text, path in block.texts.get("circle", ()):
            found = cap_area.circle(text, path, self.faults, point_will_do=past) if self._room(path) else None
            if found:
                yield found

    def _room(self, path: str) -> bool:
        """Whether there is room for one more shape: what is past it is not looked at."""
        self.shapes += 1
        if self.shapes == MAX_SHAPES + 1:
            said = f"there are more than {MAX_SHAPES} polygons and circles: leave the smallest out"
            self.faults.error("area-too-many-shapes", path, said)
        return self.shapes <= MAX_SHAPES

    def _heights(self, block: Block) -> None:
        """CAP 1.2 section 3.2.4: ceiling must not be used without altitude."""
        low, high = _number(block, "altitude"), _number(block, "ceiling")
        path = f"{block.path}/cap:ceiling"
        if high is not None and low is None and "altitude" not in block.given:
            self.faults.bent("ceiling-without-altitude", path, "there is a ceiling and no altitude: say both")
        elif high is not None and low is not None and high < low:
            self.faults.error(
                "ceiling-below-altitude", path, f"the ceiling ({high:g} feet) is below the altitude ({low:g})"
            )


def _time(block: Block, name: str) -> datetime | None:
    text = block.text(name)
    return instant(text) if text else None


def _number(block: Block, name: str) -> float | None:
    text = block.text(name)
    return float(text) if text else None


def _references(text: str) -> Iterator[Reference]:
    for triple in text.split():
        parts = triple.split(",")
        at = instant(parts[2]) if len(parts) == 3 else None
        if at is not None and all(parts):
            yield Reference(parts[0], parts[1], at)
