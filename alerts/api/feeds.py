"""/v1/feeds and /v1/cap: what is in force, for anyone, to be kept by caches for a moment.

A copy may be 2 s old and is made of what was seen at most 1 s before: within 5 s of the end nobody is told otherwise.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from alerts import feed_forms
from alerts.api import problem
from alerts.api.access import PUBLIC, Given, rule
from alerts.api.documents import problems
from alerts.cap_elements import CONTENT_TYPE as CAP
from alerts.feeds_out import Ended, Kept, Shelf
from alerts.services import Services

router = APIRouter(prefix="/v1", tags=["feeds"])

KEPT = {
    "cache-control": "public, max-age=2, must-revalidate",
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "x-robots-tag": "noindex, noarchive, noimageindex",
}
SETTLED = timedelta(seconds=6)  # what was decided so long ago can be seen: a Last-Modified of then is sure


def _said(kind: str, what: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {kind: {}}, "description": what}, 304: {"description": "You have it already"}}


@router.get("/feeds", responses={304: {"description": "You have it already"}})
@rule(PUBLIC)
def list_feeds(services: Given) -> dict[str, str]:
    """Where the public feeds stand, by form; `cap` with the token of an incident in place of `{id}`."""
    base_url = services.settings.base_url
    return {
        "atom": base_url + feed_forms.ATOM_PATH,
        "geojson": base_url + feed_forms.GEOJSON_PATH,
        "cap": base_url + feed_forms.cap_path("{id}"),
    }


@router.get(
    "/feeds/alerts.atom",
    response_class=Response,
    responses=_said(feed_forms.ATOM_TYPE, "The Atom feed (RFC 4287)"),
)
@router.head("/feeds/alerts.atom", include_in_schema=False)
@rule(PUBLIC)
def get_atom(request: Request, services: Given) -> Response:
    """What is in force as Atom, each entry with a link to its CAP; an alert that is over says so for a day."""
    return _answer(request, services, _shelf(request).now().atom, feed_forms.ATOM_TYPE)


@router.get(
    "/feeds/alerts.geojson",
    response_class=Response,
    responses=_said(feed_forms.GEOJSON_TYPE, "A FeatureCollection (RFC 7946)"),
)
@router.head("/feeds/alerts.geojson", include_in_schema=False)
@rule(PUBLIC)
def get_geojson(request: Request, services: Given) -> Response:
    """What is in force as GeoJSON: the areas, and what is said of each alert. What is over is not in it."""
    return _answer(request, services, _shelf(request).now().geojson, feed_forms.GEOJSON_TYPE)


@router.get(
    "/cap/{token}",
    response_class=Response,
    responses={**problems(404, 410), **_said(CAP, "The CAP 1.2 message in force, or its Cancel")},
)
@router.head("/cap/{token}", include_in_schema=False)
@rule(PUBLIC)
def get_public_cap(token: str, request: Request, services: Given) -> Response:
    """The CAP of an alert as it was sent; once it is over its Cancel, without anything of the child, then 410."""
    try:
        return _answer(request, services, _shelf(request).cap(token), CAP)
    except Ended:
        return problem.answer(request, 410, detail="the alert is over, and what it said is gone")


def _shelf(request: Request) -> Shelf:
    shelf: Shelf = request.app.state.shelf
    return shelf


def _answer(request: Request, services: Services, kept: Kept, kind: str) -> Response:
    """The document, or 304 (RFC 9110 section 13.2.2: If-None-Match goes before If-Modified-Since)."""
    headers = KEPT | {"etag": kept.tag, "last-modified": _http(_sure(kept.changed_at, services.clock()))}
    if _known(request, kept):
        return Response(status_code=304, headers=headers)
    return Response(kept.content, headers=headers, media_type=kind)


def _known(request: Request, kept: Kept) -> bool:
    asked = request.headers.get("if-none-match")
    if asked is not None:
        tags = [tag.strip().removeprefix("W/") for tag in asked.split(",")]
        return kept.tag in tags or "*" in tags
    since = _parsed(request.headers.get("if-modified-since", ""))
    return since is not None and since >= kept.changed_at.replace(microsecond=0)


def _sure(changed_at: datetime, now: datetime) -> datetime:
    """A time after which nothing changed that could not be seen yet: seconds are too coarse to tell two changes apart."""
    return min(changed_at, now - SETTLED)


def _http(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC).replace(microsecond=0), usegmt=True)


def _parsed(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo else None
