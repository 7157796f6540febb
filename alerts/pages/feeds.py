"""Feeds of others: how each source does, what became of its messages, its rule, and who made it what it is.

Everybody of an agency sees its sources, people of the house see all. Administrators propose, and a second one confirms
(`administration`); switching off takes one administrator or operator.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from alerts import roster
from alerts.agencies import OFFICER, Officer, Role
from alerts.api.access import ADMINISTRATOR, OPERATOR, STAFF, GatedRoute, Given, RowId, SignedIn, rule
from alerts.changes import Kind
from alerts.errors import Conflict, LookoutError, NotAllowed, Refused
from alerts.pages import feed_words, frame, render
from alerts.service import administer, feeds
from alerts.services import Services
from notifiers.transactions import reading

router = APIRouter(include_in_schema=False, route_class=GatedRoute)

LINES = 20  # of the log of each


class SourceForm(BaseModel):
    """A source as it is entered; empty texts are none."""

    name: str = Field(max_length=64)
    url: str = Field(max_length=2048)
    trust: str = Field("", max_length=64)
    interval_s: int = 60
    longest_silence_s: int | None = None

    def content(self, source_id: int | None) -> dict[str, Any]:
        own = {"name": self.name.strip(), "url": self.url.strip(), "trust": self.trust.strip() or None}
        times = {"interval_s": self.interval_s, "longest_silence_s": self.longest_silence_s}
        return own | times | {"source_id": source_id}


class NewForm(SourceForm):
    """And whose drafts its messages become."""

    agency: int


@router.get("/feeds")
@rule(STAFF)
def show(services: Given, officer: SignedIn) -> Response:
    """All sources within reach."""
    return _page(services, officer)


@router.post("/feeds")
@rule(ADMINISTRATOR)
def add(services: Given, officer: SignedIn, asked: Annotated[NewForm, Form()]) -> Response:
    """Propose a source."""
    return _propose(services, officer, Kind.FEED_SOURCE, asked.agency, asked.content(None))


@router.post("/feeds/{source_id}/change")
@rule(ADMINISTRATOR)
def change(source_id: RowId, services: Given, officer: SignedIn, asked: Annotated[SourceForm, Form()]) -> Response:
    """Propose what a source is from now on; one that was switched off goes on with it."""
    agency_id = feeds.get(services, officer, source_id, lines=0).source.agency_id
    return _propose(services, officer, Kind.FEED_SOURCE, agency_id, asked.content(source_id))


@router.post("/feeds/{source_id}/rule")
@rule(ADMINISTRATOR)
def switch_on(source_id: RowId, services: Given, officer: SignedIn, reach_cap: Annotated[int, Form()]) -> Response:
    """Propose that what it sends is approved by rule, up to so many people."""
    source = feeds.get(services, officer, source_id, lines=0).source
    content = {"source_id": source_id, "source": source.name, "reach_cap": reach_cap}
    return _propose(services, officer, Kind.FEED_RULE, source.agency_id, content)


@router.post("/feeds/{source_id}/rule/off")
@rule(ADMINISTRATOR)
def switch_off(source_id: RowId, services: Given, officer: SignedIn) -> Response:
    """At once, and alone."""
    feeds.end_rule(services, officer, source_id)
    return RedirectResponse("/feeds", 303)


@router.post("/feeds/{source_id}/disable")
@rule(ADMINISTRATOR)
def disable(source_id: RowId, services: Given, officer: SignedIn) -> Response:
    """At once, and alone."""
    feeds.disable(services, officer, source_id)
    return RedirectResponse("/feeds", 303)


@router.post("/operations/feeds/{source_id}/disable")
@rule(OPERATOR)
def stop(source_id: RowId, services: Given, officer: SignedIn) -> Response:
    """An operator stops a source at once."""
    feeds.disable(services, officer, source_id)
    return RedirectResponse("/feeds", 303)


@router.post("/feeds/{source_id}/poll")
@rule(STAFF)
def poll(source_id: RowId, services: Given, officer: SignedIn) -> Response:
    """Ask it now."""
    try:
        feeds.poll_now(services, officer, source_id)
    except Conflict as fault:
        return _page(services, officer, stray=[str(fault)])
    return RedirectResponse("/feeds", 303)


def _propose(services: Services, officer: Officer, kind: Kind, agency_id: int, content: dict[str, Any]) -> Response:
    try:
        administer.propose(services, officer, kind, agency_id or None, content)
    except (Conflict, NotAllowed, Refused) as fault:
        return _page(services, officer, stray=_said(fault))
    return _page(services, officer, done="It waits for another administrator, under Administration.")


def _said(fault: LookoutError) -> list[str]:
    return [one.message for one in fault.problems] or [str(fault)]


def _page(services: Services, officer: Officer, **more: Any) -> Response:
    found = feeds.list_all(services, officer, lines=LINES)
    scope = officer.agency.id if officer.agency else None
    with reading(services.engine) as connection:
        agencies = [one for one in roster.list_agencies(connection) if scope in {None, one.id}]
    shown = {
        "sources": [feed_words.put(one, services.clock()) for one in found],
        "agencies": agencies,
        "administers": officer.may(Role.ADMINISTER),
        "alerting": officer.may(*OFFICER),
        "operates": officer.may(Role.OPERATE),
        "stray": more.get("stray", ()),
        "done": more.get("done"),
    }
    values = frame.values(services, officer, "/feeds", "Feeds", **shown)
    return render.page("feeds.html", status=409 if shown["stray"] else 200, **values)
