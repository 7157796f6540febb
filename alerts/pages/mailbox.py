"""The page behind a confirmation's link: one button, since mail scanners follow links and must confirm nothing."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from alerts.api.access import PUBLIC, Given, rule
from alerts.api.limits import throttled
from alerts.pages import frame, render
from alerts.pages.frame import language_of
from alerts.pages.words import words
from alerts.service import mailboxes
from alerts.service.languages import spoken
from alerts.services import Services
from notifiers.joining import Joined

router = APIRouter(include_in_schema=False)

Token = Annotated[str, Path(max_length=600, pattern="^[0-9a-f]+$")]
SAID = {Joined.NOW: "mail_now", Joined.KNOWN: "mail_known", Joined.GONE: "mail_gone"}
QUIET = {"referrer-policy": "no-referrer"}  # the address of this page is the key


@router.get("/confirm/{token}")
@rule(PUBLIC)
def look(token: Token, request: Request, services: Given) -> Response:
    """The button; what its day is over for says so."""
    if not mailboxes.still_good(services, token):
        return _said(services, request, Joined.GONE)
    language = language_of(request, services)
    said = words(language, spoken(services))
    shown = frame.values(services, None, "", said["mail_title"], w=said, token=token)
    return render.page("mailbox.html", headers=QUIET, **(shown | {"language": language}))


@router.post("/confirm/{token}", dependencies=[Depends(throttled)])
@rule(PUBLIC)
def confirm(token: Token, request: Request, services: Given) -> Response:
    """The mailbox counts from now on. Whoever has the link is its owner: no cookie is asked."""
    return _said(services, request, mailboxes.confirm(services, token))


def _said(services: Services, request: Request, done: Joined) -> Response:
    language = language_of(request, services)
    said, name = words(language, spoken(services)), SAID[done]
    back = {"back_words": said["to_start"], "language": language}
    status = 410 if done is Joined.GONE else 200
    return frame.message(services, None, said[name], [said[f"{name}_more"]], status=status, **back)
