"""The family's way to ask that something be removed: a form on the alert's page, a status page with the deadline, and
the operator's list of what waits.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from alerts import audit, reading, removals
from alerts.api import access
from alerts.api.access import OPERATOR, PUBLIC, GatedRoute, Given, RowId, SignedIn, rule
from alerts.api.limits import Throttle
from alerts.errors import NotFound
from alerts.pages import frame, render
from alerts.pages.words import choose, name_of, offered, words
from alerts.service.languages import spoken
from alerts.services import Services
from notifiers.transactions import reading as looking
from notifiers.transactions import writing

router = APIRouter(include_in_schema=False, route_class=GatedRoute)

A_MINUTE = 5  # requests of one address in the network: more must wait
STYLE = ("base.css", "public.css", "saw.css")
Token = Annotated[str, Path(max_length=64)]
Written = Annotated[str, Form(max_length=2000)]
Language = Annotated[str | None, Query(max_length=35)]
Contact = Annotated[str, Form(max_length=200)]
Chosen = Annotated[str, Form(max_length=35)]


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody has written so far: shown again with what is wrong with it."""

    asked: str = ""
    contact: str = ""


@router.get("/a/{token}/removal")
@rule(PUBLIC)
def form(token: Token, request: Request, services: Given, lang: Language = None) -> Response:
    """The form: what should go, how to reach the family if they wish, until when it is answered."""
    return _form(services, token, _language(request, services, lang), Typed())


@router.post("/a/{token}/removal")
@rule(PUBLIC)
def ask(token: Token, request: Request, services: Given, asked: Written = "", contact: Contact = "", lang: Chosen = "") -> Response:  # fmt: skip
    """Kept, sealed; on to its status page."""
    access.refuse_foreign_origin(request, services)
    reading.public_standing(services, token)
    language, typed = _language(request, services, lang), Typed(asked, contact)
    if not asked.strip():
        return _form(services, token, language, typed, 422, "asked", "rem_asked_missing")
    if _too_many(request):
        return _form(services, token, language, typed, 429, "", "rem_too_often")
    with writing(services.engine) as connection:
        status = removals.add(
            connection, services.vault, incident=token, asked=asked.strip(), contact=contact.strip(),
            now=services.clock(), within=_within(services),
        )  # fmt: skip
    return RedirectResponse(f"/removal/{status}?lang={language}", 303)


@router.get("/removal/{status}")
@rule(PUBLIC)
def show(status: Token, request: Request, services: Given, lang: Language = None) -> Response:
    """How the request stands; nothing of what it says."""
    with looking(services.engine) as connection:
        found = removals.find(connection, status)
    if found is None:
        raise NotFound("there is no such request")
    return _page(
        services, "removal_status.html", found.incident, _language(request, services, lang), "rem_yours", found=found
    )


@router.get("/operations/removals")
@rule(OPERATOR)
def waiting(services: Given, operator: SignedIn) -> Response:
    """What waits for an answer, the nearest deadline first."""
    with looking(services.engine) as connection:
        found = removals.list_open(connection, services.vault)
    shown = {"waiting": found, "now": services.clock(), "outcomes": removals.OUTCOMES}
    return render.page("removals.html", **frame.values(services, operator, "/operations", "Removal requests", **shown))


@router.post("/operations/removals/{removal_id}")
@rule(OPERATOR)
def answer(removal_id: RowId, services: Given, operator: SignedIn, outcome: Annotated[str, Form(max_length=16)]) -> Response:  # fmt: skip
    """Answered; what was written is gone for good. Again is harmless."""
    if outcome not in removals.OUTCOMES:
        raise NotFound("no such answer")
    with writing(services.engine) as connection:
        key_name = removals.close(connection, removal_id, outcome, services.clock())
        if key_name:
            detail: audit.Detail = {"request": removal_id, "outcome": outcome}
            audit.write(connection, audit.by_officer(operator.id), "answer removal", services.clock(), detail=detail)
    if key_name:
        services.vault.destroy(key_name)
    return RedirectResponse("/operations/removals", 303)


def _form(  # what is wrong: the status, the field, the word
    services: Services, token: str, language: str, typed: Typed, status: int = 200, field: str = "", wrong: str = ""
) -> Response:
    alert = reading.public_alert(services, token)
    return _page(
        services, "removal.html", token, language, "rem_title", status=status, typed=typed, at=f"/a/{token}/removal",
        faults={field: [words(language, spoken(services))[wrong]]} if wrong else {}, hours=services.settings.removal_answer_h,
        exercise=alert.status != "Actual",
    )  # fmt: skip


def _page(  # which page of which alert, in which language
    services: Services, template: str, token: str, language: str, title: str, *, status: int = 200, **shown: Any
) -> Response:
    said, style = words(language, spoken(services)), render.inline(*STYLE)
    values = {"exercise": False, "w": said, "title": said[title], "style": style, "page_path": f"/a/{token}"} | shown
    languages = [(tag, name_of(tag)) for tag in offered(spoken(services))]
    headers = {"content-security-policy": render.policy(style=style)}
    return render.page(template, status=status, headers=headers, language=language, languages=languages, **values)


def _language(request: Request, services: Services, asked: str | None) -> str:
    return choose(offered(spoken(services)), asked, request.headers.get("accept-language"))


def _within(services: Services) -> timedelta:
    return timedelta(hours=services.settings.removal_answer_h)


def _too_many(request: Request) -> bool:
    state = request.app.state
    if not hasattr(state, "removals"):
        state.removals = Throttle(A_MINUTE)
    return bool(state.removals.wait_s(request.client.host if request.client else "", time.monotonic()))
