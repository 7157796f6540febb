"""Every answer that is no success: problem+json (RFC 9457), from one table of errors to statuses.

`problems` holds all faults at once, each {severity, type, path, message}. What a client sent is never quoted back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import ClientDisconnect

from alerts import errors
from alerts.model import Problem, Severity
from alerts.outside import SticksOut
from notifiers.vault import KeyGone

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"

STATUS: Mapping[type[Exception], int] = {  # the first that fits: the special before the general
    errors.Malformed: 400,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Changed: 412,
    errors.TooLarge: 413,
    errors.WrongType: 415,
    errors.Refused: 422,
    errors.KeyReused: 422,
    errors.Unconditional: 428,
    errors.TooOften: 429,
}

HtmlError = Callable[[Request, int, Sequence[Problem]], Response]


def install(app: FastAPI) -> None:
    """Handlers for our errors, the framework's, and whatever else is raised."""
    app.add_exception_handler(errors.LookoutError, _ours)
    app.add_exception_handler(StarletteHTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(ClientDisconnect, _went)
    app.add_exception_handler(KeyGone, _over)
    app.add_exception_handler(IntegrityError, _collided)
    app.add_exception_handler(OperationalError, _busy)
    app.add_exception_handler(NoConnection, _busy)
    app.add_exception_handler(Exception, _unexpected)


def answer(
    request: Request,
    status: int,
    problems: Sequence[Problem] = (),
    *,
    detail: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document; for a browser that asks for a page, the page that `app.state.html_error` writes."""
    page: HtmlError | None = getattr(request.app.state, "html_error", None)
    if page and not request.url.path.startswith("/v1/") and "text/html" in request.headers.get("accept", ""):
        written = page(request, status, problems or [_fault(detail or HTTPStatus(status).phrase)])
        written.headers.update(headers or {})
        return written
    return JSONResponse(document(status, problems, detail), status, dict(headers or {}), media_type=MEDIA_TYPE)


def document(status: int, problems: Sequence[Problem] = (), detail: str | None = None) -> dict[str, Any]:
    """RFC 9457 section 3.1: type about:blank, so title is the status phrase; detail for people."""
    said = detail or (problems[0].message if len(problems) == 1 else _counted(problems))
    found = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    return found | ({"detail": said} if said else {}) | {"problems": [wire(p) for p in problems]}


def wire(problem: Problem) -> dict[str, Any]:
    """A problem as clients see it, with the drawing of what sticks out of a jurisdiction.

    Lone surrogates cannot be written as UTF-8; they become question marks.
    """
    fields = {
        "severity": problem.severity.value,
        "type": problem.type,
        "path": problem.path,
        "message": problem.message,
    }
    said: dict[str, Any] = {name: text.encode("utf-8", "replace").decode() for name, text in fields.items()}
    return said | ({"drawing": problem.drawing()} if isinstance(problem, SticksOut) else {})


def _counted(problems: Sequence[Problem]) -> str | None:
    return f"{len(problems)} faults were found" if problems else None


def _fault(message: str, *, type_: str = "request", path: str = "") -> Problem:
    return Problem(Severity.ERROR, type_, path, message)


async def _ours(request: Request, error: Exception) -> Response:
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    if isinstance(error, errors.TooOften):
        headers["Retry-After"] = str(int(error.wait_s) + 1)
    if isinstance(error, errors.Changed):
        headers["ETag"] = f'"{error.tag}"'
    problems = getattr(error, "problems", ())
    detail = None if problems else str(error) or HTTPStatus(status).phrase
    return answer(request, status, problems, detail=detail, headers=headers)


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, StarletteHTTPException):
        raise TypeError
    detail = error.detail if isinstance(error, HTTPException) else None
    problems = getattr(error, "problems", ())
    return answer(request, error.status_code, problems, detail=detail, headers=error.headers)


async def _invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise TypeError
    return answer(request, 422, [_validation_problem(fault) for fault in error.errors()])


def _validation_problem(fault: Mapping[str, Any]) -> Problem:
    """One pydantic fault: `loc` becomes a JSON pointer (RFC 6901), the input is left out."""
    steps = fault["loc"][1:] if fault["loc"][:1] == ("body",) else fault["loc"]
    pointer = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)
    return _fault(str(fault["msg"]), type_=str(fault["type"]), path=pointer)


async def _went(_request: Request, _error: Exception) -> Response:
    """The caller went away in the middle of their own request: no fault of ours, and nobody reads the answer."""
    return Response(status_code=400)


async def _over(request: Request, _error: Exception) -> Response:
    """The alert ended while it was being looked at."""
    return await _ours(request, errors.Over("the alert is over"))


async def _collided(request: Request, _error: Exception) -> Response:
    """Two that exclude each other came at the same moment, and the other one was first."""
    return await _ours(request, errors.Conflict("the same was stored a moment ago; look again"))


async def _busy(request: Request, error: Exception) -> Response:
    log.error("database_unavailable", error=type(error).__name__)
    return answer(request, 503, detail="busy, try again", headers={"Retry-After": "1"})


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("unexpected_error", exc_info=error, route=getattr(request.scope.get("route"), "path", None))
    return answer(request, 500, detail="an unexpected fault; it was recorded")
