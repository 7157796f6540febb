"""Subscribing without an account, the inbox of this browser, and leaving. Whole without script.

A browser is known by a cookie with its recipient's own random token; nothing else is asked. The place is a town, or a
position rounded to a kilometre before it leaves the device.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from pydantic import BaseModel, Field, ValidationError

from alerts import inbox as inboxes
from alerts.api import access
from alerts.api.access import PUBLIC, Given, rule
from alerts.api.limits import throttled
from alerts.api.wire import PushSubscription
from alerts.errors import Conflict, NotFound, Refused
from alerts.pages import frame, render, towns
from alerts.pages.words import NAMES, WORDS, choose, words
from alerts.reports import InboxItem
from alerts.service import people
from alerts.service.people import SignedUp
from alerts.services import Services
from notifiers import subscriptions
from notifiers.transactions import reading

router = APIRouter(include_in_schema=False)

COOKIE = "lookout_place"
COOKIE_S = 400 * 24 * 3600  # as long as browsers keep any
_MOST = 500


@router.get("/subscribe")
@rule(PUBLIC)
def form(request: Request, services: Given) -> Response:
    """The form, in the reader's language."""
    return _form(services, request, {"language": _language(request)})


class Asked(BaseModel):
    """The form as it was sent."""

    place: str = Field("", max_length=200)
    here: str = Field("", max_length=40)
    choice: str = Field("", max_length=40)
    asked_for: str = Field("", max_length=200)  # the name that the choice was offered for
    language: Literal["en", "es"] = "en"
    consent: str = Field("", max_length=10)
    push_subscription: str = Field("", max_length=4000)


@router.post("/subscribe", dependencies=[Depends(throttled)])
@rule(PUBLIC)
def subscribe(request: Request, services: Given, asked: Annotated[Asked, Form()]) -> Response:
    """Subscribed and led to the inbox, or the form again with what is missing."""
    access.refuse_foreign_origin(request, services)
    said = words(asked.language)
    choice = asked.choice if asked.asked_for == asked.place else ""
    found = towns.find(services.gazetteer, asked.place, choice, asked.here)
    faults: dict[str, list[str]] = {} if asked.consent else {"consent": [said["sub_consent_missing"]]}
    if not found:
        faults["place"] = [said["sub_place_unknown" if asked.place.strip() else "sub_place_missing"]]
    values = asked.model_dump(include={"place", "here", "language", "consent"})
    if faults or len(found) > 1:
        return _form(services, request, values, faults=faults, choices=found if len(found) > 1 else ())
    wanted: dict[str, Any] = {
        "lon": found[0].lon,
        "lat": found[0].lat,
        "language": asked.language,
        "consent": said["sub_consent"],
    }
    wanted |= {"inbox": True, "push": _push(asked.push_subscription)}
    try:
        done = people.subscribe(services, people.sign_up_from(wanted))
    except (Conflict, Refused):
        return _form(services, request, values, stray=[said["sub_failed"]])
    return _welcome(done, https=services.settings.https)


def _welcome(done: SignedUp, *, https: bool) -> Response:
    """To the inbox; the cookie is this browser's own secret."""
    answer = RedirectResponse("/inbox?welcome=1", 303)
    secret = f"{done.public_id}.{done.token}"
    answer.set_cookie(COOKIE, secret, max_age=COOKIE_S, httponly=True, samesite="strict", secure=https)
    return answer


@router.get("/inbox")
@rule(PUBLIC)
def inbox(request: Request, services: Given, welcome: Annotated[str, Query(max_length=1)] = "") -> Response:
    """What this browser was sent."""
    recipient_id = _who(request, services)
    if recipient_id is None:
        return RedirectResponse("/subscribe", 303)
    items, language = newest_first(inboxes.read(services, recipient_id, limit=_MOST)), _language(request)
    shown = {"items": items, "shape": shape(items), "welcome": bool(welcome), "w": words(language)}
    return render.page("inbox.html", **_frame(services, words(language)["inbox"], language, **shown))


@router.get("/inbox/shape")
@rule(PUBLIC)
def inbox_shape(request: Request, services: Given) -> Response:
    """What the open page compares to know that something arrived."""
    recipient_id = _who(request, services)
    if recipient_id is None:
        raise NotFound("no inbox in this browser")
    return PlainTextResponse(
        shape(newest_first(inboxes.read(services, recipient_id, limit=_MOST))), headers={"cache-control": "no-store"}
    )


@router.post("/inbox/leave")
@rule(PUBLIC)
def leave(request: Request, services: Given) -> Response:
    """Everything of this recipient goes at once; again is harmless."""
    access.refuse_foreign_origin(request, services)
    recipient_id, said = _who(request, services), words(_language(request))
    if recipient_id is not None:
        people.leave(services, recipient_id)
    lines = [said["left_more"]]
    answer = frame.message(
        services, None, said["left"], lines, back_words=said["to_start"], language=_language(request)
    )
    answer.delete_cookie(COOKIE)
    return answer


def newest_first(items: Sequence[InboxItem]) -> list[InboxItem]:
    """The last word on each incident, the newest first: what came before it is superseded."""
    last = {item.token: item for item in sorted(items, key=lambda item: item.id)}
    return sorted(last.values(), key=lambda item: -item.id)


def shape(items: Iterable[InboxItem]) -> str:
    """Changes when anything arrives or ends."""
    return "-".join(f"{item.id}{'o' if item.over else ''}" for item in items)


def _who(request: Request, services: Services) -> int | None:
    """The recipient of this browser, by its own token."""
    public_id, dot, token = request.cookies.get(COOKIE, "").partition(".")
    if not dot:
        return None
    with reading(services.engine) as connection:
        return subscriptions.find_recipient(connection, public_id, token)


def _language(request: Request) -> str:
    return choose(WORDS, request.query_params.get("lang"), request.headers.get("accept-language"))


def _form(services: Services, request: Request, values: dict[str, str], **more: Any) -> Response:
    language = _language(request)
    said, faults = words(language), more.get("faults", {})
    wrong = bool(faults or more.get("stray") or more.get("choices"))
    shown = {
        "w": said,
        "values": {"place": "", "here": "", "consent": ""} | values,
        "faults": faults,
        "summary": [(name, message) for name, messages in faults.items() for message in messages],
        "stray": more.get("stray", ()),
        "choices": more.get("choices", ()),
        "languages": [(tag, NAMES[tag]) for tag in WORDS],
        "push_key": getattr(request.app.state, "push_key", None),
    }
    page = _frame(services, said["get_alerts"], language, **shown)
    return render.page("subscribe.html", status=422 if wrong else 200, **page)


def _frame(services: Services, title: str, language: str, **more: Any) -> dict[str, Any]:
    return frame.values(services, None, "", title, **more) | {"language": language}


def _push(text: str) -> dict[str, Any] | None:
    """The browser's subscription as its script sent it; None where there is none or it is none."""
    try:
        return PushSubscription.model_validate(json.loads(text)).model_dump() if text else None
    except (ValidationError, ValueError, RecursionError):
        return None
