"""Partner platforms tell where their own people are: NDJSON, thousands of lines a body."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from alerts.api import problem
from alerts.api.access import PARTNER, Calling, GatedRoute, Given, rule
from alerts.api.documents import problems
from alerts.api.limits import admitted
from alerts.api.place_answers import LocationsOut
from alerts.errors import WrongType
from alerts.model import Problem
from alerts.service import locations
from alerts.service.locations import Report

router = APIRouter(tags=["partners"], route_class=GatedRoute)

TYPES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
EXAMPLE = (
    '{"person": "u-1017", "lon": -104.99, "lat": 39.74, "at": "2026-05-01T12:00:00Z"}\n'
    '{"person": "u-1018", "lon": -104.97, "lat": 39.71, "radius_m": 250, "kind": "home"}\n'
)
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {TYPES[0]: {"schema": {"type": "string"}, "example": EXAMPLE}},
    }
}


@router.post(
    "/v1/locations",
    response_model=LocationsOut,
    responses=problems(401, 403, 408, 413, 415, 422, 503),
    openapi_extra=BODY,
)
@rule(PARTNER)
async def take(request: Request, partner: Calling, services: Given) -> Response:
    """Where your people are: a JSON object a line, `person` being your own id of `import-users`. A wrong line is named
    and refuses itself alone; with `Prefer: handling=strict` (RFC 7240) it refuses all. What is older than what is stored
    changes nothing. 422 if nothing could be taken.
    """
    _check_type(request)
    strict = _is_strict(request)
    with admitted(request, partner.id):
        body = await request.body()
        report = await run_in_threadpool(locations.take, services, partner, body, strict=strict)
    answer = _answer(report)
    if strict:
        answer.headers["Preference-Applied"] = "handling=strict"
    return answer


def _check_type(request: Request) -> None:
    said = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if said not in TYPES or request.headers.get("content-encoding", "identity") != "identity":
        raise WrongType([Problem.error("content-type", "", f"the body must be {TYPES[0]}, not compressed")])


def _is_strict(request: Request) -> bool:
    """RFC 7240 section 4.4."""
    preferences = ",".join(request.headers.getlist("prefer")).split(",")
    return any(one.partition(";")[0].replace(" ", "").lower() == "handling=strict" for one in preferences)


def _answer(report: Report) -> Response:
    counts = {name: getattr(report, name) for name in ("lines", "stored", "unchanged", "rejected")}
    found = [{"line": one.line} | problem.wire(one.problem) for one in sorted(report.faults, key=lambda one: one.line)]
    if not found or report.stored + report.unchanged:
        return JSONResponse(counts | {"problems": found})
    document = problem.document(422, [one.problem for one in report.faults]) | counts | {"problems": found}
    return JSONResponse(document, 422, media_type=problem.MEDIA_TYPE)
