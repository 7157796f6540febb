"""What people saw, for the officers of the alert's agency: opened here, marked as read by whom, until when it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Response
from fastapi.responses import JSONResponse, RedirectResponse
from markupsafe import Markup

from alerts import reading
from alerts.api.access import OFFICER, GatedRoute, Given, SignedIn, rule
from alerts.pages import frame, render
from alerts.pages.alert_view import line
from alerts.pages.map import around, draw
from alerts.pages.map.svg import Captions
from alerts.service import tips
from alerts.service.tips import Read
from alerts.services import Services
from geo.shapes import Shape

router = APIRouter(include_in_schema=False, route_class=GatedRoute)

TITLE = "What people saw"
Show = Annotated[str, Query(max_length=8)]
Before = Annotated[str, Query(max_length=16)]


@router.get("/console/alerts/{alert_id}/tips")
@rule(OFFICER)
def show(alert_id: str, services: Given, officer: SignedIn, show: Show = "", before: Before = "") -> Response:
    """All of them, or those that nobody has marked as read, the newest first; `before`: those older than this one. That
    they were opened is logged.
    """
    view = reading.get_alert(services, officer, alert_id)
    found = tips.look(services, officer, alert_id, unread=show == "unread", before=before)
    shown = {
        "at": f"/console/alerts/{alert_id}",
        "headline": line(view.row).headline,
        "exercise": view.row.status != "Actual",
        "tips": found,
        "unread_only": show == "unread",
        "numbers": {one.row.reference: number for number, one in enumerate(_marked(found.found), start=1)},
        "map": _map(services, view.area, found.found),
        "older": found.found[-1].row.reference if len(found.found) == tips.MOST else "",
    }
    return render.page("console_tips.html", **frame.values(services, officer, "", TITLE, **shown))


@router.get("/console/alerts/{alert_id}/tips/live.json")
@rule(OFFICER)
def live(alert_id: str, services: Given, officer: SignedIn) -> Response:
    """How many there are, and how many nobody has marked as read; nothing of them."""
    counted = tips.counted(services, officer, alert_id)
    told = {"all": counted.all, "unread": counted.unread}
    return JSONResponse(told, headers={"cache-control": "no-store"})


@router.post("/console/alerts/{alert_id}/tips/{reference}/read")
@rule(OFFICER)
def mark(
    alert_id: str,
    reference: Annotated[str, Path(max_length=16)],
    services: Given,
    officer: SignedIn,
    show: Annotated[str, Form(max_length=8)] = "",
) -> Response:
    """Read, by this officer; whoever was first stays."""
    tips.mark_read(services, officer, alert_id, reference)
    again = "?show=unread" if show == "unread" else ""
    return RedirectResponse(f"/console/alerts/{alert_id}/tips{again}", 303)


def _marked(found: Sequence[Read]) -> list[Read]:
    """Those with a place on the map."""
    return [one for one in found if one.said and one.said.lon is not None and one.said.lat is not None]


def _map(services: Services, area: Shape | None, found: Sequence[Read]) -> Markup | None:
    """Where they saw it, by the number of the tip; with the search area while it is kept."""
    marks = [
        ((one.said.lon, one.said.lat), str(number))
        for number, one in enumerate(_marked(found), start=1)
        if one.said and one.said.lon is not None and one.said.lat is not None
    ]
    if not marks:
        return None
    captions = Captions("Map of where people saw something, by number")
    drawn = draw(area or Shape(), around(services.gazetteer), captions=captions, marks=marks)
    return Markup(drawn)  # noqa: S704 drawn by us, words in it escaped there
