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
from alerts.pages import frame, place_map, reader, render, towns
from alerts.pages.frame import language_of
from alerts.pages.place_map import Tapped
from alerts.pages.reader import who
from alerts.pages.words import words
from alerts.reports import InboxItem
from alerts.service import echo, mailboxes, people
from alerts.service.languages import spoken
from alerts.service.people import SignedUp
from alerts.services import Services
from notifiers.catalogues import NAMES

router = APIRouter(include_in_schema=False)

_MOST = 500
_SHOWN = {"place", "here", "near", "language", "consent", "email", "shown_in"}
_LONGEST = 4000  # characters of a browser's subscription


@router.get("/subscribe")
@rule(PUBLIC)
def form(request: Request, services: Given) -> Response:
    """The form, in the reader's language."""
    return _form(services, request, {"language": language_of(request, services)})


class Asked(BaseModel):
    """The form as it was sent."""

    place: str = Field("", max_length=200)
    here: str = Field("", max_length=40)
    near: str = Field("", max_length=1)  # how near the map was, if `here` was tapped on one
    choice: str = Field("", max_length=40)
    asked_for: str = Field("", max_length=200)  # the name that the choice was offered for
    shown_in: str = Field("", max_length=35)  # the language of the page: agreed was to its words
    language: Literal["en", "es", "fr", "pt", "de", "nl", "ar", "hi"] = "en"
    consent: str = Field("", max_length=10)
    email: str = Field("", max_length=254)
    push_subscription: str = Field("", max_length=_LONGEST)


@router.post("/subscribe", dependencies=[Depends(throttled)])
@rule(PUBLIC)
def subscribe(request: Request, services: Given, asked: Annotated[Asked, Form()]) -> Response:
    """Subscribed and led to the inbox, or the form again with what is missing."""
    access.refuse_foreign_origin(request, services)
    said = words(language_of(request, services, asked.shown_in), spoken(services))
    choice = asked.choice if asked.asked_for == asked.place else ""
    found = towns.find(services.gazetteer, asked.place, choice, asked.here)
    faults: dict[str, list[str]] = {}  # in the order of the form
    if not found:
        faults["place"] = [said["sub_place_unknown" if asked.place.strip() else "sub_place_missing"]]
    email = asked.email.strip() if services.mail else ""
    if email and not mailboxes.is_mailbox(email):
        faults["email"] = [said["sub_email_wrong"]]
    if not asked.consent:
        faults["consent"] = [said["sub_consent_missing"]]
    values = asked.model_dump(include=_SHOWN)
    if faults or len(found) > 1:
        return _form(services, request, values, faults=faults, choices=found if len(found) > 1 else ())
    wanted: dict[str, Any] = {
        "lon": found[0].lon,
        "lat": found[0].lat,
        "language": asked.language,
        "consent": said["sub_consent"],
    }
    wanted |= {"inbox": True, "push": _push(asked.push_subscription), "email": email}
    try:
        done = people.subscribe(services, people.sign_up_from(wanted), _client(request))
    except (Conflict, Refused):
        return _form(services, request, values, stray=[said["sub_failed"]])
    return _welcome(services, done, asked=bool(email))


@router.post("/subscribe/map")
@rule(PUBLIC)
def tap(request: Request, services: Given, posted: Tapped) -> Response:
    """The form with the map on which a place is tapped, nearer with each tap. Nothing is kept."""
    access.refuse_foreign_origin(request, services)
    values = Asked.model_validate(dict(posted)).model_dump(include=_SHOWN)
    if place_map.too_many(request):
        said = words(language_of(request, services, values["shown_in"]), spoken(services))
        return _form(services, request, values, stray=[said["place_map_wait"]])
    language = language_of(request, services, values["shown_in"])
    found = place_map.look(services, posted, words(language, spoken(services)), miles=language == "en")
    values |= {"here": found["here"], "near": str(found["near"] or "")}
    return _form(services, request, values | ({"place": ""} if found["here"] else {}), map=found)


def _welcome(services: Services, done: SignedUp, *, asked: bool) -> Response:
    """To the inbox; the cookie is this browser's own secret."""
    answer = RedirectResponse(f"/inbox?welcome={2 if asked else 1}", 303)
    reader.keep(answer, services, f"{done.public_id}.{done.token}")
    return answer


