"""The report of a drill as a page to print, as JSON and as CSV; for its officers, and for operators."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from alerts import drills
from alerts.agencies import Officer
from alerts.api.access import OFFICER, OPERATOR, GatedRoute, Given, SignedIn, rule
from alerts.drills import ALL, DrillReport, Lane, Reached, Sent
from alerts.pages import alert_view, frame, render
from alerts.pages.delivery import REASONS
from alerts.pages.looks import CHANNELS
from alerts.pages.render import number
from alerts.services import Services

router = APIRouter(include_in_schema=False, route_class=GatedRoute)

COLUMNS = (
    "alert", "status", "message", "kind", "approved_at", "to_asked_s", "to_approved_s", "to_first_sent_s", "channel", "planned",
    "sent", "failed", "arrived", *(f"p{share}_{edge}_s" for share in drills.SHARES for edge in ("above", "within")),
)  # fmt: skip
_FRESH = {"cache-control": "no-store"}
_DID = {
    "submit": "wrote", "edit": "edited", "enlarge": "enlarged", "ask": "asked for approval", "count_down": "began the countdown",
    "stop": "stopped it", "approve": "approved", "return": "returned", "reject": "rejected", "reduce": "withdrew something",
    "repeat": "repeated", "cancel": "ended it", "review": "reviewed",
}  # fmt: skip


@router.get("/console/alerts/{alert_id}/drill")
@rule(OFFICER)
def show(alert_id: str, services: Given, officer: SignedIn) -> Response:
    """How long each step of the drill took."""
    at = f"/console/alerts/{alert_id}"
    return _page(services, officer, drills.of_alert(services, officer, alert_id), at, f"{at}/drill")


@router.get("/console/alerts/{alert_id}/drill.json")
@rule(OFFICER)
def as_json(alert_id: str, services: Given, officer: SignedIn) -> Response:
    """The same as data."""
    return JSONResponse(data(drills.of_alert(services, officer, alert_id)), headers=_FRESH)


@router.get("/console/alerts/{alert_id}/drill.csv")
@rule(OFFICER)
def as_csv(alert_id: str, services: Given, officer: SignedIn) -> Response:
    """A row for each message and channel (RFC 4180)."""
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *rows(drills.of_alert(services, officer, alert_id))])
    headers = {"content-disposition": 'attachment; filename="lookout-drill.csv"'} | _FRESH
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/operations/history/{token}/drill")
@rule(OPERATOR)
def show_operator(token: str, services: Given, operator: SignedIn) -> Response:
    """The page of the history's line."""
    return _page(services, operator, drills.of_token(services, token), "/operations/history", "")


def data(report: DrillReport) -> dict[str, Any]:
    """Numbers, times and names; the steps' durations beside the times that they follow from."""
    told: dict[str, Any] = jsonable_encoder(asdict(report))
    for message, sent in zip(told["messages"], report.messages, strict=True):
        message |= {name: getattr(sent, name) for name in ("to_asked_s", "to_approved_s", "to_first_sent_s")}
    return told


def rows(report: DrillReport) -> Iterator[list[str]]:
    """By COLUMNS; empty where there is nothing to say."""
    for sent in report.messages:
        steps = (sent.to_asked_s, sent.to_approved_s, sent.to_first_sent_s)
        head = (report.alert, report.status, sent.number, sent.kind, sent.approved_at.isoformat(), *steps)
        for lane in sent.lanes:
            edges = (edge for one in lane.reached for edge in (one.above_s, one.within_s))
            counts = (lane.channel, lane.planned, lane.sent, lane.failed, lane.arrived)
            yield ["" if value is None else str(value) for value in (*head, *counts, *edges)]


def _page(services: Services, officer: Officer, report: DrillReport, back: str, at: str) -> Response:
    shown = {
        "report": report,
        "back": back,
        "at": at,
        "exercise": True,
        "messages": [_message(one) for one in report.messages],
        "people": [(one.name, ", ".join(_did(*act) for act in one.acts)) for one in report.people],
    }
    return render.page("drill.html", **frame.values(services, officer, "", "Drill report", **shown))


def _did(action: str, times: int) -> str:
    words = _DID.get(action, action.replace("_", " "))
    return words if times == 1 else f"{words} {times} times"


def _message(sent: Sent) -> dict[str, Any]:
    return {
        "one": sent,
        "title": f"{alert_view.KINDS.get(sent.kind, sent.kind)}, version {sent.version}, message {sent.number}",
        "steps": [
            ("First draft to submission", wait(sent.to_asked_s)),
            ("Submission to approval", wait(sent.to_approved_s)),
            ("Approval to the first send", wait(sent.to_first_sent_s)),
        ],
        "lanes": [_lane(one) for one in sent.lanes],
        "faults": [
            (CHANNELS.get(f.channel, f.channel), REASONS.get(f.reason) or f.reason, number(f.count))
            for f in sent.faults
        ],
    }


def _lane(lane: Lane) -> dict[str, Any]:
    counts = [number(value) for value in (lane.planned, lane.sent, lane.failed)]
    counts.append(number(lane.arrived) if lane.arrived else "—")
    name = "All channels" if lane.channel == ALL else CHANNELS.get(lane.channel, lane.channel)
    return {"name": name, "cells": [*counts, *(_share(one) for one in lane.reached)]}


def _share(one: Reached) -> str:
    if one.above_s is None:
        return "not reached"
    return f"within {wait(one.within_s)}" if one.within_s is not None else f"after {wait(one.above_s)}"


def wait(seconds: float | None) -> str:
    """12 ms, 4.1 s, 2 min 5 s, 3 h 4 min; a dash for what did not happen."""
    if seconds is None:
        return "—"
    if seconds < 1:
        return f"{max(0.0, seconds) * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min {int(seconds % 60)} s"
    return f"{int(seconds // 3600)} h {int(seconds % 3600 // 60)} min"
