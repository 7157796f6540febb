"""Consents in the console: given to a neighbour, received from one, revoked."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup
from pydantic import Field

from alerts.agencies import Officer
from alerts.api.access import APPROVER, GatedRoute, Given, SignedIn, rule
from alerts.errors import NotFound, Refused
from alerts.pages import area_form, area_page, form_page, frame, render
from alerts.service import neighbours, reach
from alerts.service.neighbours import Asked
from alerts.services import Services
from geo.shapes import Shape

router = APIRouter(include_in_schema=False, route_class=GatedRoute)


@router.get("/console/consents")
@rule(APPROVER)
def show(services: Given, officer: SignedIn) -> Response:
    """What was given and received."""
    return _page(services, officer)


class Consented(area_page.Entered):
    """To whom, for how long, and the area's fields: empty for the whole jurisdiction."""

    to: str = Field(max_length=32)
    days: int


@router.post("/console/consents")
@rule(APPROVER)
def give(services: Given, officer: SignedIn, asked: Annotated[Consented, Form()]) -> Response:
    """For the whole jurisdiction, unless an area was entered."""
    entered = asked.model_dump(include=set(area_form.FIELDS) | {"radius_unit"})
    entry = area_form.read(entered, services.gazetteer)
    if entry.faults:
        return _page(services, officer, faults=dict(entry.faults), entered=entered)
    try:
        area = reach.place(services, reach.read_blocks(services, entry.area)) if entry.area else None
        neighbours.give(services, officer, Asked(asked.to, area, asked.days))
    except Refused as refused:
        faults, stray = form_page.sorted_faults(refused.problems, {})
        stray = [*stray, *(text for texts in faults.values() for text in texts)]
        return _page(services, officer, stray=stray, entered=entered)
    return RedirectResponse("/console/consents", 303)


@router.post("/console/consents/{consent_id}/revoke")
@rule(APPROVER)
def revoke(consent_id: str, services: Given, officer: SignedIn) -> Response:
    """From now on nothing is approved on it."""
    neighbours.revoke(services, officer, consent_id)
    return RedirectResponse("/console/consents", 303)


def _page(services: Services, officer: Officer, **more: Any) -> Response:
    if officer.agency is None:
        raise NotFound("only people of an agency have neighbours")
    now, faults = services.clock(), more.get("faults", {})
    found = [one for one in neighbours.list_own(services, officer) if one.counts(now)]
    stray = more.get("stray", ())
    shown = {
        "given": [(one, _map(services, one.area)) for one in found if one.by_agency_id == officer.agency.id],
        "received": [(one, _map(services, one.area)) for one in found if one.by_agency_id != officer.agency.id],
        "others": neighbours.list_others(services, officer),
        "area_fields": area_page.fields(more.get("entered", {}), faults),
        "stray": stray,
    }
    status = 422 if stray or faults else 200
    values = frame.values(services, officer, "/console/consents", "Neighbours", **shown)
    return render.page("consents.html", status=status, **values)


def _map(services: Services, area: Shape | None) -> Markup | None:
    return area_page.map_of(services, area) if area else None
