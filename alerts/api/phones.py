"""Phones: a code to confirm one, and what the SMS gateway brings back, signed: replies and delivery reports."""

from __future__ import annotations

from xml.sax.saxutils import escape

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool

from alerts.api.access import PUBLIC, Given, rule
from alerts.api.documents import problems
from alerts.api.limits import throttled
from alerts.api.wire import CodeIn, StrictRoute
from alerts.outlets.sms import gateway_of
from alerts.receipts import Taken, record
from alerts.service import phones
from alerts.services import Services
from notifiers.channels.twilio import Form, is_signed, of_receipt, read_form

router = APIRouter(tags=["people"], route_class=StrictRoute)

XML = "application/xml"
SILENT = "<?xml version='1.0' encoding='UTF-8'?><Response/>"
SAYING = "<?xml version='1.0' encoding='UTF-8'?><Response><Message>{words}</Message></Response>"


@router.post(
    "/v1/phones/codes",
    status_code=202,
    dependencies=[Depends(throttled)],
    responses=problems(400, 409, 413, 422, 429),
)
@rule(PUBLIC)
def send_code(asked: CodeIn, request: Request, services: Given) -> Response:
    """A code of six digits by SMS, good for ten minutes and five tries: sign up with `phone` and `phone_code`."""
    phones.send_code(services, asked.phone, asked.language, request.client.host if request.client else "")
    return Response(status_code=202)


@router.post("/v1/sms/incoming", include_in_schema=False)
@rule(PUBLIC)
async def hear(request: Request, services: Given) -> Response:
    """What people write back. STOP in any language is obeyed at once."""
    said = dict(await signed_form(request, services))
    answer = await run_in_threadpool(phones.hear, services, said.get("From", ""), said.get("Body", ""))
    return Response(SILENT if answer is None else SAYING.format(words=escape(answer)), media_type=XML)


@router.post("/v1/receipts/sms/{seal}", include_in_schema=False)
@rule(PUBLIC)
async def report(seal: str, request: Request, services: Given) -> Response:
    """What became of a message. 204 whatever it says, so that nobody repeats it; 404 for a seal that is not ours."""
    outcome = of_receipt(await signed_form(request, services))
    if outcome is not None:
        taken = await run_in_threadpool(record, services.engine, services.vault, seal, outcome, services.clock())
        if taken is Taken.FORGED:
            raise HTTPException(404, "there is no such message")
    return Response(status_code=204)


async def signed_form(request: Request, services: Services) -> Form:
    """The fields that the gateway sent to exactly this address of ours; 403 for anybody else."""
    gateway = gateway_of(services.settings)
    url = services.settings.base_url + request.url.path + (f"?{request.url.query}" if request.url.query else "")
    try:
        form = read_form(await request.body())
    except ValueError:
        raise HTTPException(400, "this is no form") from None
    said = request.headers.get("x-twilio-signature", "")
    if gateway is None or not is_signed(gateway.token, url, form, said):
        raise HTTPException(403, "this is not signed by our gateway")
    return form
