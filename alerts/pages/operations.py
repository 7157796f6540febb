"""The operator's screen, live: every notice on its way, receivers, workers; pause, resume, recall, throttle."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from alerts import board as boards
from alerts.api.access import OPERATOR, GatedRoute, Given, RowId, SignedIn, rule
from alerts.pages import board_view, delivery, frame, looks, render
from alerts.pages.feed import Feed, encoded
from alerts.pulse import series
from alerts.service import operate
from alerts.services import Services
from notifiers.transactions import reading

router = APIRouter(include_in_schema=False, route_class=GatedRoute)

SHOWN = 20  # the newest notices; older ones are history
Name = Annotated[str, Form(min_length=1, max_length=255)]
Rate = Annotated[float | None, Form(gt=0, le=1_000_000, allow_inf_nan=False)]


@router.get("/operations")
@rule(OPERATOR)
def show(services: Given, operator: SignedIn) -> Response:
    """All that is being delivered, held or done, newest first; receivers and workers."""
    board, points = _look(services), services.pulse.points()
    panels = [delivery.panel(view) for view in board.deliveries]
    values = {
        "notices": panels,
        "shape": _shape(board_view.shape(board, points), delivery.shape(panels)),
        "clock": delivery.clock(board.now),
        "keys": delivery.KEYS,
        "columns": delivery.COLUMNS,
        **board_view.page(board, points),
    }
    return render.page("operations.html", **frame.values(services, operator, "/operations", "Operations", **values))


@router.get("/operations/live.json")
@rule(OPERATOR)
def live(request: Request, services: Given) -> Response:
    """The numbers of the page, as it shows them, for whoever cannot have the stream."""
    content = _feed(request, services).now()["look"]
    return Response(content, media_type="application/json", headers={"cache-control": "no-store"})


@router.get("/operations/live.events")
@rule(OPERATOR)
async def events(request: Request, services: Given) -> StreamingResponse:
    """The same as server-sent events, with the series of the charts."""
    feed = _feed(request, services)
    if feed.watchers >= services.settings.max_streams:
        raise HTTPException(503, "too many open streams", headers={"Retry-After": "10"})
    return StreamingResponse(feed.events(), media_type="text/event-stream", headers={"cache-control": "no-store"})


@router.post("/operations/notices/{notice_id}/pause")
@rule(OPERATOR)
def pause(notice_id: RowId, services: Given, operator: SignedIn) -> Response:
    """Nothing more of it leaves until it is resumed."""
    operate.pause(services, operator, notice_id)
    return RedirectResponse("/operations", 303)


@router.post("/operations/notices/{notice_id}/resume")
@rule(OPERATOR)
def resume(notice_id: RowId, services: Given, operator: SignedIn) -> Response:
    """It goes on; one that was held is released."""
    operate.resume(services, operator, notice_id)
    return RedirectResponse("/operations", 303)


@router.post("/operations/notices/{notice_id}/recall")
@rule(OPERATOR)
def recall(notice_id: RowId, services: Given, operator: SignedIn) -> Response:
    """The whole alert is over; whoever was told is told so."""
    operate.recall(services, operator, notice_id)
    return RedirectResponse("/operations", 303)


@router.post("/operations/providers/throttle")
@rule(OPERATOR)
def throttle(services: Given, operator: SignedIn, name: Name, rate: Rate = None) -> Response:
    """At most so many a second from now on; without a number our own default again."""
    operate.throttle(services, operator, name, rate)
    return RedirectResponse("/operations#providers", 303)


@router.post("/operations/providers/wake")
@rule(OPERATOR)
def wake(services: Given, operator: SignedIn, name: Name) -> Response:
    """It rests no longer."""
    operate.wake(services, operator, name)
    return RedirectResponse("/operations#providers", 303)


def _look(services: Services) -> boards.Board:
    with reading(services.engine) as connection:
        return boards.look(connection, SHOWN)


def _texts(services: Services) -> dict[str, str]:
    """What everybody who watches is told: one look, whoever they are."""
    board, points = _look(services), services.pulse.points()
    found = delivery.live([delivery.panel(view) for view in board.deliveries], board.now)
    found["values"] |= board_view.live(board, points)
    found["shape"] = _shape(board_view.shape(board, points), found["shape"])
    return {"look": encoded(found), "series": encoded(series(points, looks.CHANNELS))}


def _shape(*parts: str) -> str:
    return "-".join(parts)


def _feed(request: Request, services: Services) -> Feed:
    state = request.app.state
    if not hasattr(state, "operations_feed"):
        state.operations_feed = Feed(lambda: _texts(services))
    found: Feed = state.operations_feed
    return found
