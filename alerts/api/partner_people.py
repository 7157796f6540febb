"""Partner platforms enrol their own people, one by one: an app's users with the tokens of their phones."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from alerts import enrolment_body
from alerts.api.access import PARTNER, Calling, GatedRoute, Given, rule
from alerts.api.documents import problems
from alerts.api.place_answers import PartnerPersonOut
from alerts.service import partner_people

router = APIRouter(tags=["partners"], route_class=GatedRoute)

BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}, "example": dict(enrolment_body.EXAMPLE)}},
    }
}


@router.post(
    "/v1/people",
    status_code=201,
    response_model=PartnerPersonOut,
    responses={200: {"model": PartnerPersonOut}, **problems(400, 401, 403, 408, 409, 413, 422)},
    openapi_extra=BODY,
)
@rule(PARTNER)
async def enrol(request: Request, partner: Calling, services: Given) -> Response:
    """One of your people, with the token of their phone (`fcm`, `apns` or both) and the consent it rests on. 200 for one
    who was known and is brought up to date; `token` is theirs alone, told once: with it they move, read their inbox, leave.
    """
    done = await run_in_threadpool(partner_people.enrol, services, partner, await request.body())
    answer = PartnerPersonOut(
        id=done.public_id, token=done.token or None, radius_m=done.radius_m, refused=list(done.refused)
    )
    return JSONResponse(answer.model_dump(), 200 if done.known else 201)
