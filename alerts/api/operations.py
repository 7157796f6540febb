"""/v1/operations: how deliveries stand; pause, resume, recall, send again. Operators see nothing of a child here."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from alerts.api.access import OPERATOR, Given, RowId, SignedIn, rule
from alerts.api.deliveries import DeadLettersOut, DeliveryOut
from alerts.api.documents import READ
from alerts.api.wire import StrictRoute, Wire, example
from alerts.service import operate

router = APIRouter(prefix="/v1/operations", tags=["operations"], route_class=StrictRoute)


@router.get("/notices", responses=READ)
@rule(OPERATOR)
def list_notices(services: Given, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> list[DeliveryOut]:
    """The newest notices: counts by channel, rates, latency, failures with their reasons."""
    return [DeliveryOut.of(view) for view in operate.operations(services, limit=limit)]


@router.post("/notices/{notice_id}/pause", status_code=204, responses=READ)
@rule(OPERATOR)
def pause(notice_id: RowId, operator: SignedIn, services: Given) -> Response:
    """Nothing of it leaves until it is resumed."""
    operate.pause(services, operator, notice_id)
    return Response(status_code=204)


@router.post("/notices/{notice_id}/resume", status_code=204, responses=READ)
@rule(OPERATOR)
def resume(notice_id: RowId, operator: SignedIn, services: Given) -> Response:
    """Go on: also with a notice that was held for a person to look at."""
    operate.resume(services, operator, notice_id)
    return Response(status_code=204)


@router.post("/notices/{notice_id}/recall", status_code=204, responses=READ)
@rule(OPERATOR)
def recall(notice_id: RowId, operator: SignedIn, services: Given) -> Response:
    """The whole alert of this notice is over, as when its agency cancels it; whoever was told is told so."""
    operate.recall(services, operator, notice_id)
    return Response(status_code=204)


class Requeue(Wire):
    """Which dead letters to send again: exactly this reason; without channel or origin, of all of them."""

    model_config = example(reason="413", channel="web_push", origin="https://push.example:443")

    reason: Annotated[str, Field(min_length=1, max_length=64)]
    channel: Annotated[str | None, Field(max_length=16)] = None
    origin: Annotated[str | None, Field(max_length=255)] = None


class Requeued(Wire):
    """How many wait again; asked a second time: 0."""

    count: int


@router.get("/notices/{notice_id}/dead-letters", responses=READ)
@rule(OPERATOR)
def list_dead_letters(
    notice_id: RowId,
    services: Given,
    reason: Annotated[str, Query(max_length=64)] = "",
    channel: Annotated[str, Query(max_length=16)] = "",
    origin: Annotated[str, Query(max_length=255)] = "",
) -> list[DeadLettersOut]:
    """What is not going to be tried again, by channel, origin and reason; `reason` and `origin` may be parts."""
    _notice, found = operate.dead_letters(services, notice_id, reason=reason, channel=channel, origin=origin)
    return [DeadLettersOut.of(one) for one in found]


@router.post("/notices/{notice_id}/requeue", responses=READ)
@rule(OPERATOR)
def requeue(notice_id: RowId, asked: Requeue, operator: SignedIn, services: Given) -> Requeued:
    """Refused and given up ones wait to be sent again, while the alert lives. Gone and in doubt ones never do."""
    count = operate.requeue(services, operator, notice_id, asked.reason, channel=asked.channel, origin=asked.origin)
    return Requeued(count=count)
