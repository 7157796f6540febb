"""/v1/alerts: submit, look, check. What changes an alert that exists stands in `alerts.api.changes`."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from alerts import reading
from alerts.api.access import OFFICER, SUBMITTER, Given, SignedIn, rule
from alerts.api.answers import AlertDetail, AlertOut, SubmissionOut
from alerts.api.conditions import tagged
from alerts.api.deliveries import DeliveryOut
from alerts.api.documents import READ, WRITE, Bytes, Document, document_body
from alerts.api.verdicts import ReachOut, VerdictOut
from alerts.api.wire import ReachIn, StrictRoute
from alerts.problems import Policy
from alerts.service import judging, reach, submit

router = APIRouter(prefix="/v1", tags=["alerts"], route_class=StrictRoute)

CAP = "application/cap+xml"
ProfileName = Literal["ipaws", "cap-cp", "cap-au", "google"]


@router.post("/alerts", status_code=201, responses=WRITE, openapi_extra=document_body())
@rule(SUBMITTER)
def submit_alert(
    document: Document, officer: SignedIn, services: Given, response: Response, *, draft: bool = False
) -> SubmissionOut:
    """Submit an AMBER record (JSON) or a CAP 1.2 message for another officer's approval.

    The same CAP message (sender, identifier, sent) again changes nothing: 200 and `replayed`. A CAP Update or Cancel
    goes to the alert that it references.
    """
    left = submit.submit(services, officer, document, draft=draft)
    response.status_code = 200 if left.replayed else 201
    response.headers["Location"] = f"/v1/alerts/{left.id}"
    tagged(response, left.tag)
    return SubmissionOut.of(left, services.settings.base_url)


@router.get("/alerts", responses=READ)
@rule(OFFICER)
def list_alerts(officer: SignedIn, services: Given, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> list[AlertOut]:
    """The alerts of your agency, newest first."""
    rows = reading.list_alerts(services, officer, limit=limit)
    return [AlertOut.of(row, services.settings.base_url) for row in rows]


@router.get("/alerts/{alert_id}", responses=READ)
@rule(OFFICER)
def get_alert(alert_id: str, officer: SignedIn, services: Given, response: Response) -> AlertDetail:
    """One message with its area, what is to be said about it, and what you may do with it. Its ETag is for If-Match."""
    view = reading.get_alert(services, officer, alert_id)
    tagged(response, view.tag)
    return AlertDetail.seen(view, services.settings.base_url)


@router.get(
    "/alerts/{alert_id}/cap", responses={**READ, 200: {"content": {CAP: {}}, "description": "The CAP 1.2 message"}}
)
@rule(OFFICER)
def get_cap(alert_id: str, officer: SignedIn, services: Given) -> Response:
    """The message as CAP 1.2; 404 once the child's data is gone."""
    return Response(reading.cap_xml(services, officer, alert_id), media_type=CAP)


@router.get("/alerts/{alert_id}/delivery", responses=READ)
@rule(OFFICER)
def get_delivery(alert_id: str, officer: SignedIn, services: Given) -> list[DeliveryOut]:
    """How the notices of this alert's incident are being delivered, newest first."""
    return [DeliveryOut.of(view) for view in reading.deliveries(services, officer, alert_id)]


@router.post("/reach", responses=WRITE)
@rule(OFFICER)
def preview_reach(asked: ReachIn, officer: SignedIn, services: Given) -> ReachOut:
    """Whom an area would reach now, and what is wrong with it; nothing is stored."""
    found = reach.preview(services, asked.area, status=asked.status, programme=asked.programme, officer=officer)
    return ReachOut.of(found)


@router.post("/validate", responses=WRITE, openapi_extra=document_body())
@rule(OFFICER)
def validate_document(
    body: Bytes,
    request: Request,
    officer: SignedIn,
    services: Given,
    policy: Policy | None = None,
    profile: Annotated[list[ProfileName] | None, Query(max_length=8)] = None,
) -> VerdictOut:
    """Check a document, all faults at once, as `lookout validate` does; nothing is stored.

    A CAP message gets `outcome` and `problems` whatever its bytes. `policy`: core, import (as without it) or authority;
    `profile` may stand several times.
    """
    kind = request.headers.get("content-type", "")
    return VerdictOut.told(*judging.judge(services, officer, body, kind, judging.Asked(policy, profile or ())))
