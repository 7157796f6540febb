"""What every inner page has in common: who looks, which doors are open to them, whether this is a sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response

from alerts.agencies import Officer, Role
from alerts.model import Problem
from alerts.pages import render
from alerts.services import Services

DOORS = {
    Role.OFFICER: (("/console", "Alerts"), ("/console/new", "New alert")),
    Role.OPERATOR: (("/operations", "Operations"),),
}
HEADINGS = {
    401: "Please sign in",
    403: "This is not for you",
    404: "Nothing here",
    409: "Something else happened first",
    413: "That is too large",
    429: "Too many requests",
    503: "Busy",
}


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
        "language": "en",
        "here": here,
        "sandbox": services.settings.sandbox,
        "exercise": False,
        "who": who,
        "doors": DOORS[officer.role] if officer else (),
        "faults": {},
    } | more


def message(
    services: Services, officer: Officer | None, heading: str, lines: Sequence[str], *, status: int = 200, **more: Any
) -> Response:
    """A page with a heading, a few lines and a way on."""
    shown = {"heading": heading, "lines": lines, "back": "/", "back_words": "To the start"} | more
    return render.page("message.html", status=status, **values(services, officer, "", heading, **shown))


def error_page(request: Request, status: int, problems: Sequence[Problem]) -> Response:
    """What a browser shows where a program would get problem+json: the same faults as sentences."""
    services: Services = request.app.state.services
    caller = getattr(request.state, "caller", None)
    heading = HEADINGS.get(status, "This did not work" if status < 500 else "A fault on our side")
    lines = [problem.message for problem in problems] or [HTTPStatus(status).phrase]
    if status == HTTPStatus.UNAUTHORIZED:
        lines = ["This page is for officers and operators. Open your one-time sign-in link to come in."]
    return message(services, caller.officer if caller else None, heading, lines, status=status)
