"""What is counted of the public page: visits by a marked link, and beacons for opened and shared; and the tokens that
shared links are marked with.

No cookie, no pixel, nothing of the visitor is kept: one more in a count of this hour (`notifiers.attention`).
"""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import PlainTextResponse

from alerts.api.access import PUBLIC, Given, rule
from alerts.api.limits import Throttle
from alerts.services import Services
from notifiers import attention, share_tokens

router = APIRouter(include_in_schema=False)

A_MINUTE = 120  # counts of one address in the network, which many may share; more are answered and not counted
Way = Annotated[str, Query(max_length=16)]


@router.post("/a/{token}/opened", status_code=204)
@rule(PUBLIC)
def opened(token: str, request: Request, services: Given, c: Way = "") -> Response:
    """Somebody tapped the notification."""
    count(request, services, token, attention.OPENED, c)
    return Response(status_code=204)


@router.post("/a/{token}/shared", status_code=204)
@rule(PUBLIC)
def shared(token: str, request: Request, services: Given, c: Way = "") -> Response:
    """Somebody shared the page."""
    count(request, services, token, attention.SHARED, c)
    return Response(status_code=204)


@router.post("/a/{token}/link")
@rule(PUBLIC)
def link(token: str, services: Given, c: Way = "") -> Response:
    """A token for the next link that is shared from this page, which was come to by `c`. Nothing of it is kept."""
    minted = share_tokens.mint(share_tokens.secret_of(services.vault), token, c)
    return PlainTextResponse(minted, headers={"cache-control": "no-store"})


def count(request: Request, services: Services, token: str, what: str, way: str) -> None:
    """One more, if it may be a person who has not looked all too often."""
    if attention.is_machine(request.headers):
        return
    state = request.app.state
    if not hasattr(state, "counted"):
        state.counted = Throttle(A_MINUTE)
    if state.counted.wait_s(request.client.host if request.client else "", time.monotonic()) == 0:
        meant = share_tokens.way_of(share_tokens.secret_of(services.vault), token, way)
        services.counts.add(token, what, meant, services.clock())