@router.get("/inbox")
@rule(PUBLIC)
def inbox(request: Request, services: Given, welcome: Annotated[str, Query(max_length=1)] = "") -> Response:
    """What this browser was sent."""
    recipient_id = who(request, services)
    if recipient_id is None:
        return RedirectResponse("/subscribe", 303)
    items, language = newest_first(inboxes.read(services, recipient_id, limit=_MOST)), language_of(request, services)
    pushed = echo.answered(services, recipient_id)
    said = words(language, spoken(services))
    shown: dict[str, Any] = {"items": items, "shape": shape(items, pushed), "welcome": welcome, "w": said}
    shown["pushed"] = pushed
    return render.page("inbox.html", **_frame(services, said["inbox"], language, **shown))


@router.get("/inbox/shape")
@rule(PUBLIC)
def inbox_shape(request: Request, services: Given) -> Response:
    """What the open page compares to know that something arrived."""
    recipient_id = who(request, services)
    if recipient_id is None:
        raise NotFound("no inbox in this browser")
    items = newest_first(inboxes.read(services, recipient_id, limit=_MOST))
    now = shape(items, echo.answered(services, recipient_id))
    return PlainTextResponse(now, headers={"cache-control": "no-store"})


@router.post("/inbox/test", dependencies=[Depends(throttled)])
@rule(PUBLIC)
def test_again(request: Request, services: Given) -> Response:
    """Another test notification to this browser, an hour after the last at the earliest."""
    access.refuse_foreign_origin(request, services)
    recipient_id = who(request, services)
    if recipient_id is not None:
        echo.ask(services, recipient_id, _client(request))
    return RedirectResponse("/inbox", 303)


@router.post("/push/heard", status_code=204, dependencies=[Depends(throttled)])
@rule(PUBLIC)
def heard(services: Given, echoed: Annotated[str, Form(alias="echo", max_length=64)]) -> Response:
    """A test notification came back from the browser that it was sent to. The sealed token is all it needs."""
    echo.hear(services, echoed)
    return Response(status_code=204)


@router.post("/push/renewed", status_code=204, dependencies=[Depends(throttled)])
@rule(PUBLIC)
def renewed(
    request: Request, services: Given, push_subscription: Annotated[str, Form(max_length=_LONGEST)]
) -> Response:
    """The browser's push service gave it a new endpoint: it takes the old one's place, and is tested anew."""
    access.refuse_foreign_origin(request, services)
    recipient_id, push = who(request, services), _push(push_subscription)
    if recipient_id is None or push is None:
        raise NotFound("no inbox in this browser")
    address = {"endpoint": push["endpoint"], **push["keys"]}
    if people.may_push(services, push["endpoint"]) and echo.renew(services, recipient_id, address):
        echo.ask(services, recipient_id, _client(request))
    return Response(status_code=204)


@router.post("/inbox/leave")
@rule(PUBLIC)
def leave(request: Request, services: Given, of: Annotated[str, Form(max_length=64)] = "") -> Response:
    """Everything of this recipient goes at once; again is harmless."""
    access.refuse_foreign_origin(request, services)
    recipient_id, language = reader.meant(request, services, of), language_of(request, services)
    said = words(language, spoken(services))
    if recipient_id is None and of and who(request, services) is not None:
        return RedirectResponse("/inbox/settings", 303)
    if recipient_id is not None:
        people.leave(services, recipient_id)
    lines = [said["left_more"]]
    answer = frame.message(services, None, said["left"], lines, back_words=said["to_start"], language=language)
    reader.forget(request, answer)
    return answer


def newest_first(items: Sequence[InboxItem]) -> list[InboxItem]:
    """The last word on each incident, the newest first: what came before it is superseded."""
    last = {item.token: item for item in sorted(items, key=lambda item: item.id)}
    return sorted(last.values(), key=lambda item: -item.id)


def shape(items: Iterable[InboxItem], pushed: bool | None = None) -> str:
    """Changes when anything arrives or ends, or the browser answers its test."""
    return "-".join([*(f"{item.id}{'o' if item.over else ''}" for item in items), *(["p"] if pushed else [])])


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


def _form(services: Services, request: Request, values: dict[str, str], **more: Any) -> Response:
    language = language_of(request, services, values.get("shown_in", ""))
    said, faults = words(language, spoken(services)), more.get("faults", {})
    wrong = bool(faults or more.get("stray") or more.get("choices"))
    shown = {
        "w": said,
        "values": {"place": "", "here": "", "near": "", "consent": "", "email": ""} | values,
        "faults": faults,
        "summary": [(name, message) for name, messages in faults.items() for message in messages],
        "stray": more.get("stray", ()),
        "choices": more.get("choices", ()),
        "tap": more.get("map") or place_map.chosen(values),
        "languages": list(NAMES.items()),
        "mailed": services.mail is not None,
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
