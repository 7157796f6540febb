"""What people saw, for the agency's case system: opened, or as boxes where the agency alone holds the key."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Query, Response
from pydantic import Field

from alerts.api.access import OFFICER, Given, SignedIn, rule
from alerts.api.documents import READ
from alerts.api.wire import StrictRoute, Wire
from alerts.service import tips

router = APIRouter(prefix="/v1", tags=["alerts"], route_class=StrictRoute)


class SaidOut(Wire):
    """What somebody wrote. `lon`, `lat`: tapped on a map (WGS 84); `contact` empty: anonymous."""

    what: str
    where: str
    when: str
    contact: str
    lon: float | None
    lat: float | None
    language: str


class TipOut(Wire):
    """One tip. `said` is null where the house cannot open it; then `box` is what `lookout tips open` opens."""

    reference: str
    created_at: datetime
    read_by: str | None
    read_at: datetime | None
    said: SaidOut | None
    box: str | None = Field(description="RFC 9180 (HPKE), in base64.")

    @classmethod
    def of(cls, found: tips.Read) -> Self:
        row = found.row
        said = SaidOut(**{name: getattr(found.said, name) for name in SaidOut.model_fields}) if found.said else None
        box = base64.b64encode(found.box).decode() if found.box else None
        return cls(
            reference=row.reference, created_at=row.created_at, read_by=row.read_by, read_at=row.read_at, said=said, box=box
        )  # fmt: skip


class TipsOut(Wire):
    """The newest first, 500 at most; `?before=` the reference of the last tells the older ones. `alert` and `agency` are what boxes are bound to."""

    alert: str
    agency: str
    deleted_at: datetime | None = Field(description="When they are deleted; null while the search is not closed.")
    tips: list[TipOut]


@router.get("/alerts/{alert_id}/tips", responses=READ)
@rule(OFFICER)
def list_tips(
    alert_id: str,
    services: Given,
    officer: SignedIn,
    response: Response,
    before: Annotated[str, Query(max_length=16)] = "",
) -> TipsOut:
    """What people wrote that they saw. Who asked for it is in the log of acts."""
    found = tips.look(services, officer, alert_id, before=before)
    response.headers["cache-control"] = "no-store"
    alert, agency = found.bound_to
    return TipsOut(alert=alert, agency=agency, deleted_at=found.goes_at, tips=[TipOut.of(one) for one in found.found])
