"""What every inner page has in common: who looks, which doors are open to them, whether this is a sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response

from alerts.agencies import OFFICER, OPERATOR, Officer, Role, Use
from alerts.model import Problem
from alerts.pages import render
from alerts.pages.words import choose, offered
from alerts.service.languages import spoken
from alerts.services import Services
from notifiers.catalogues import ENGLISH, catalogue

DOORS = (  # who holds any of these roles sees this door
    (OFFICER, "/console", "Alerts"),
    ({Role.SUBMIT}, "/console/new", "New alert"),
    (OPERATOR, "/operations", "Operations"),
    ({Role.APPROVE}, "/console/consents", "Neighbours"),
    ({Role.ADMINISTER}, "/administration", "Administration"),
    (set(Role), "/feeds", "Feeds"),  # after all that is somebody's own work: the first door is where they come in
)
HEADINGS = {
    401: "Please sign in",
    403: "This is not for you",
    404: "Nothing here",
    409: "Something else happened first",
    413: "That is too large",
    429: "Too many requests",
    503: "Busy",
}


def home(officer: Officer | None) -> str:
    """Where somebody's work is."""
    return next((path for roles, path, _ in DOORS if officer and officer.may(*roles)), "/account" if officer else "/")


@dataclass(frozen=True, slots=True)
class Who:
    """Who is signed in, as the head of a page names them."""

    name: str
    agency: str | None


def values(services: Services, officer: Officer | None, here: str, title: str, **more: Any) -> dict[str, Any]:
    """The values of frame.html, and `more`."""
    who = Who(officer.name, officer.agency.name if officer.agency else None) if officer else None
    return {
        "title": title,
        "language": ENGLISH,
        "w": catalogue(ENGLISH).said,
        "here": here,
        "sandbox": services.settings.sandbox,
        "exercise": False,
        "who": who,
        "doors": [(path, name) for roles, path, name in DOORS if officer.may(*roles)] if officer else (),
        "drill": officer is not None and officer.use is Use.DRILL,
        "faults": {},
    } | more


def message(
    services: Services, officer: Officer | None, heading: str, lines: Sequence[str], *, status: int = 200, **more: Any
) -> Response:
    """A page with a heading, a few lines and a way on."""
    said = catalogue(more.get("language", ENGLISH)).said
    shown = {"heading": heading, "lines": lines, "back": "/", "back_words": said["to_start"], "w": said} | more
    return render.page("message.html", status=status, **values(services, officer, "", heading, **shown))


def language_of(request: Request, services: Services, shown_in: str = "") -> str:
    """Of the public pages' own words, for this reader; for a form that came back, the one it was `shown_in`."""
    wish = shown_in or request.query_params.get("lang")
    return choose(offered(spoken(services)), wish, request.headers.get("accept-language"))


def error_page(request: Request, status: int, problems: Sequence[Problem]) -> Response:
    """What a browser shows where a program would get problem+json: the same faults as sentences.

    Those are in English: whoever reads another language, and is not signed in, is told of the kind of fault alone.
    """
    services: Services = request.app.state.services
    caller = getattr(request.state, "caller", None)
    language = language_of(request, services)
    if language != ENGLISH and not (caller and caller.officer) and status != HTTPStatus.UNAUTHORIZED:
        return _briefly(services, status, language)
    heading = HEADINGS.get(status, "This did not work" if status < 500 else "A fault on our side")
    lines = [problem.message for problem in problems] or [HTTPStatus(status).phrase]
    if status == HTTPStatus.UNAUTHORIZED:
        lines = ["This page is for officers, operators and administrators. Sign in with your passkey."]
        way_in = {"back": "/signin", "back_words": "Sign in"}
        return message(services, None, heading, lines, status=status, **way_in)
    return message(services, caller.officer if caller else None, heading, lines, status=status)


def _briefly(services: Services, status: int, language: str) -> Response:
    said = catalogue(language).said
    name = f"error_{status}" if f"error_{status}" in said else "error" if status < 500 else "error_500"
    return message(services, None, said[name], [said[f"{name}_more"]], status=status, language=language)
