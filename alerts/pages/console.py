"""The officers' pages: the list of alerts, one alert with its area, reach and delivery, and the decisions on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import AwareDatetime, Json

from alerts import reading
from alerts.agencies import Officer, Role
from alerts.api.access import APPROVER, OFFICER, SUBMITTER, GatedRoute, Given, SignedIn, rule
from alerts.errors import Changed, Conflict, LookoutError, NotAllowed, Refused
from alerts.incident import State
from alerts.pages import alert_facts as facts
from alerts.pages import (
    alert_view,
    area_page,
    delivery,
    drawing,
    frame,
    kept_forms,
    meanwhile,
    render,
    versions,
)
from alerts.pages.meanwhile import Looked, SeenText
from alerts.pages.public import photo_name
from alerts.pages.rack import PHOTO_TYPES
from alerts.reports import AlertView
from alerts.service import countdown, decide, end, reducing, repeating, submit, tips
from alerts.service import reach as reaching
from alerts.service.decide import Yes
from alerts.service.reducing import Less
from alerts.services import Services

router = APIRouter(include_in_schema=False, route_class=GatedRoute)

Note = Annotated[str, Form(max_length=2000)]
SAID = {
    "submitted": "Submitted. A second officer must approve it before anything is sent.",
    "draft": "Kept as a draft.",
    "approved": "Approved. It is being sent now.",
    "stopped": "Stopped. Nothing of it was sent; it waits for its approval as before.",
    "returned": "Returned to its author.",
    "rejected": "Rejected.",
    "ended": "Ended. Everyone who was told is being told that it is over.",
    "asked": "A second officer is asked for. The request lapses after 15 minutes.",
    "reduced": "Done. It takes the place of the old notification, without sound.",
    "repeated": "Repeated. It takes the place of the old notification, without sound.",
    "replayed": "This was submitted before; nothing was changed.",
}
_SHOWN = 100
AreaFields = tuple[Mapping[str, str], Mapping[str, Sequence[str]]]  # values and faults
SHRINK = "shrink-"  # before the ids of the second area form on the page
_NO_NOTE = "Write what should be changed, or why it is rejected."


@router.get("/console")
@rule(OFFICER)
def show_list(services: Given, officer: SignedIn) -> Response:
    """The agency's alerts: what waits, what is in force, what is over."""
    rows = reading.list_alerts(services, officer, limit=_SHOWN)
    found = {"groups": alert_view.groups(rows), "unread": tips.unread(services, rows)}
    kept = kept_forms.offers_new(services, officer) if officer.may(Role.SUBMIT) else ()
    shown = frame.values(services, officer, "/console", "Alerts", kept=kept, **found)
    return render.page("console_list.html", **shown)


@router.get("/console/alerts/{alert_id}")
@rule(OFFICER)
def show_alert(alert_id: str, request: Request, services: Given, officer: SignedIn) -> Response:
    """One alert, and what this officer may do with it."""
    view, what = reading.get_alert(services, officer, alert_id), request.query_params.get("done", "")
    if what == "counting":  # its page comes again by itself, when the time is over
        what = "approved" if view.row.state == State.ACTIVE else ""
    left = request.query_params.get("copy", "")
    found = kept_forms.area_found(services, officer, left, view) if left else {}
    return alert_page(services, officer, view, said=SAID.get(what), **found)


@router.get("/console/alerts/{alert_id}/live.json")
@rule(OFFICER)
def live(alert_id: str, services: Given, officer: SignedIn) -> Response:
    """The numbers of its delivery, as the page shows them."""
    panels = facts.panels(services, officer, alert_id)
    return JSONResponse(delivery.live(panels, services.clock()), headers={"cache-control": "no-store"})


@router.get("/console/alerts/{alert_id}/photo/{name}")
@rule(OFFICER)
def photo(alert_id: str, name: str, services: Given, officer: SignedIn) -> Response:
    """A photo of an alert of the officer's agency, approved or not."""
    number, size, form = photo_name(name)
    content = reading.officer_photo(services, officer, alert_id, number, size, form)
    return Response(content, media_type=PHOTO_TYPES[form], headers={"cache-control": "no-store"})


