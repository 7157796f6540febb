"""Recipients' own routes: sign up, move, leave, one-click unsubscribe (RFC 8058), and finding a place by name."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import HTMLResponse

from alerts.api.access import PUBLIC, RECIPIENT, Given, Recipient, rule
from alerts.api.answers import EnrolledOut, PlaceOut
from alerts.api.documents import READ, WRITE, problems
from alerts.api.limits import throttled
from alerts.api.place_answers import OwnPlaceOut
from alerts.api.wire import FollowedNumber, Kind, Location, SignUpIn, StrictRoute
from alerts.service import people, places

router = APIRouter(tags=["people"], route_class=StrictRoute)

CONFIRM = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Unsubscribe</title><h1>No more alerts?</h1>
<p>You will not be told about missing children near you any more, at this address.</p>
<form method="post"><button>Unsubscribe</button></form></html>"""
GONE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Unsubscribed</title><h1>You are unsubscribed</h1><p>Nothing more will be sent to this address.</p></html>"""
FORM_POLICY = {"Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'"}


@router.post(
    "/v1/recipients",
    status_code=201,
    dependencies=[Depends(throttled)],
    responses=problems(400, 409, 413, 422, 429),
)
@rule(PUBLIC)
def sign_up(asked: SignUpIn, services: Given) -> EnrolledOut:
    """Sign up to be told of missing children near a place. The place is coarsened before it is stored."""
    done = people.subscribe(services, people.sign_up_from(asked.model_dump()))
    return EnrolledOut(id=done.public_id, token=done.token, radius_m=done.radius_m, refused=list(done.refused))


@router.put("/v1/recipients/{recipient}/location", status_code=204, responses=WRITE)
@rule(RECIPIENT)
def move(recipient: str, to: Location, me: Recipient, services: Given) -> Response:
    """Where one of your places is now; overwrites what was stored of it. If an alert is active there, you are told."""
    people.must_be(services, me, recipient)
    places.move(services, me, to.lon, to.lat, to.kind, to.number)
    return Response(status_code=204)


@router.delete("/v1/recipients/{recipient}/location", status_code=204, responses=WRITE)
@rule(RECIPIENT)
def remove_place(
    recipient: str, me: Recipient, services: Given, kind: Kind = "home", number: FollowedNumber = 0
) -> Response:
    """One of your places is removed; with the last one you stay signed up, and nothing reaches you."""
    people.must_be(services, me, recipient)
    places.remove(services, me, kind, number)
    return Response(status_code=204)


@router.get("/v1/recipients/{recipient}/locations", responses=READ)
@rule(RECIPIENT)
def list_places(recipient: str, me: Recipient, services: Given) -> list[OwnPlaceOut]:
    """Your places as they are stored, coarse, and until when they count. The one that stands for you is the first."""
    people.must_be(services, me, recipient)
    return [OwnPlaceOut(**one._asdict()) for one in places.list_own(services, me)]


@router.delete("/v1/recipients/{recipient}", status_code=204, responses=READ)
@rule(RECIPIENT)
def leave(recipient: str, me: Recipient, services: Given) -> Response:
    """Leave for good: everything about you is removed, and your addresses are not taken again."""
    people.must_be(services, me, recipient)
    people.leave(services, me)
    return Response(status_code=204)


@router.get("/u/{token}", response_class=HTMLResponse, include_in_schema=False)
@rule(PUBLIC)
def confirm_unsubscribe(token: str, services: Given) -> HTMLResponse:
    """Asks first: mail scanners follow links, and must not unsubscribe anyone."""
    people.read_link(services, token)
    return HTMLResponse(CONFIRM, headers=FORM_POLICY)


@router.post("/u/{token}", response_class=HTMLResponse, dependencies=[Depends(throttled)], responses=problems(404, 429))
@rule(PUBLIC)
def unsubscribe(token: str, services: Given) -> HTMLResponse:
    """One-click unsubscribe (RFC 8058): no sign-in, no body needed; again is fine."""
    people.unsubscribe(services, token)
    return HTMLResponse(GONE, headers=FORM_POLICY)


@router.get("/v1/places", responses=problems(422))
@rule(PUBLIC)
def find_places(
    q: Annotated[str, Query(min_length=2, max_length=80)],
    services: Given,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> list[PlaceOut]:
    """Counties and states by name or code."""
    return [PlaceOut(code=code, name=name) for code, name in services.gazetteer.search(q, limit)]
