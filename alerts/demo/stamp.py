"""A file becomes an exercise of today: sent now, the programme's expiry, status Exercise; all the rest is kept."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from alerts import cap, errors, intake, programme
from alerts.area import effective
from alerts.compose import UNKNOWN_SENDER
from alerts.model import Alert, Area, MsgType, Problem, Status
from alerts.settings import Settings
from geo import cities
from geo.places import Gazetteer
from geo.shapes import Circle, Shape

DEFAULT_FILE = Path(__file__).parents[2] / "fixtures" / "alerts" / "demo.json"
ABDUCTED_AGO = timedelta(hours=1, minutes=40)  # in the demo's own record, whose date is of no day


class Unusable(Exception):
    """The file cannot be played: not readable, refused, or its area cannot be placed. The text says all of why."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """What is posted, and the area it will be matched with."""

    body: bytes = field(repr=False)
    content_type: str
    area: Shape
    alert: Alert = field(repr=False)


def stamp(file: Path | None, now: datetime) -> Stamped:
    """The file (the demo's own record if None) as an exercise of `now`."""
    body = _read(file or DEFAULT_FILE)
    xml = body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    try:
        posted = _stamped_cap(body, now) if xml else _stamped_record(body, now, own=file is None)
        content_type = cap.CONTENT_TYPE if xml else "application/json"
        gazetteer = Gazetteer.load()
        taken = intake.read(posted, content_type, now=now, limits=Settings(), gazetteer=gazetteer)
    except errors.Refused as refused:
        raise Unusable(_lines("the file is refused", refused.problems)) from None
    placed = effective(taken.alert, gazetteer)
    if placed.shape is None or placed.shape.is_empty:
        raise Unusable(
            _lines("the area of this alert cannot be placed, so nobody can be chosen by it", placed.problems)
        )
    return Stamped(posted, content_type, placed.shape, taken.alert)


def wider(alert: Alert, more: Circle) -> dict[str, Any]:
    """The alert's area and a circle beside it, as the API takes it: the same parts, one more."""
    blocks = list(dict.fromkeys(_key(area) for info in alert.infos for area in info.areas))
    areas = [json.loads(block) for block in blocks]
    drawn = [geometry for area in areas for geometry in area["drawn"]]
    circles = [*(circle for area in areas for circle in area["circles"]), (more.lon, more.lat, more.radius_m)]
    told = dict.fromkeys(area.description for info in alert.infos[:1] for area in info.areas)
    parts: dict[str, Any] = {
        "description": f"{' '.join('; '.join(told).split())[:300]}; and {more.radius_m / 1000:g} km more near "
        f"{cities.nearest(more.lon, more.lat) or 'its edge'}",
        "same": [code for area in areas for code in area["codes"]],
        "circles": [{"lon": lon, "lat": lat, "radius_m": radius_m} for lon, lat, radius_m in circles],
    }
    if drawn:
        parts["geojson"] = {"type": "GeometryCollection", "geometries": drawn}
    return parts


def _key(area: Area) -> str:
    """One block's parts as text that compares; geocodes beside a drawn part only tell it again, coarser."""
    polygons = [{"type": "Polygon", "coordinates": [ring]} for ring in area.polygons]
    drawn = [*polygons, *([area.geometry] if area.geometry else [])]
    circles = [(circle.lon, circle.lat, circle.radius_m) for circle in area.circles]
    codes = [] if drawn or circles else [code for _, code in area.geocodes]
    return json.dumps({"drawn": drawn, "circles": circles, "codes": codes}, sort_keys=True)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Unusable(f"{file} cannot be read: {error.strerror}") from None


def _stamped_record(body: bytes, now: datetime, *, own: bool) -> bytes:
    try:
        record = json.loads(body)
    except (ValueError, RecursionError):
        raise Unusable("the file is neither JSON nor XML") from None
    if not isinstance(record, dict):
        raise Unusable("the file holds no AMBER record: JSON, but no object")
    kept = {name: value for name, value in record.items() if name not in {"sent_at", "expires_at"}}
    if own:
        kept["abduction"]["at"] = (now - ABDUCTED_AGO).isoformat(timespec="minutes")
    return json.dumps(kept | {"status": Status.EXERCISE.value}).encode()


def _stamped_cap(body: bytes, now: datetime) -> bytes:
    reading = cap.read(body, lenient=True)
    alert = reading.understood
    if alert is None:
        raise errors.Refused(reading.problems)
    sent_at = now.replace(microsecond=0)
    expires_at = sent_at + timedelta(seconds=programme.DEFAULT.default_expiry_s)
    infos = tuple(replace(i, effective_at=None, onset_at=None, expires_at=expires_at) for i in alert.infos)
    stamped = replace(
        alert, sent_at=sent_at, status=Status.EXERCISE, infos=infos, sender=alert.sender or UNKNOWN_SENDER
    )
    if alert.msg_type is MsgType.UPDATE:  # what it updates is not here: it is played as the first of its incident
        stamped = replace(stamped, msg_type=MsgType.ALERT, references=())
    if alert.msg_type in {MsgType.CANCEL, MsgType.ACK, MsgType.ERROR}:
        raise Unusable(f"the message is a CAP {alert.msg_type.value}: it has no area that could be placed")
    return cap.write(stamped)


def _lines(head: str, problems: tuple[Problem, ...]) -> str:
    return "\n".join([f"{head}:", *(f"  {problem.path or '/'}: {problem.message}" for problem in problems)])
