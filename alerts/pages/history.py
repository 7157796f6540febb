"""The operator's history: what became of alerts, as a page and as CSV; a review after each end. The public's report of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from alerts import audit, history, reviewing
from alerts.agencies import Officer
from alerts.api.access import OPERATOR, PUBLIC, GatedRoute, Given, SignedIn, Someone, rule
from alerts.errors import Conflict, NotFound
from alerts.history import Past
from alerts.pages import frame, render
from alerts.pages.measures import latency
from alerts.pages.render import number
from alerts.reviewing import OUTCOMES, PARTS
from alerts.services import Services
from notifiers.catalogues import ENGLISH, catalogue
from notifiers.latency import MARKS_S
from notifiers.transactions import reading, writing

router = APIRouter(include_in_schema=False, route_class=GatedRoute)

SHOWN = 50
EXPORTED = 5_000
Before = Annotated[int | None, Query(ge=1, le=2**31 - 1)]
Word = Annotated[str, Form(max_length=24)]


@router.get("/operations/history")
@rule(OPERATOR)
def show(services: Given, operator: SignedIn, before: Before = None) -> Response:
    """Alerts that were let go, the newest first."""
    with reading(services.engine) as connection:
        found = history.list_past(connection, before=before, limit=SHOWN)
    values = {"past": [row(one) for one in found], "more": found[-1].id if len(found) == SHOWN else None}
    return render.page("history.html", **frame.values(services, operator, "/operations", "History", **values))


@router.get("/operations/history.csv")
@rule(OPERATOR)
def export(services: Given) -> Response:
    """The same as CSV (RFC 4180), with all numbers."""
    with reading(services.engine) as connection:
        found = history.list_past(connection, limit=EXPORTED)
    text = io.StringIO()
    csv.writer(text).writerows([history.COLUMNS, *history.as_rows(found)])
    headers = {"content-disposition": 'attachment; filename="lookout-history.csv"', "cache-control": "no-store"}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/operations/history/{token}")
@rule(OPERATOR)
def show_review(token: str, services: Given, operator: SignedIn) -> Response:
    """One alert, and the form of its review."""
    with reading(services.engine) as connection:
        return _page(services, operator, _get(connection, token))


@router.post("/operations/history/{token}/review")
@rule(OPERATOR)
def keep(token: str, services: Given, operator: SignedIn, outcome: Word = "", part: Word = "") -> Response:
    """The review is kept, with reach and times as they stand now; a later one takes its place."""
    with writing(services.engine) as connection:
        past = _get(connection, token)
        if not past.over:
            raise Conflict("this alert is not over: a review comes after the end")
        wrong = [
            name for name, value, known in (("outcome", outcome, OUTCOMES), ("part", part, PARTS)) if value not in known
        ]
        if wrong:
            return _page(services, operator, past, chosen=(outcome, part), wrong=wrong)
        now = services.clock()
        history.keep_review(connection, past, outcome, part, officer_id=operator.id, now=now)
        audit.write(connection, audit.by_officer(operator.id), "review", now, incident_id=past.id)
    return RedirectResponse("/operations/history", 303)


@router.get("/transparency")
@rule(PUBLIC)
def transparency(request: Request, services: Given, officer: Someone) -> Response:
    """What anyone may know of the alerts that were sent and what came of them, by year."""
    language = ENGLISH if officer else frame.language_of(request, services)
    with reading(services.engine) as connection:
        years = history.reviewed_by_year(connection, actual=not services.settings.sandbox)
    reports = [reviewing.report(year, found, language) for year, found in years.items()]
    said = catalogue(language).said
    shown = {"w": said, "language": language, "reports": reports}
    return render.page("transparency.html", **frame.values(services, officer, "", said["report_title"], **shown))


def row(past: Past) -> dict[str, str | bool]:
    """A line of the history in words."""
    facts = past.facts
    return {
        "token": past.token,
        "reference": past.token[:8],
        "agency": past.agency,
        "status": past.status,
        "at": f"{past.approved_at:%Y-%m-%d %H:%M} UTC",
        "state": {"cancelled": "Ended", "expired": "Ran out"}.get(past.ended_why or "", "Over")
        if past.over
        else "In force",
        "style": "" if past.over else "active",
        "over": past.over,
        "drill": past.status != "Actual",
        "reach": f"{number(facts['sent'])} sent of {number(facts['planned'])} planned, {number(facts['failed'])} failed",
        "within": " · ".join(f"{mark // 60} min: {number(facts[f'within_{mark}_s'])}" for mark in MARKS_S),
        "shares": " · ".join(f"{share} %: {_wait(facts[f'p{share}_s'])}" for share in reviewing.SHARES),
        "outcome": OUTCOMES.get(past.outcome or "", ""),
    }


def _wait(seconds: float | None) -> str:
    return latency(None if seconds is None else round(seconds * 1000))


def _get(connection: Connection, token: str) -> Past:
    found = history.find(connection, token)
    if found is None:
        raise NotFound("no such alert")
    return found


def _page(
    services: Services,
    operator: Officer,
    past: Past,
    *,
    chosen: tuple[str, str] | None = None,
    wrong: Sequence[str] = (),
) -> Response:
    outcome, part = chosen or (past.outcome or "", past.part or "")
    values = {
        "one": row(past),
        "outcomes": [("", "Choose …"), *OUTCOMES.items()],
        "parts_": [("", "Choose …"), *PARTS.items()],
        "outcome": outcome,
        "part": part,
        "faults": dict.fromkeys(wrong, ("Choose one of these.",)),
    }
    shown = frame.values(services, operator, "/operations", "Review", **values)
    return render.page("review.html", status=422 if wrong else 200, **shown)
