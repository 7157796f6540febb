"""/operations/languages: the catalogues of our own words, who reviewed them, and the operator's switch."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from alerts.api.access import OPERATOR, GatedRoute, Given, SignedIn, rule
from alerts.pages import frame, render
from alerts.service import languages

router = APIRouter(include_in_schema=False, route_class=GatedRoute)

AT = "/operations/languages"


@router.get(AT)
@rule(OPERATOR)
def show(services: Given, operator: SignedIn) -> Response:
    """Every language with how it stands."""
    shown = {"languages": languages.listed(services), "sandbox": services.settings.sandbox}
    return render.page("languages.html", **frame.values(services, operator, "/operations", "Languages", **shown))


@router.post(AT + "/{tag}/on")
@rule(OPERATOR)
def switch_on(tag: str, services: Given, operator: SignedIn) -> Response:
    """Pages speak it from now on, reviewed or not."""
    languages.switch(services, operator, tag, on=True)
    return RedirectResponse(AT, 303)


@router.post(AT + "/{tag}/off")
@rule(OPERATOR)
def switch_off(tag: str, services: Given, operator: SignedIn) -> Response:
    """Pages say it in English again."""
    languages.switch(services, operator, tag, on=False)
    return RedirectResponse(AT, 303)
