"""The operator's page: every notice on its way, live; pause and resume."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, RedirectResponse

from alerts.api.access import OPERATOR, Given, SignedIn, rule
from alerts.pages import delivery, frame, render
from alerts.reports import DeliveryView
from alerts.service import operate
from alerts.services import Services

router = APIRouter(include_in_schema=False)

SHOWN = 20  # the newest notices; older ones are history


@router.get("/operations")
@rule(OPERATOR)
def show(services: Given, operator: SignedIn) -> Response:
    """All that is being delivered, held or done, newest first."""
    panels, now = _panels(services), services.clock()
    values = {
        "notices": panels,
        "shape": delivery.shape(panels),
        "clock": delivery.clock(now),
        "keys": delivery.KEYS,
        "columns": delivery.COLUMNS,
    }
    return render.page("operations.html", **frame.values(services, operator, "/operations", "Operations", **values))


@router.get("/operations/live.json")
@rule(OPERATOR)
def live(services: Given) -> Response:
    """The numbers of the page, as it shows them."""
    return JSONResponse(delivery.live(_panels(services), services.clock()), headers={"cache-control": "no-store"})


@router.post("/operations/notices/{notice_id}/pause")
@rule(OPERATOR)
def pause(notice_id: int, services: Given, operator: SignedIn) -> Response:
    """Nothing more of it leaves until it is resumed."""
    operate.pause(services, operator, notice_id)
    return RedirectResponse("/operations", 303)


@router.post("/operations/notices/{notice_id}/resume")
@rule(OPERATOR)
def resume(notice_id: int, services: Given, operator: SignedIn) -> Response:
    """It goes on; one that was held is released."""
    operate.resume(services, operator, notice_id)
    return RedirectResponse("/operations", 303)


def _panels(services: Services) -> list[delivery.Panel]:
    views: Sequence[DeliveryView] = operate.operations(services, limit=SHOWN)
    return [delivery.panel(view) for view in views]
