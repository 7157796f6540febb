"""The officers' pages: the list of alerts, one alert with its area, reach and delivery, and the decisions on it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from markupsafe import Markup

from alerts import reading
from alerts.agencies import Officer
from alerts.api.access import OFFICER, GatedRoute, Given, SignedIn, rule
from alerts.errors import Conflict, LookoutError, NotAllowed
from alerts.pages import alert_view, area_page, delivery, frame, render
from alerts.pages.public import PHOTO_TYPES, photo_name
from alerts.reports import AlertView
from alerts.service import decide, end, repeating
from alerts.service import reach as reaching
from alerts.services import Services
from notifiers.eligibility import Reach
from notifiers.transactions import reading as reading_from

router = APIRouter(include_in_schema=False, route_class=GatedRoute)

Note = Annotated[str, Form(max_length=2000)]
SAID = {
    "submitted": "Submitted. A second officer must approve it before anything is sent.",
    "draft": "Kept as a draft.",
    "approved": "Approved. It is being sent now.",
    "returned": "Returned to its author.",
    "rejected": "Rejected.",
    "ended": "Ended. Everyone who was told is being told that it is over.",
    "repeated": "Repeated. It takes the place of the old notification, without sound.",
    "replayed": "This was submitted before; nothing was changed.",
}
_SHOWN = 100
_NO_NOTE = "Write what should be changed, or why it is rejected."


@router.get("/console")
@rule(OFFICER)
def show_list(services: Given, officer: SignedIn) -> Response:
    """The agency's alerts: what waits, what is in force, what is over."""
    found = alert_view.groups(reading.list_alerts(services, officer, limit=_SHOWN))
    return render.page("console_list.html", **frame.values(services, officer, "/console", "Alerts", groups=found))


@router.get("/console/alerts/{alert_id}")
@rule(OFFICER)
def show_alert(alert_id: str, request: Request, services: Given, officer: SignedIn) -> Response:
    """One alert, and what this officer may do with it."""
    said = SAID.get(request.query_params.get("done", ""))
    return alert_page(services, officer, reading.get_alert(services, officer, alert_id), said=said)


@router.get("/console/alerts/{alert_id}/live.json")
@rule(OFFICER)
def live(alert_id: str, services: Given, officer: SignedIn) -> Response:
    """The numbers of its delivery, as the page shows them."""
    panels = _panels(services, officer, alert_id)
    return JSONResponse(delivery.live(panels, services.clock()), headers={"cache-control": "no-store"})


@router.get("/console/alerts/{alert_id}/photo/{name}")
@rule(OFFICER)
def photo(alert_id: str, name: str, services: Given, officer: SignedIn) -> Response:
    """A photo of an alert of the officer's agency, approved or not."""
    number, size, form = photo_name(name)
    content = reading.officer_photo(services, officer, alert_id, number, size, form)
    return Response(content, media_type=PHOTO_TYPES[form], headers={"cache-control": "no-store"})


@router.post("/console/alerts/{alert_id}/approve")
@rule(OFFICER)
def approve(
    alert_id: str,
    services: Given,
    officer: SignedIn,
    content_hash: Annotated[str, Form()],
    reach: Annotated[int, Form()],
) -> Response:
    """Exactly what was on the page, for the number of people that was on it."""
    try:
        decide.approve(services, officer, alert_id, content_hash, reach=reach)
    except (Conflict, NotAllowed) as fault:
        return _not_done(services, officer, alert_id, fault)
    return _done(alert_id, "approved")


@router.post("/console/alerts/{alert_id}/return")
@rule(OFFICER)
def return_(alert_id: str, services: Given, officer: SignedIn, note: Note = "") -> Response:
    """Back to its author, with a reason."""
    return _turn_down(services, officer, alert_id, note, back=True)


@router.post("/console/alerts/{alert_id}/reject")
@rule(OFFICER)
def reject(alert_id: str, services: Given, officer: SignedIn, note: Note = "") -> Response:
    """No, for good, with a reason."""
    return _turn_down(services, officer, alert_id, note, back=False)


@router.post("/console/alerts/{alert_id}/repeat")
@rule(OFFICER)
def repeat(alert_id: str, services: Given, officer: SignedIn) -> Response:
    """The same once more, silently: one person, one step."""
    try:
        left = repeating.repeat(services, officer, alert_id)
    except Conflict as fault:
        return _not_done(services, officer, alert_id, fault)
    return _done(left.id, "repeated")


@router.post("/console/alerts/{alert_id}/cancel")
@rule(OFFICER)
def cancel(alert_id: str, services: Given, officer: SignedIn) -> Response:
    """The search is over: one person, one step."""
    try:
        end.cancel(services, officer, alert_id)
    except Conflict as fault:
        return _not_done(services, officer, alert_id, fault)
    return _done(alert_id, "ended")


def alert_page(services: Services, officer: Officer, view: AlertView, **more: Any) -> Response:
    """The page of one alert; `more`: said, or stray faults, faults by field, the entered area."""
    reach = _reach(services, view)
    panels = _panels(services, officer, view.row.id)
    faults = more.get("faults", {})
    entered = area_page.fields(more.get("entered", {}), faults)
    shown = {
        **alert_view.values(view, reach),
        "map": _map(services, view),
        "delivery": panels,
        "expected": delivery.expected_words(reaching.expect(services, reach)) if reach else "",
        "shape": delivery.shape(panels),
        "keys": delivery.KEYS,
        "columns": delivery.COLUMNS,
        "said": None,
        "stray": (),
        "summary": [(name, message) for name, messages in faults.items() for message in messages],
        "heading": "This was not done",
        "enlarging": "entered" in more,
        "area_fields": entered,
        "faults": faults,
    } | {name: value for name, value in more.items() if name in {"said", "stray"}}
    title = shown["headline"]
    status = 422 if faults else 409 if shown["stray"] else 200
    return render.page("console_alert.html", status=status, **frame.values(services, officer, "", title, **shown))


def _turn_down(services: Services, officer: Officer, alert_id: str, note: str, *, back: bool) -> Response:
    if not note.strip():
        view = reading.get_alert(services, officer, alert_id)
        return alert_page(services, officer, view, faults={"note": [_NO_NOTE]})
    try:
        (decide.return_ if back else decide.reject)(services, officer, alert_id, note.strip())
    except (Conflict, NotAllowed) as fault:
        return _not_done(services, officer, alert_id, fault)
    return _done(alert_id, "returned" if back else "rejected")


def _not_done(services: Services, officer: Officer, alert_id: str, fault: LookoutError) -> Response:
    """The page anew, with the reason on top and the alert as it stands now."""
    reason = str(fault)
    view = reading.get_alert(services, officer, alert_id)
    return alert_page(services, officer, view, stray=[reason[:1].upper() + reason[1:] + "."])


def _done(alert_id: str, what: str) -> Response:
    return RedirectResponse(f"/console/alerts/{alert_id}?done={what}", 303)


def _panels(services: Services, officer: Officer, alert_id: str) -> list[delivery.Panel]:
    return [delivery.panel(found) for found in reading.deliveries(services, officer, alert_id)]


def _reach(services: Services, view: AlertView) -> Reach | None:
    """Whom it would reach now, where that is still to be decided."""
    if view.area is None or view.row.state not in alert_view.WAITING:
        return None
    with reading_from(services.engine) as connection:
        return reaching.count(services, connection, view.area, view.row.status)


def _map(services: Services, view: AlertView) -> Markup | None:
    last_seen = view.public.last_seen if view.public else None
    return area_page.map_of(services, view.area, last_seen) if view.area else None
