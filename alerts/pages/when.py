"""/inbox/when: the quiet hours of who this browser belongs to. Whole without script, which only names the time zone."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from alerts.api import access
from alerts.api.access import PUBLIC, Given, rule
from alerts.errors import Refused
from alerts.pages import frame, reader, render
from alerts.pages.frame import language_of
from alerts.pages.reader import who
from alerts.pages.words import words
from alerts.service import quieting
from alerts.service.languages import spoken
from alerts.services import Services
from notifiers.quiet import known_zones

router = APIRouter(include_in_schema=False)

_FAULTS = {"/starts": ("starts", "when_time"), "/ends": ("ends", "when_time"), "/zone": ("zone", "when_zone_wrong")}


class Hours(BaseModel):
    """The form as it was sent."""

    of: str = Field("", max_length=64)
    starts: str = Field("", max_length=5)
    ends: str = Field("", max_length=5)
    zone: str = Field("", max_length=64)
    off: str = Field("", max_length=10)


@router.get("/inbox/when")
@rule(PUBLIC)
def show(request: Request, services: Given, done: str = "") -> Response:
    """What is set, or a night to begin with."""
    recipient_id = who(request, services)
    if recipient_id is None:
        return RedirectResponse("/subscribe", 303)
    hours = quieting.read(services, recipient_id)
    values = {"starts": "22:00", "ends": "07:00", "zone": ""}
    if hours is not None:
        starts, ends = quieting.on_the_wall(hours.starts), quieting.on_the_wall(hours.ends)
        values = {"starts": starts, "ends": ends, "zone": hours.zone}
    return _page(services, request, recipient_id, values, kept=hours is not None, done=done in {"set", "off"})


@router.post("/inbox/when")
@rule(PUBLIC)
def change(request: Request, services: Given, asked: Annotated[Hours, Form()]) -> Response:
    """Kept or given up, or the form again with every fault beside its field."""
    access.refuse_foreign_origin(request, services)
    recipient_id = reader.meant(request, services, asked.of)
    if recipient_id is None:
        return RedirectResponse("/inbox/when", 303)
    try:
        hours = None if asked.off else quieting.hours_from(asked.starts, asked.ends, asked.zone.strip())
    except Refused as refused:
        said = words(language_of(request, services), spoken(services))
        faults: dict[str, list[str]] = {}
        for problem in refused.problems:
            name, word = _FAULTS[problem.path]
            faults.setdefault(name, []).append(said["when_span" if problem.type == "quiet-span" else word])
        values = asked.model_dump(include={"starts", "ends", "zone"})
        return _page(services, request, recipient_id, values, faults=faults, kept=False)
    quieting.write(services, recipient_id, hours)
    return RedirectResponse(f"/inbox/when?done={'off' if hours is None else 'set'}", 303)


def _page(services: Services, request: Request, recipient_id: int, values: dict[str, str], **more: Any) -> Response:
    language, faults = language_of(request, services), more.get("faults", {})
    said = words(language, spoken(services))
    shown = {
        "w": said,
        "of": reader.public_id_of(services, recipient_id),
        "values": values,
        "faults": faults,
        "zones": sorted(known_zones()),
        "kept": more["kept"],
        "done": more.get("done", False),
        "summary": [(name, message) for name, messages in faults.items() for message in messages],
    }
    page = frame.values(services, None, "", said["when"], **shown) | {"language": language}
    return render.page("when.html", status=422 if faults else 200, **page)
