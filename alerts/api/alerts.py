"""/v1/alerts: submit, look, decide, enlarge, update, cancel. Each route is one call of a service function."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from alerts import reading
from alerts.api.access import OFFICER, Given, SignedIn, rule
from alerts.api.answers import AlertDetail, AlertOut, DecisionOut, ReachOut, SubmissionOut
from alerts.api.deliveries import DeliveryOut
from alerts.api.documents import READ, WRITE, Document, document_body
from alerts.api.wire import Approval, AreaIn, ReachIn, Remark, StrictRoute
from alerts.service import decide, end, reach, repeating, submit

router = APIRouter(prefix="/v1", tags=["alerts"], route_class=StrictRoute)

CAP = "application/cap+xml"


@router.post("/alerts", status_code=201, responses=WRITE, openapi_extra=document_body())
@rule(OFFICER)
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
    return SubmissionOut.of(left, services.settings.base_url)


@router.get("/alerts", responses=READ)
@rule(OFFICER)
def list_alerts(officer: SignedIn, services: Given, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> list[AlertOut]:
    """The alerts of your agency, newest first."""
    rows = reading.list_alerts(services, officer, limit=limit)
    return [AlertOut.of(row, services.settings.base_url) for row in rows]


@router.get("/alerts/{alert_id}", responses=READ)
@rule(OFFICER)
def get_alert(alert_id: str, officer: SignedIn, services: Given) -> AlertDetail:
    """One message with its area, what is to be said about it, and what you may do with it."""
    return AlertDetail.seen(reading.get_alert(services, officer, alert_id), services.settings.base_url)


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


@router.put("/alerts/{alert_id}", responses=WRITE, openapi_extra=document_body())
@rule(OFFICER)
def edit_alert(
    alert_id: str, document: Document, officer: SignedIn, services: Given, *, draft: bool = False
) -> SubmissionOut:
    """Replace a draft, returned or pending message; who edits becomes one of its authors and may not approve it."""
    return SubmissionOut.of(submit.edit(services, officer, alert_id, document, draft=draft), services.settings.base_url)


@router.post("/alerts/{alert_id}/update", status_code=201, responses=WRITE, openapi_extra=document_body())
@rule(OFFICER)
def update_alert(alert_id: str, document: Document, officer: SignedIn, services: Given) -> SubmissionOut:
    """Submit a new version of an alert in force: everyone is told what changed, once it is approved."""
    return SubmissionOut.of(submit.update(services, officer, alert_id, document), services.settings.base_url)


@router.post("/alerts/{alert_id}/enlarge", status_code=201, responses=WRITE)
@rule(OFFICER)
def enlarge_alert(alert_id: str, wider: AreaIn, officer: SignedIn, services: Given) -> SubmissionOut:
    """Submit a wider area for the same version: only those not told yet are told, once it is approved."""
    return SubmissionOut.of(submit.enlarge(services, officer, alert_id, wider.area), services.settings.base_url)


@router.post("/alerts/{alert_id}/repeat", responses=WRITE)
@rule(OFFICER)
def repeat_alert(alert_id: str, officer: SignedIn, services: Given) -> DecisionOut:
    """Say what is in force once more, word for word: it replaces the old notification without sound. One person, no body.

    Who was told before gets it only where it takes the old one's place (push); 409 before the programme's interval.
    """
    return DecisionOut.of(repeating.repeat(services, officer, alert_id))


@router.post("/alerts/{alert_id}/approve", responses=WRITE)
@rule(OFFICER)
def approve_alert(alert_id: str, approval: Approval, officer: SignedIn, services: Given) -> DecisionOut:
    """Approve what another officer submitted, exactly as you saw it; delivery begins at once."""
    return DecisionOut.of(decide.approve(services, officer, alert_id, approval.content_hash, reach=approval.reach))


@router.post("/alerts/{alert_id}/return", responses=WRITE)
@rule(OFFICER)
def return_alert(alert_id: str, remark: Remark, officer: SignedIn, services: Given) -> DecisionOut:
    """Give it back to its authors to be changed."""
    return DecisionOut.of(decide.return_(services, officer, alert_id, remark.note))


@router.post("/alerts/{alert_id}/reject", responses=WRITE)
@rule(OFFICER)
def reject_alert(alert_id: str, remark: Remark, officer: SignedIn, services: Given) -> DecisionOut:
    """Refuse it for good."""
    return DecisionOut.of(decide.reject(services, officer, alert_id, remark.note))


@router.post("/alerts/{alert_id}/cancel", responses=WRITE)
@rule(OFFICER)
def cancel_alert(alert_id: str, officer: SignedIn, services: Given) -> DecisionOut:
    """End it now: one person, no area, no body. Everyone who was told is told that it is over."""
    return DecisionOut.of(end.cancel(services, officer, alert_id))


@router.post("/reach", responses=WRITE)
@rule(OFFICER)
def preview_reach(asked: ReachIn, officer: SignedIn, services: Given) -> ReachOut:
    """Whom an area would reach now, and what is wrong with it; nothing is stored."""
    return ReachOut.of(reach.preview(services, asked.area, status=asked.status, officer=officer))


@router.post("/validate", responses=WRITE, openapi_extra=document_body())
@rule(OFFICER)
def validate_document(document: Document, officer: SignedIn, services: Given) -> ReachOut:
    """Check a document as a submission would, all faults at once; nothing is stored."""
    return ReachOut.of(reach.check(services, officer, document))
