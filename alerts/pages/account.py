"""One's own page: passkeys, API keys that wait to be collected, and the switch between drill and live."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from alerts import keyring, passkeys, sessions
from alerts.agencies import ALERTING, Officer
from alerts.api import access
from alerts.api.access import PERSON, GatedRoute, Given, RowId, SignedIn, rule
from alerts.errors import Conflict, NotAllowed
from alerts.pages import frame, signin
from alerts.pages.signin import Signed
from alerts.service import administer, signing
from alerts.services import Services
from notifiers.transactions import reading

router = APIRouter(include_in_schema=False, route_class=GatedRoute)

RECENT = timedelta(minutes=15)  # since somebody proved who they are: a session left open adds no passkey


@router.get("/account")
@rule(PERSON)
def show(services: Given, officer: SignedIn) -> Response:
    """All that is one's own."""
    return _page(services, officer)


@router.post("/account/passkeys/options")
@rule(PERSON)
def offer(request: Request, services: Given, officer: SignedIn) -> Response:
    """What another authenticator is to sign."""
    _must_be_recent(request, services)
    return Response(signing.offer_registration(services, officer), media_type="application/json")


@router.post("/account/passkeys")
@rule(PERSON)
def add(signed: Signed, request: Request, services: Given, officer: SignedIn) -> Response:
    """One more passkey."""
    _must_be_recent(request, services)
    signing.register(services, officer, signed.credential, signed.called)
    return JSONResponse({"to": "/account"})


@router.post("/account/passkeys/{passkey_id}/remove")
@rule(PERSON)
def remove(passkey_id: RowId, request: Request, services: Given, officer: SignedIn) -> Response:
    """It opens nothing any more; the last one stays."""
    _must_be_recent(request, services)
    try:
        signing.remove(services, officer, passkey_id)
    except Conflict as fault:
        return _page(services, officer, stray=str(fault))
    return RedirectResponse("/account", 303)


@router.post("/account/keys/{key_id}/collect")
@rule(PERSON)
def collect(key_id: RowId, request: Request, services: Given, officer: SignedIn) -> Response:
    """A key that was granted, shown this once."""
    _must_be_recent(request, services)
    return _page(services, officer, key=administer.collect_key(services, officer, key_id))


@router.post("/account/keys/{key_id}/revoke")
@rule(PERSON)
def revoke(key_id: RowId, services: Given, officer: SignedIn) -> Response:
    """It opens nothing any more."""
    administer.revoke_key(services, officer, key_id)
    return RedirectResponse("/account", 303)


@router.post("/account/drill")
@rule(PERSON)
def switch(request: Request, services: Given, officer: SignedIn, on: Annotated[bool, Form()]) -> Response:
    """Into drill mode or out of it, in a session of its own."""
    if not may_drill(services, officer):
        raise NotAllowed("only officers of a live house hold drills apart")
    session = signing.switch(services, officer, request.cookies.get(access.COOKIE, ""), drill=on)
    answer = RedirectResponse("/console", 303)
    access.set_session(answer, services, session)
    return answer


def may_drill(services: Services, officer: Officer) -> bool:
    """A sandbox is one whole drill already."""
    return not services.settings.sandbox and officer.may(*ALERTING)


def _page(services: Services, officer: Officer, *, key: str | None = None, stray: str | None = None) -> Response:
    with reading(services.engine) as connection:
        shown = {
            "passkeys": passkeys.list_of(connection, officer.id),
            "keys": keyring.list_of(connection, officer.id),
        }
    more = {"key": key, "stray": stray, "may_drill": may_drill(services, officer)}
    return signin.page("account.html", **frame.values(services, officer, "/account", "Your account", **shown, **more))


def _must_be_recent(request: Request, services: Services) -> None:
    """NotAllowed in a session that is older: whoever found it open must prove who they are."""
    with reading(services.engine) as connection:
        opened_at = sessions.proved_at(connection, request.cookies.get(access.COOKIE, ""))
    if opened_at is None or services.clock() - opened_at > RECENT:
        raise NotAllowed("sign in again first: this needs a sign-in within the last 15 minutes")
