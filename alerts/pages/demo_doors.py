"""The demo's three doors: one press signs somebody who tries it in as one of the invented officers. In no other house."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select

from alerts import agencies, doors
from alerts.api.access import PUBLIC, GatedRoute, Given, rule
from alerts.errors import NotFound
from alerts.tables import officer
from notifiers.transactions import writing

router = APIRouter(include_in_schema=False, route_class=GatedRoute)

LINK_S = 60


@router.post("/demo/{who}")
@rule(PUBLIC)
def enter(who: str, services: Given) -> Response:
    """To a one-time link of this role's officer. NotFound in every house that is no demo."""
    found = doors.find(services.settings.data, sandbox=services.settings.sandbox)
    if found is None or who not in found.people:
        raise NotFound("no such door")
    with writing(services.engine) as connection:
        chosen = select(officer.c.id).where(officer.c.name == found.people[who], officer.c.disabled_at.is_(None))
        officer_id = connection.scalar(chosen.order_by(officer.c.id.desc()).limit(1))
        if officer_id is None:
            raise NotFound("no such door")
        token = agencies.issue_sign_in_link(connection, officer_id, services.clock(), LINK_S)
    return RedirectResponse(f"/signin/{token}", 303)