@router.post("/console/alerts/{alert_id}/approve")
@rule(APPROVER)
def approve(
    alert_id: str,
    services: Given,
    officer: SignedIn,
    content_hash: Annotated[str, Form()],
    reach: Annotated[int, Form()],
    reason: Note = "",
    seen: SeenText = "",
) -> Response:
    """Exactly what was on the page, for the number of people that was on it."""
    looked, why = meanwhile.read(seen), reason.strip()
    try:
        yes = Yes(content_hash, reach, why or None, looked.seen)
        counts = services.settings.countdown_s > 0
        (countdown.begin if counts else decide.let_go)(services, officer, alert_id, yes)
    except Refused as refused:
        view = reading.get_alert(services, officer, alert_id)
        said = [problem.message[:1].upper() + problem.message[1:] + "." for problem in refused.problems]
        return alert_page(services, officer, view, faults={"reason": said}, typed={"reason": why})
    except (Changed, Conflict, NotAllowed) as fault:
        return not_done(services, officer, alert_id, fault, looked, reason=why)
    return done(alert_id, "counting" if counts else "approved")


@router.post("/console/alerts/{alert_id}/stop")
@rule(OFFICER)
def stop(alert_id: str, services: Given, officer: SignedIn) -> Response:
    """An approval that is counted down is not let go: one person, whatever was seen."""
    try:
        countdown.stop(services, officer, alert_id)
    except Conflict as fault:
        return not_done(services, officer, alert_id, fault, Looked())
    return done(alert_id, "stopped")


@router.post("/console/alerts/{alert_id}/return")
@rule(APPROVER)
def return_(alert_id: str, services: Given, officer: SignedIn, note: Note = "", seen: SeenText = "") -> Response:
    """Back to its author, with a reason."""
    return _turn_down(services, officer, alert_id, note, seen, back=True)


@router.post("/console/alerts/{alert_id}/reject")
@rule(APPROVER)
def reject(alert_id: str, services: Given, officer: SignedIn, note: Note = "", seen: SeenText = "") -> Response:
    """No, for good, with a reason."""
    return _turn_down(services, officer, alert_id, note, seen, back=False)


@router.post("/console/alerts/{alert_id}/ask")
@rule(SUBMITTER)
def ask(alert_id: str, services: Given, officer: SignedIn, seen: SeenText = "") -> Response:
    """A second officer is asked for (again)."""
    looked = meanwhile.read(seen)
    try:
        submit.ask(services, officer, alert_id, looked.seen)
    except (Changed, Conflict) as fault:
        return not_done(services, officer, alert_id, fault, looked)
    return done(alert_id, "asked")


@router.post("/console/alerts/{alert_id}/reduce")
@rule(OFFICER)
def reduce(
    alert_id: str,
    services: Given,
    officer: SignedIn,
    seen: SeenText = "",
    withdraw: Annotated[list[str] | None, Form()] = None,
    expires_at: Annotated[AwareDatetime | None, Form()] = None,
    area: Annotated[Json[dict[str, Any]] | None, Form(max_length=2_000)] = None,
) -> Response:
    """Less, as it was prepared on the page, of the state that it showed: later, the same place may hold another photo."""
    looked, less = meanwhile.read(seen), Less(tuple(withdraw or ()), area, expires_at)
    try:
        left = reducing.reduce(services, officer, alert_id, less, looked.seen)
    except (Changed, Conflict, Refused, NotAllowed) as fault:
        return not_done(services, officer, alert_id, fault, looked)
    return done(left.id, "reduced")


@router.post("/console/alerts/{alert_id}/repeat")
@rule(OFFICER)
def repeat(alert_id: str, services: Given, officer: SignedIn, seen: SeenText = "") -> Response:
    """The same once more, silently: one person, one step."""
    looked = meanwhile.read(seen)
    try:
        left = repeating.repeat(services, officer, alert_id, looked.seen)
    except (Changed, Conflict) as fault:
        return not_done(services, officer, alert_id, fault, looked)
    return done(left.id, "repeated")


