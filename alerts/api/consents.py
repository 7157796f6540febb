"""/v1/consents: what an agency lets its neighbours do in its jurisdiction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response
from pydantic import Field

from alerts.api.access import APPROVER, OFFICER, Given, SignedIn, rule
from alerts.api.conditions import SeenState
from alerts.api.documents import CHANGE, READ, WRITE
from alerts.api.wire import ALERT_ID, SQUARE, StrictRoute, Wire, example
from alerts.consents import Consent
from alerts.service import neighbours, reach
from alerts.service.neighbours import Asked

router = APIRouter(prefix="/v1/consents", tags=["consents"], route_class=StrictRoute)


class ConsentIn(Wire):
    """To which agency (its code), for how many days; without `area` for the whole jurisdiction."""

    model_config = example(to="neighbour-so", days=7, area={"geojson": SQUARE})
    to: str = Field(min_length=1, max_length=32)
    days: int = Field(ge=1, le=neighbours.MOST_DAYS)
    area: dict[str, Any] | None = None


class ConsentOut(Wire):
    """One consent, given or received. `area` None: the whole jurisdiction of who gave it."""

    model_config = example(
        id=ALERT_ID, by_agency="Neighbour Sheriff's Office", to_agency="Example Police", area=None,
        given_at="2026-05-01T12:00:00Z", expires_at="2026-05-08T12:00:00Z", revoked_at=None, counts=True, etag="0123456789abcdef",
    )  # fmt: skip
    id: str
    by_agency: str
    to_agency: str
    area: dict[str, Any] | None
    given_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    counts: bool
    etag: str = Field(description="For If-Match, in quotes, when you revoke it.")

    @classmethod
    def of(cls, one: Consent, now: datetime) -> ConsentOut:
        return cls(
            id=one.id,
            by_agency=one.by_agency,
            to_agency=one.to_agency,
            area=one.area.to_geojson() if one.area else None,
            given_at=one.given_at,
            expires_at=one.expires_at,
            revoked_at=one.revoked_at,
            counts=one.counts(now),
            etag=one.tag,
        )


class Given201(Wire):
    """The new consent's id."""

    model_config = example(id=ALERT_ID)
    id: str


@router.get("", responses=READ)
@rule(OFFICER)
def list_consents(officer: SignedIn, services: Given) -> list[ConsentOut]:
    """What your agency gave and was given, the newest first."""
    return [ConsentOut.of(one, services.clock()) for one in neighbours.list_own(services, officer)]


@router.post("", status_code=201, responses=WRITE)
@rule(APPROVER)
def give_consent(asked: ConsentIn, officer: SignedIn, services: Given) -> Given201:
    """Let a neighbour send alerts into your jurisdiction, or an area of it. It is logged, ends, and can be revoked."""
    area = reach.place(services, reach.read_blocks(services, asked.area)) if asked.area is not None else None
    return Given201(id=neighbours.give(services, officer, Asked(asked.to, area, asked.days)))


@router.delete("/{consent_id}", status_code=204, responses=CHANGE)
@rule(APPROVER)
def revoke_consent(consent_id: str, officer: SignedIn, services: Given, seen: SeenState) -> Response:
    """From now on nothing is approved on it. If-Match: its `etag` as it was listed, or `*`."""
    neighbours.revoke(services, officer, consent_id, seen)
    return Response(status_code=204)
