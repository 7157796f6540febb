"""Signing in by a one-time link, and out. Opening a link uses nothing up: only the button does."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from alerts import agencies
from alerts.agencies import BadLink, Role
from alerts.api import access
from alerts.api.access import PUBLIC, Given, Someone, rule
from alerts.pages import frame, render
from notifiers.transactions import writing

router = APIRouter(include_in_schema=False)

Token = Annotated[str, Path(max_length=128)]
_HOME = {Role.OFFICER: "/console", Role.OPERATOR: "/operations"}


@router.get("/signin/{token}")
@rule(PUBLIC)
def offer(token: Token, services: Given, officer: Someone) -> Response:
    """The button; the same for every token, so that a guess learns nothing."""
    return render.page("signin.html", **frame.values(services, officer, "", "Sign in", token=token))


@router.post("/signin/{token}")
@rule(PUBLIC)
def consume(token: Token, request: Request, services: Given) -> Response:
    """Uses the link up, opens the session and leads to the officer's own page."""
    access.refuse_foreign_origin(request, services)
    now = services.clock()
    try:
        with writing(services.engine) as connection:
            session = agencies.use_sign_in_link(connection, token, now, services.settings.session_s)
            officer = agencies.find_session(connection, session, now)
    except BadLink:
        return frame.message(services, None, "This link no longer works", _SPENT, status=403)
    answer = RedirectResponse(_HOME[officer.role] if officer else "/", 303)
    access.set_session(answer, services, session)
    return answer


@router.post("/signout")
@rule(PUBLIC)
def sign_out(request: Request, services: Given) -> Response:
    """Ends the session here and in the database."""
    access.refuse_foreign_origin(request, services)
    with writing(services.engine) as connection:
        agencies.end_session(connection, request.cookies.get(access.COOKIE, ""), services.clock())
    answer = RedirectResponse("/", 303)
    access.clear_session(answer)
    return answer


_SPENT = (
    "A sign-in link works once and only for a short time. This one has been used, is too old, or is incomplete.",
    "Ask whoever runs Lookout for a new one.",
)
