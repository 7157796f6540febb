"""Why did I get this, and leaving: the page behind the link in every message, and the same for this browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from babel.dates import format_date
from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import RedirectResponse

from alerts.api import access
from alerts.api.access import PUBLIC, Given, rule
from alerts.api.documents import problems
from alerts.api.limits import throttled
from alerts.pages import frame, reader, render
from alerts.pages.reader import who
from alerts.pages.words import base, words
from alerts.service import people, whys
from alerts.service.languages import spoken
from alerts.service.whys import Why
from alerts.services import Services
from notifiers.catalogues import NAMES

router = APIRouter(include_in_schema=False)

Token = Annotated[str, Path(max_length=64)]
QUIET = {"referrer-policy": "no-referrer", "cache-control": "no-store"}  # the address of this page is the key
WAYS = {"email": "email", "sms": "text_message", "inbox": "inbox"}  # our words for channels; the others have names
NAMED = {
    "web_push": "Web Push",
    "unified_push": "UnifiedPush",
    "fcm": "Android",
    "apns": "iPhone",
    "webhook": "Webhook",
}


@router.get("/u/{token}")
@rule(PUBLIC)
def look(token: Token, request: Request, services: Given) -> Response:
    """Why, and the button; mail scanners follow links, so a look changes nothing. NotFound for a forged token."""
    found = whys.of_subscription(services, people.read_link(services, token))
    return _page(services, request, found, leave=f"/u/{token}")


@router.post("/u/{token}", dependencies=[Depends(throttled)], responses=problems(404, 429))
@rule(PUBLIC)
def leave(token: Token, request: Request, services: Given) -> Response:
    """One-click unsubscribe (RFC 8058): no sign-in, no body needed; again is fine."""
    people.unsubscribe(services, token)
    language = frame.language_of(request, services)
    said = words(language, spoken(services))
    lines = [said["left_here"]]
    return frame.message(services, None, said["left"], lines, back_words=said["to_start"], language=language)


@router.post("/u/{token}/manage", dependencies=[Depends(throttled)])
@rule(PUBLIC)
def manage(token: Token, request: Request, services: Given) -> Response:
    """To the settings of whoever got the message, in this browser for a quarter of an hour. NotFound once they left."""
    access.refuse_foreign_origin(request, services)
    answer = RedirectResponse("/inbox/settings", 303)
    reader.manage(answer, services, token)
    return answer


@router.get("/inbox/why")
@rule(PUBLIC)
def look_at_mine(request: Request, services: Given) -> Response:
    """Why this browser's owner is told; who is not enrolled in it got the alert from somebody else."""
    recipient_id = who(request, services)
    found = None if recipient_id is None else whys.of_recipient(services, recipient_id)
    return _page(services, request, found, leave="/inbox/leave" if found else "")


def way_names(said: Mapping[str, str], found: Why | None, language: str) -> list[tuple[str, str]]:
    """Each way by which they are told, by its name, and the day on which they agreed to it, in words."""
    tag = base(language) if base(language) in NAMES else "en"
    ways = found.ways if found else ()
    names = [said[WAYS[one.channel]] if one.channel in WAYS else NAMED.get(one.channel, one.channel) for one in ways]
    days = [format_date(one.consented_at, "long", locale=tag) for one in ways]
    return list(zip(names, days, strict=True))


def _page(services: Services, request: Request, found: Why | None, *, leave: str) -> Response:
    language = frame.language_of(request, services)
    said = words(language, spoken(services))
    shown = {
        "found": found,
        "around": " · ".join(found.around) if found else "",
        "ways": way_names(said, found, language),
        "leave_at": leave,
        "mine": leave == "/inbox/leave",
        "w": said,
    }
    page = frame.values(services, None, "", said["why_title"], **shown) | {"language": language}
    return render.page("why.html", headers=QUIET, **page)
