"""More time for an alert in force, in one prepared step."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Response

from alerts import reading
from alerts.api.access import SUBMITTER, GatedRoute, Given, SignedIn, rule
from alerts.errors import Changed, Conflict, Refused
from alerts.pages import meanwhile
from alerts.pages.console import done, not_done
from alerts.pages.meanwhile import SeenText
from alerts.service import submit

router = APIRouter(include_in_schema=False, route_class=GatedRoute)


@router.post("/console/alerts/{alert_id}/extend")
@rule(SUBMITTER)
def extend(
    alert_id: str, services: Given, officer: SignedIn, hours: Annotated[int, Form(ge=1, le=48)], seen: SeenText = ""
) -> Response:
    """So many hours more than it has now, word for word, for a second officer to approve."""
    looked, view = meanwhile.read(seen), reading.get_alert(services, officer, alert_id)
    try:
        until = (view.row.expires_at or services.clock()) + timedelta(hours=hours)
        left = submit.extend(services, officer, alert_id, until, looked.seen)
    except (Changed, Conflict, Refused) as fault:
        return not_done(services, officer, alert_id, fault, looked)
    return done(left.id, "asked")
