"""The public's pages: the start, the alert page with its photos and card, and our static files.

A page is kept by nobody without asking again (no-cache and an ETag): the moment the alert is over, every copy that is
asked for is the one that says so.
"""

from __future__ import annotations

import gzip
import hashlib
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from alerts import doors, reading
from alerts.api.access import PUBLIC, Given, Someone, rule
from alerts.errors import NotFound
from alerts.pages import card, frame, poster, public_page, render
from alerts.pages.counted import Way, count
from alerts.pages.map import around
from alerts.pages.memo import Memo
from alerts.pages.public_page import Reader
from alerts.pages.rack import PHOTO_TYPES
from alerts.pages.ready import KEPT_BY_NOBODY
from alerts.pages.words import base, choose
from alerts.reports import PublicAlert
from alerts.service.languages import spoken
from alerts.services import Services
from notifiers import share_tokens
from notifiers.attention import VISITED
from notifiers.catalogues import ENGLISH, NAMES, catalogue

router = APIRouter(include_in_schema=False)

FOR_GOOD = {"cache-control": "public, max-age=31536000, immutable"}
FOR_AN_HOUR = {"cache-control": "public, max-age=3600"}
BEACONS = {"content-security-policy": "default-src 'none'; connect-src 'self'"}  # a service worker's own policy
ANY = 10_000  # pixels: whatever size a picture has
Pixels = Annotated[int, Query(ge=1)]
Form = Annotated[str, Query(max_length=8)]
Language = Annotated[str | None, Query(max_length=35)]


@router.get("/")
@rule(PUBLIC)
def start(request: Request, services: Given, officer: Someone) -> Response:
    """Three doors: the officer, the public, the operator. In English in a demo, and for who is signed in."""
    demo = doors.find(services.settings.data, sandbox=services.settings.sandbox)
    language = ENGLISH if demo or officer else frame.language_of(request, services)
    said = catalogue(language).said
    return render.page(
        "home.html", **frame.values(services, officer, "/", said["start"], demo=demo, language=language, w=said)
    )


@router.api_route("/a/{token}", methods=["GET", "HEAD"])
@rule(PUBLIC)
def alert(token: str, request: Request, services: Given, lang: Language = None, c: Way = "") -> Response:
    """The alert, or that it is over, in the language that suits the reader best."""
    reader = Reader(lang, request.headers.get("accept-language"), spoken(services))
    memo: Memo[str] = request.app.state.memo
    try:
        key = (token, reading.public_standing(services, token), reader)  # whatever changes, changes the key
        answer = _html(request, memo.get(key, lambda: _written(services, token, reader)))
    except NotFound:
        return _html(request, public_page.write_missing(reader), status=404)
    if c and request.method == "GET":
        count(request, services, token, VISITED, c)
    return answer


@router.get("/a/{token}/state")
@rule(PUBLIC)
def state(token: str, services: Given) -> Response:
    """What an open page compares to know that it is out of date."""
    return PlainTextResponse(public_page.state_of(reading.public_alert(services, token)), headers=KEPT_BY_NOBODY)


@router.get("/a/{token}/photo/{name}")
@rule(PUBLIC)
def photo(token: str, name: str, request: Request, services: Given) -> Response:
    """A photo: 1.avif, 1.webp, 1.jpg for the first screen, 1-full.avif and so on; none once the alert is over."""
    number, size, form = photo_name(name)
    content = reading.public_photo(services, token, number, size, form)
    return _answer(request, content, PHOTO_TYPES[form], KEPT_BY_NOBODY)


@router.get("/a/{token}/card.jpg")
@rule(PUBLIC)
def share_card(token: str, request: Request, services: Given) -> Response:
    """The picture a shared link shows (Open Graph, 1200 x 630); it too says when the alert is over."""
    found = reading.public_alert(services, token)
    portrait = None if found.over or not found.photos else reading.public_photo(services, token, 1, "full", "jpg")
    return _answer(request, card.draw(found, portrait, spoken(services)), "image/jpeg", KEPT_BY_NOBODY | card.KEPT)


@router.get("/a/{token}/poster-{size}.pdf")
@rule(PUBLIC)
def print_poster(token: str, size: str, request: Request, services: Given, lang: Language = None) -> Response:
    """The alert as a poster, a4 or letter; when it is over, that it is over."""
    if size not in poster.SIZES:
        raise NotFound("no such poster")
    memo: Memo[bytes] = request.app.state.posters
    asked = (size, choose(NAMES, lang, request.headers.get("accept-language")) if lang is None else lang)
    key = (token, reading.public_standing(services, token), asked)
    content = memo.get(key, lambda: _poster(services, token, *asked))
    named = {"content-disposition": f'inline; filename="poster-{size}.pdf"'}
    return _answer(request, content, "application/pdf", KEPT_BY_NOBODY | named)


