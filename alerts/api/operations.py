"""/v1/operations: how deliveries stand, pause and resume. Operators see nothing of a child here."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from alerts.api.access import OPERATOR, Given, SignedIn, rule
from alerts.api.deliveries import DeliveryOut
from alerts.api.documents import READ
from alerts.service import operate

router = APIRouter(prefix="/v1/operations", tags=["operations"])


@router.get("/notices", responses=READ)
@rule(OPERATOR)
def list_notices(services: Given, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> list[DeliveryOut]:
    """The newest notices: counts by channel, rates, latency, failures with their reasons."""
    return [DeliveryOut.of(view) for view in operate.operations(services, limit=limit)]


@router.post("/notices/{notice_id}/pause", status_code=204, responses=READ)
@rule(OPERATOR)
def pause(notice_id: int, operator: SignedIn, services: Given) -> Response:
    """Nothing of it leaves until it is resumed."""
    operate.pause(services, operator, notice_id)
    return Response(status_code=204)


@router.post("/notices/{notice_id}/resume", status_code=204, responses=READ)
@rule(OPERATOR)
def resume(notice_id: int, operator: SignedIn, services: Given) -> Response:
    """Go on: also with a notice that was held for a person to look at."""
    operate.resume(services, operator, notice_id)
    return Response(status_code=204)