@router.post("/console/alerts/{alert_id}/cancel")
@rule(OFFICER)
def cancel(alert_id: str, services: Given, officer: SignedIn, seen: SeenText = "") -> Response:
    """The search is over: one person, one step, whatever happened to it meanwhile. `seen`: of what was not on the air
    yet; approved meanwhile, it is not ended by who only meant to withdraw it.
    """
    looked = meanwhile.read(seen)
    try:
        end.cancel(services, officer, alert_id, looked.seen if seen else None)
    except (Changed, Conflict) as fault:
        return not_done(services, officer, alert_id, fault, looked)
    return done(alert_id, "ended")


def alert_page(services: Services, officer: Officer, view: AlertView, **more: Any) -> Response:
    """The page of one alert; `more`: said, or stray faults, faults by field, what was typed, what happened meanwhile."""
    reach = facts.reach(services, officer, view)
    panels = facts.panels(services, officer, view.row.id)
    faults = more.get("faults", {})
    shrinking = bool(more.get("shrinking"))
    typed: AreaFields = (more.get("entered", {}), faults)
    empty: AreaFields = ({}, {})
    larger, smaller = (empty, typed) if shrinking else (typed, empty)
    shown = {
        **alert_view.values(view, reach),
        "map": facts.area_map(services, view),
        "delivery": panels,
        "expected": delivery.expected_words(reaching.expect(services, reach)) if reach else "",
        "shape": delivery.shape(panels),
        "keys": delivery.KEYS,
        "columns": delivery.COLUMNS,
        "differs": versions.against(services, officer, view.row.id) if view.change else None,
        "counting": countdown.find(services, officer, view.row.id),
        "tips": tips.counted(services, officer, view.row.id),
        "seen": meanwhile.written(view),
        "meanwhile": (),
        "typed": {},
        "steps": facts.less(services, officer, view),
        "correctable": facts.correctable(services, view),
        "reason_needed": "reason" in faults or facts.needs_reason(services, officer, view, reach),
        "kept": kept_forms.offers_of(services, officer, view),
        "said": None,
        "stray": (),
        "summary": [
            ((SHRINK if shrinking else "") + name, message) for name, messages in faults.items() for message in messages
        ],
        "heading": "This was not done",
        "enlarging": "entered" in more and not shrinking,
        "shrinking": shrinking,
        "keeps_larger": kept_forms.keeps("enlarge", larger[0], more.get("since")),
        "keeps_smaller": kept_forms.keeps("shrink", smaller[0], more.get("since")),
        "area_fields": area_page.fields(*larger, bounds=drawing.bounds_of(officer)),
        "shrink_fields": area_page.fields(*smaller, SHRINK, drawing.bounds_of(officer)),
        "faults": faults,
    } | {name: value for name, value in more.items() if name in {"said", "stray", "meanwhile", "typed"}}
    title = shown["headline"]
    status = 422 if faults else 409 if shown["stray"] else 200
    return render.page("console_alert.html", status=status, **frame.values(services, officer, "", title, **shown))


def _turn_down(services: Services, officer: Officer, alert_id: str, note: str, seen: str, *, back: bool) -> Response:
    if not note.strip():
        view = reading.get_alert(services, officer, alert_id)
        return alert_page(services, officer, view, faults={"note": [_NO_NOTE]})
    looked = meanwhile.read(seen)
    try:
        (decide.return_ if back else decide.reject)(services, officer, alert_id, note.strip(), looked.seen)
    except (Changed, Conflict, NotAllowed) as fault:
        return not_done(services, officer, alert_id, fault, looked, note=note.strip())
    return done(alert_id, "returned" if back else "rejected")


def not_done(
    services: Services, officer: Officer, alert_id: str, fault: LookoutError, looked: Looked, **typed: str
) -> Response:
    """The page anew: why, what happened meanwhile and by whom, the alert as it stands now, and what was typed."""
    told = meanwhile.told(services, officer, alert_id, looked)
    view = reading.get_alert(services, officer, alert_id)
    return alert_page(services, officer, view, stray=[meanwhile.sentence(fault)], meanwhile=told, typed=typed)


def done(alert_id: str, what: str) -> Response:
    """To the page of the alert, which says what was done."""
    return RedirectResponse(f"/console/alerts/{alert_id}?done={what}", 303)