@router.get("/static/{name}")
@rule(PUBLIC)
def static(name: str, request: Request) -> Response:
    """One of our own style sheets, scripts or drawings; asked for by its digest it never changes."""
    try:
        content = render.static_file(name)
    except KeyError:
        raise NotFound("no such file") from None
    kept = FOR_GOOD if "v" in request.query_params else FOR_AN_HOUR
    kind = render.KINDS["." + name.rpartition(".")[2]]
    return _answer(request, content, kind if kind == "image/png" else f"{kind}; charset=utf-8", kept)


@router.get("/sw.js")
@rule(PUBLIC)
def service_worker(request: Request) -> Response:
    """The service worker at the root, so that its scope is the whole site."""
    return _answer(
        request, render.static_file("sw.js"), "text/javascript; charset=utf-8", {"cache-control": "no-cache", **BEACONS}
    )


@router.get("/oembed")
@rule(PUBLIC)
def embed(
    services: Given,
    url: Annotated[str, Query(max_length=400)],
    maxwidth: Pixels = ANY,
    maxheight: Pixels = ANY,
    format: Form = "json",  # noqa: A002 oEmbed's own word
) -> Response:
    """OEmbed (https://oembed.com): a link with the card as its picture, never the page itself; no child's name in it. In
    the language that the page's address asks for, else in the alert's first.
    """
    if format != "json":
        return PlainTextResponse("only json", 501)
    token, _, query = url.removeprefix(f"{services.settings.base_url}/a/").partition("?")
    found = reading.public_alert(services, token)
    kept = KEPT_BY_NOBODY | card.KEPT | {"access-control-allow-origin": "*"}
    asked = parse_qs(query).get("lang", [None])[0]
    reader = Reader(asked, spoken=spoken(services))
    told = public_page.embedded(found, services.settings.base_url, reader, (maxwidth, maxheight))
    return JSONResponse(told, headers=kept)


def photo_name(name: str) -> tuple[int, str, str]:
    """Number, size and form out of a photo's file name; NotFound for every other name."""
    stem, _, form = name.partition(".")
    number, _, size = stem.partition("-")
    if not (number.isascii() and number.isdecimal() and len(number) < 3) or form not in PHOTO_TYPES:
        raise NotFound("no such photo")
    return int(number), size or "small", form


def _alert(services: Services, token: str, reader: Reader) -> PublicAlert:
    """The alert with its lines in the language of the page."""
    wanted = choose(NAMES, reader.asked, reader.accept)
    found = reading.public_alert(services, token, language=wanted)
    shown = choose(found.texts, reader.asked, reader.accept)
    return found if base(shown) == base(wanted) else reading.public_alert(services, token, language=shown)


def _poster(services: Services, token: str, size: str, language: str) -> bytes:
    found = _alert(services, token, Reader(language))
    portrait = None if found.over or not found.photos else reading.public_photo(services, token, 1, "full", "jpg")
    page_url = f"{services.settings.base_url}/a/{token}"
    return poster.draw(found, portrait, poster.Asked(size, language, page_url, services.clock(), spoken(services)))


def _written(services: Services, token: str, reader: Reader) -> str:
    found = _alert(services, token, reader)
    here, now = services.settings.base_url, services.clock()
    mark = share_tokens.mint_for_all(share_tokens.secret_of(services.vault), token, now)
    near = around(services.gazetteer)
    return public_page.write(found, reader, now=now, base_url=here, around=near, mark=mark)


def _html(request: Request, text: str, *, status: int = 200) -> Response:
    headers = KEPT_BY_NOBODY | {
        "content-security-policy": public_page.policy(),
        "vary": "accept-encoding, accept-language",
    }
    content = text.encode()
    if "gzip" in request.headers.get("accept-encoding", ""):
        content, headers = gzip.compress(content, 6, mtime=0), headers | {"content-encoding": "gzip"}
    return _answer(request, content, "text/html; charset=utf-8", headers, status=status)


def _answer(request: Request, content: bytes, kind: str, headers: dict[str, str], *, status: int = 200) -> Response:
    """The content, or 304 where the browser has it already (RFC 9110 section 13.1.2)."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
    marked = headers | {"etag": tag}
    if status == 200 and tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=marked)
    return Response(content, status, marked, media_type=kind)
