"""/v1/alerts/{id}/...: what changes an alert that exists. Each says by If-Match which state of it was seen."""

from __future__ import annotations

from fastapi import APIRouter, Response

from alerts.api.access import APPROVER, OFFICER, SUBMITTER, Given, SignedIn, rule
from alerts.api.answers import DecisionOut, SubmissionOut
from alerts.api.conditions import SeenState, tagged
from alerts.api.documents import CHANGE, READ, Document, document_body
from alerts.api.prepared import LessOut, StepOut
from alerts.api.wire import Approval, AreaIn, LaterIn, LessIn, Remark, StrictRoute
from alerts.reports import Decision, Submission
from alerts.service import decide, end, reducing, repeating, steps, submit
from alerts.service.reducing import Less
from alerts.services import Services

router = APIRouter(prefix="/v1/alerts/{alert_id}", tags=["alerts"], route_class=StrictRoute)


@router.put("", responses=CHANGE, openapi_extra=document_body())
@rule(SUBMITTER)
def edit_alert(  # by name, as the framework gives them
    alert_id: str,
    document: Document,
    officer: SignedIn,
    services: Given,
    seen: SeenState,
    response: Response,
    *,
    draft: bool = False,
) -> SubmissionOut:
    """Replace an open message; who edits becomes one of its authors and may not approve it."""
    left = submit.edit(services, officer, alert_id, document, draft=draft, seen=seen)
    return _submission(left, services, response)


@router.post("/update", status_code=201, responses=CHANGE, openapi_extra=document_body())
@rule(SUBMITTER)
def update_alert(  # as above
    alert_id: str, document: Document, officer: SignedIn, services: Given, seen: SeenState, response: Response
) -> SubmissionOut:
    """Submit a new version of an alert in force: everyone is told what changed, once it is approved."""
    return _submission(submit.update(services, officer, alert_id, document, seen), services, response)


@router.post("/enlarge", status_code=201, responses=CHANGE)
@rule(SUBMITTER)
def enlarge_alert(  # as above
    alert_id: str, wider: AreaIn, officer: SignedIn, services: Given, seen: SeenState, response: Response
) -> SubmissionOut:
    """Submit a wider area for the same version: only those not told yet are told, once it is approved."""
    return _submission(submit.enlarge(services, officer, alert_id, wider.area, seen), services, response)


@router.post("/extend", status_code=201, responses=CHANGE)
@rule(SUBMITTER)
def extend_alert(  # as above
    alert_id: str, asked: LaterIn, officer: SignedIn, services: Given, seen: SeenState, response: Response
) -> SubmissionOut:
    """Submit the alert in force word for word until later: everyone in the area is told once, once it is approved."""
    return _submission(submit.extend(services, officer, alert_id, asked.expires_at, seen), services, response)


@router.post("/ask", responses=CHANGE)
@rule(SUBMITTER)
def ask_again(alert_id: str, officer: SignedIn, services: Given, seen: SeenState, response: Response) -> DecisionOut:
    """Ask for the approval of a draft, or again where nobody gave it within 15 minutes; the content stays. No body."""
    return _decision(submit.ask(services, officer, alert_id, seen), response)


@router.get("/steps", responses=READ)
@rule(OFFICER)
def list_steps(alert_id: str, officer: SignedIn, services: Given) -> list[StepOut]:
    """What you may do alone with the alert in force, each prepared: the request to send, and the words people then get."""
    return [StepOut.of(one) for one in steps.prepared(services, officer, alert_id)]


@router.post("/less", responses=CHANGE)
@rule(OFFICER)
def preview_less(alert_id: str, less: LessIn, officer: SignedIn, services: Given, seen: SeenState) -> LessOut:
    """What people would get if this were withdrawn, shrunk or shortened; nothing is stored."""
    return LessOut.of(reducing.prepare(services, officer, alert_id, _less(less), seen))


@router.post("/reduce", responses=CHANGE)
@rule(OFFICER)
def reduce_alert(
    alert_id: str, less: LessIn, officer: SignedIn, services: Given, seen: SeenState, response: Response
) -> DecisionOut:
    """Withdraw fields or photos, shrink the area, shorten the time: in force at once, by one person, silently.

    A message that waits for its decision is rejected: it was made from what is withdrawn. 422 for what adds anything.
    """
    return _decision(reducing.reduce(services, officer, alert_id, _less(less), seen), response)


@router.post("/repeat", responses=CHANGE)
@rule(OFFICER)
def repeat_alert(alert_id: str, officer: SignedIn, services: Given, seen: SeenState, response: Response) -> DecisionOut:
    """Say what is in force once more, word for word: it replaces the old notification without sound. One person, no body.

    Who was told before gets it only where it takes the old one's place (push); 409 before the programme's interval.
    """
    return _decision(repeating.repeat(services, officer, alert_id, seen), response)


@router.post("/approve", responses=CHANGE)
@rule(APPROVER)
def approve_alert(
    alert_id: str, approval: Approval, officer: SignedIn, services: Given, seen: SeenState, response: Response
) -> DecisionOut:
    """Approve what another officer submitted, exactly as you saw it; delivery begins at once."""
    left = decide.approve(
        services, officer, alert_id, approval.content_hash, reach=approval.reach, reason=approval.reason, seen=seen
    )
    return _decision(left, response)


@router.post("/return", responses=CHANGE)
@rule(APPROVER)
def return_alert(
    alert_id: str, remark: Remark, officer: SignedIn, services: Given, seen: SeenState, response: Response
) -> DecisionOut:
    """Give it back to its authors to be changed."""
    return _decision(decide.return_(services, officer, alert_id, remark.note, seen), response)


@router.post("/reject", responses=CHANGE)
@rule(APPROVER)
def reject_alert(
    alert_id: str, remark: Remark, officer: SignedIn, services: Given, seen: SeenState, response: Response
) -> DecisionOut:
    """Refuse it for good."""
    return _decision(decide.reject(services, officer, alert_id, remark.note, seen), response)


@router.post("/cancel", responses=CHANGE)
@rule(OFFICER)
def cancel_alert(alert_id: str, officer: SignedIn, services: Given, seen: SeenState, response: Response) -> DecisionOut:
    """End it now: one person, no area, no body. Everyone who was told is told that it is over. `If-Match: *` will do."""
    return _decision(end.cancel(services, officer, alert_id, seen), response)


def _less(asked: LessIn) -> Less:
    return Less(tuple(asked.withdraw), asked.area, asked.expires_at)


def _decision(left: Decision, response: Response) -> DecisionOut:
    tagged(response, left.tag)
    return DecisionOut.of(left)


def _submission(left: Submission, services: Services, response: Response) -> SubmissionOut:
    tagged(response, left.tag)
    return SubmissionOut.of(left, services.settings.base_url)
