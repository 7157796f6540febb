"""Recipients' own routes: sign up, move, leave, and finding a place by name."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from alerts.api.access import PUBLIC, RECIPIENT, Given, Recipient, rule
from alerts.api.answers import EnrolledOut, PlaceOut
from alerts.api.documents import READ, WRITE, problems
from alerts.api.limits import throttled
from alerts.api.own_settings import ClassesIn, LanguagesIn, SettingsOut
from alerts.api.place_answers import OwnPlaceOut
from alerts.api.quiet_hours import QuietHoursIn, QuietHoursOut
from alerts.api.wire import FollowedNumber, Kind, Location, SignUpIn, StrictRoute
from alerts.service import people, places, quieting, refusing, tongues

router = APIRouter(tags=["people"], route_class=StrictRoute)


@router.post(
    "/v1/recipients",
    status_code=201,
    dependencies=[Depends(throttled)],
    responses=problems(400, 409, 413, 422, 429),
)
@rule(PUBLIC)
def sign_up(asked: SignUpIn, request: Request, services: Given) -> EnrolledOut:
    """Sign up to be told of missing children near a place. The place is coarsened before it is stored.

    A browser (`push`) counts once the token of its test notification (`echo`) was posted to `/push/heard`.
    """
    client = request.client.host if request.client else ""
    done = people.subscribe(services, people.sign_up_from(asked.model_dump()), client)
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


@router.get("/v1/recipients/{recipient}/quiet-hours", responses=READ)
@rule(RECIPIENT)
def read_quiet_hours(recipient: str, me: Recipient, services: Given) -> QuietHoursOut:
    """At which hours you are not to be woken; all null: at none."""
    people.must_be(services, me, recipient)
    return QuietHoursOut.of(quieting.read(services, me))


@router.put("/v1/recipients/{recipient}/quiet-hours", status_code=204, responses=WRITE)
@rule(RECIPIENT)
def set_quiet_hours(recipient: str, asked: QuietHoursIn, me: Recipient, services: Given) -> Response:
    """An alert that comes then waits silently in your inbox; you are told when they end, if it still holds. Not held
    back: the end of what you were told of, and an alert close to you where the danger is imminent.
    """
    people.must_be(services, me, recipient)
    quieting.write(services, me, quieting.hours_from(asked.starts, asked.ends, asked.zone))
    return Response(status_code=204)


@router.delete("/v1/recipients/{recipient}/quiet-hours", status_code=204, responses=READ)
@rule(RECIPIENT)
def end_quiet_hours(recipient: str, me: Recipient, services: Given) -> Response:
    """You are told at any hour again."""
    people.must_be(services, me, recipient)
    quieting.write(services, me, None)
    return Response(status_code=204)


@router.get("/v1/recipients/{recipient}/settings", responses=READ)
@rule(RECIPIENT)
def read_settings(recipient: str, me: Recipient, services: Given) -> SettingsOut:
    """Which classes of alerts you are told of, and your languages in order."""
    people.must_be(services, me, recipient)
    return SettingsOut(classes=list(refusing.wanted(services, me)), languages=list(tongues.read(services, me)))


@router.put("/v1/recipients/{recipient}/classes", status_code=204, responses=WRITE)
@rule(RECIPIENT)
def choose_classes(recipient: str, asked: ClassesIn, me: Recipient, services: Given) -> Response:
    """You are told of these classes alone, from the next alert on. Of an alert that you were told of you hear the end."""
    people.must_be(services, me, recipient)
    refusing.want(services, me, asked.classes)
    return Response(status_code=204)


@router.put("/v1/recipients/{recipient}/languages", status_code=204, responses=WRITE)
@rule(RECIPIENT)
def choose_languages(recipient: str, asked: LanguagesIn, me: Recipient, services: Given) -> Response:
    """Each alert comes in the first of these that its authority wrote it in."""
    people.must_be(services, me, recipient)
    tongues.write(services, me, asked.languages)
    return Response(status_code=204)


@router.delete("/v1/recipients/{recipient}", status_code=204, responses=READ)
@rule(RECIPIENT)
def leave(recipient: str, me: Recipient, services: Given) -> Response:
    """Leave for good: everything about you is removed, and your addresses are not taken again."""
    people.must_be(services, me, recipient)
    people.leave(services, me)
    return Response(status_code=204)


@router.get("/v1/places", responses=problems(422))
@rule(PUBLIC)
def find_places(
    q: Annotated[str, Query(min_length=2, max_length=80)],
    services: Given,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> list[PlaceOut]:
    """Counties and states by name or code."""
    return [PlaceOut(code=code, name=name) for code, name in services.gazetteer.search(q, limit)]
