"""Signing in with a passkey, by an invitation, or in a sandbox by a one-time link; and out.

Opening a link uses nothing up: only the button does. In a live house a link registers a passkey and signs nobody in
without one.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, Field

from alerts import agencies
from alerts.agencies import BadLink
from alerts.api import access
from alerts.api.access import PUBLIC, Given, Someone, rule
from alerts.api.limits import throttled
from alerts.errors import NotAllowed
from alerts.pages import frame, render
from alerts.service import signing
from alerts.services import Services
from notifiers.transactions import reading, writing

router = APIRouter(include_in_schema=False)

Token = Annotated[str, Path(max_length=128)]
SCRIPT = "passkey.js"


class Signed(BaseModel):
    """What an authenticator answered, as the script sends it; `name`: what its person calls a new one."""

    credential: dict[str, Any]
    name: str = Field("", max_length=64)

    @property
    def called(self) -> str:
        return self.name.strip() or "Passkey"


def page(template: str, **values: Any) -> Response:
    """An inner page with the one script that speaks to authenticators, allowed by its hash."""
    script = render.inline(SCRIPT)
    policy = {"content-security-policy": render.policy(script=script)}
    return render.page(template, headers=policy, script=script, **values)


@router.get("/signin")
@rule(PUBLIC)
def ask(services: Given, officer: Someone) -> Response:
    """The button."""
    return page("signin.html", **frame.values(services, officer, "", "Sign in", token=None, simple=False))


@router.post("/passkey/options", dependencies=[Depends(throttled)])
@rule(PUBLIC)
def offer_sign_in(request: Request, services: Given) -> Response:
    """What the authenticator is to sign."""
    access.refuse_foreign_origin(request, services)
    return Response(signing.offer_sign_in(services), media_type="application/json")


@router.post("/passkey/signin", dependencies=[Depends(throttled)])
@rule(PUBLIC)
def sign_in(signed: Signed, request: Request, services: Given) -> Response:
    """A session, new each time, and where to go."""
    access.refuse_foreign_origin(request, services)
    session = signing.sign_in(services, signed.credential, instead_of=request.cookies.get(access.COOKIE, ""))
    return _entered(services, session)


@router.get("/signin/{token}")
@rule(PUBLIC)
def offer(token: Token, services: Given, officer: Someone) -> Response:
    """The buttons; the same for every token, so that a guess learns nothing."""
    simple = services.settings.sandbox
    return page("signin.html", **frame.values(services, officer, "", "Sign in", token=token, simple=simple))


@router.post("/signin/{token}")
@rule(PUBLIC)
def consume(token: Token, request: Request, services: Given) -> Response:
    """In a sandbox: uses the link up, opens the session and leads to the officer's own page."""
    access.refuse_foreign_origin(request, services)
    if not services.settings.sandbox:
        raise NotAllowed("a link alone signs nobody in here: register a passkey with it")
    now = services.clock()
    try:
        with writing(services.engine) as connection:
            agencies.end_session(connection, request.cookies.get(access.COOKIE, ""), now)
            session = agencies.use_sign_in_link(connection, token, now, services.settings.session_s)
            officer = agencies.find_session(connection, session, now)
    except BadLink:
        return frame.message(services, None, "This link no longer works", _SPENT, status=403)
    answer = RedirectResponse(frame.home(officer), 303)
    access.set_session(answer, services, session)
    return answer


@router.post("/signin/{token}/options", dependencies=[Depends(throttled)])
@rule(PUBLIC)
def offer_passkey(token: Token, request: Request, services: Given) -> Response:
    """What the invited person's authenticator is to sign."""
    access.refuse_foreign_origin(request, services)
    try:
        return Response(
            signing.offer_registration(services, signing.invitee(services, token)), media_type="application/json"
        )
    except BadLink:
        raise NotAllowed(_SPENT[0]) from None


@router.post("/signin/{token}/passkey", dependencies=[Depends(throttled)])
@rule(PUBLIC)
def accept(token: Token, signed: Signed, request: Request, services: Given) -> Response:
    """The invitation is used up; its person has a passkey and is signed in."""
    access.refuse_foreign_origin(request, services)
    try:
        return _entered(services, signing.accept(services, token, signed.credential, signed.called))
    except BadLink:
        raise NotAllowed(_SPENT[0]) from None


@router.post("/signout")
@rule(PUBLIC)
def sign_out(request: Request, services: Given) -> Response:
    """Ends the session here and in the database."""
    access.refuse_foreign_origin(request, services)
    with writing(services.engine) as connection:
        agencies.end_session(connection, request.cookies.get(access.COOKIE, ""), services.clock())
    answer = RedirectResponse("/", 303)
    access.clear_session(answer, services)
    return answer


def _entered(services: Services, session: str) -> Response:
    with reading(services.engine) as connection:
        officer = agencies.find_session(connection, session, services.clock())
    answer = JSONResponse({"to": frame.home(officer)})
    access.set_session(answer, services, session)
    return answer


_SPENT = (
    "A link works once and only for a short time. This one has been used, is too old, or is incomplete.",
    "Ask whoever runs Lookout for a new one.",
)
