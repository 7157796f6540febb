"""A person's quiet hours, read and written for the API and the page."""

from __future__ import annotations

import re

from alerts.errors import Refused
from alerts.model import Problem
from alerts.services import Services
from notifiers import quieting
from notifiers.quiet import QuietHours, known_zones
from notifiers.transactions import reading, writing

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def read(services: Services, recipient_id: int) -> QuietHours | None:
    with reading(services.engine) as connection:
        return quieting.read(connection, recipient_id)


def write(services: Services, recipient_id: int, hours: QuietHours | None) -> None:
    """What is planned from now on keeps to them; None: there are none any more."""
    with writing(services.engine) as connection:
        quieting.write(connection, recipient_id, hours)


def hours_from(starts: str, ends: str, zone: str) -> QuietHours:
    """From times of day as HH:MM and an IANA time zone; Refused with every fault."""
    first, last = _minute(starts), _minute(ends)
    faults = [
        Problem.error("quiet-time", f"/{name}", f"{name} must be a time of day, as 22:00")
        for name, minute in (("starts", first), ("ends", last))
        if minute is None
    ]
    if first is not None and first == last:
        faults.append(Problem.error("quiet-span", "/ends", "quiet hours must end before they begin again"))
    if zone not in known_zones():
        faults.append(Problem.error("quiet-zone", "/zone", "zone must be an IANA time zone, as Europe/Amsterdam"))
    if faults or first is None or last is None:
        raise Refused(faults)
    return QuietHours(first, last, zone)


def on_the_wall(minute: int) -> str:
    """HH:MM."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _minute(text: str) -> int | None:
    found = _TIME.fullmatch(text)
    return int(found[1]) * 60 + int(found[2]) if found else None
