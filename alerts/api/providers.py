"""/v1/operations/providers: the receivers that we send to (push services, relays, gateways): how each stands, its rate."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from alerts.api.access import OPERATOR, Given, SignedIn, rule
from alerts.api.documents import READ
from alerts.api.wire import StrictRoute, Wire, example
from alerts.service import operate

router = APIRouter(prefix="/v1/operations/providers", tags=["operations"], route_class=StrictRoute)

Name = Annotated[str, Field(min_length=1, max_length=255)]


class Provider(Wire):
    """A receiver. `rate_per_s` is an operator's limit for all workers together; none: our own default. `rests_until`
    and `why`: it failed, and is tried again then.
    """

    name: str
    channel: str
    rate_per_s: float | None
    rests_until: datetime | None
    why: str | None

    @classmethod
    def of(cls, row: Any) -> Provider:
        """Out of a row of `notifiers.origins.listed`."""
        return cls(
            name=row.name,
            channel=row.channel,
            rate_per_s=row.rate_per_s,
            rests_until=row.closed_until if row.rests else None,
            why=row.why if row.rests else None,
        )


class Throttle(Wire):
    """At most so many sends a second to this receiver; no rate: our own default again."""

    model_config = example(name="https://push.example:443", rate_per_s=500.0)

    name: Name
    rate_per_s: Annotated[float | None, Field(gt=0, le=1_000_000, allow_inf_nan=False)] = None


class Wake(Wire):
    """Which receiver rests no longer."""

    model_config = example(name="https://push.example:443")

    name: Name


@router.get("", responses=READ)
@rule(OPERATOR)
def list_providers(services: Given) -> list[Provider]:
    """Every receiver that anything was ever planned for, by name."""
    return [Provider.of(row) for row in operate.providers(services)]


@router.post("/throttle", status_code=204, responses=READ)
@rule(OPERATOR)
def throttle(asked: Throttle, operator: SignedIn, services: Given) -> Response:
    """All workers together keep to it from their next turn on."""
    operate.throttle(services, operator, asked.name, asked.rate_per_s)
    return Response(status_code=204)


@router.post("/wake", status_code=204, responses=READ)
@rule(OPERATOR)
def wake(asked: Wake, operator: SignedIn, services: Given) -> Response:
    """Its fault is mended: it rests no longer."""
    operate.wake(services, operator, asked.name)
    return Response(status_code=204)
