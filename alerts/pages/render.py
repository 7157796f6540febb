"""Templates, style and script files to answers: one environment, one policy of what a page may load."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from alerts.api.retried import ONCE
from alerts.pages.isolating import numbers, valued, whole
from alerts.pages.words import direction, moment
from notifiers.catalogues import ENGLISH

ROOM = Path(__file__).parent
STATIC = ROOM / "static"
KINDS = {
    ".css": "text/css",
    ".png": "image/png",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}

_POSTS = re.compile(r'<form\b[^>]*?\bmethod="post"[^>]*?\baction="[^"?]*(?=")')

# Nothing but our own files, no frame around us, forms only to ourselves.
POLICY = (
    "default-src 'none'; script-src 'self'{scripts}; style-src 'self'{styles}; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@cache
def environment() -> Environment:
    """The one environment: everything is escaped, a misspelt name is an error."""
    made = Environment(
        loader=FileSystemLoader(ROOM / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["moment"] = _moment
    made.filters["number"] = number
    made.filters["numbers"] = numbers
    made.filters["valued"] = valued
    made.filters["whole"] = whole
    made.globals["static"] = static_path
    made.globals["direction"] = direction
    return made


@pass_context
def _moment(context: Context, at: datetime) -> str:
    return moment(at, str(context.get("language") or ENGLISH))


def number(value: float) -> str:
    """A count as people read it: 12,345."""
    return f"{value:,.0f}"


@cache
def static_file(name: str) -> bytes:
    """One of our own files under static/; KeyError for every other name, so that no path can lead elsewhere."""
    known = {path.name: path for path in STATIC.iterdir() if path.suffix in KINDS}
    return known[name].read_bytes()


@cache
def static_path(name: str) -> str:
    """The address of a static file, new whenever its content is: browsers may keep it for good."""
    return f"/static/{name}?v={hashlib.sha256(static_file(name)).hexdigest()[:10]}"


@cache
def inline(*names: str) -> Markup:
    """Static files as one text to stand inside a page; they are ours, so nothing is escaped."""
    return Markup(b"".join(static_file(name) for name in names).decode().strip())  # noqa: S704 our own file


def source_hash(text: str) -> str:
    """The CSP source that allows exactly this inline text (CSP level 3, section 2.3.1)."""
    return f" 'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def policy(style: str = "", script: str = "") -> str:
    """The Content-Security-Policy of a page with these inline texts."""
    return POLICY.format(scripts=source_hash(script) if script else "", styles=source_hash(style) if style else "")


def text(template: str, values: Mapping[str, Any]) -> str:
    """A template filled; StrictUndefined raises where a value is missing."""
    return environment().get_template(template).render(**values)


def _posted_once(html: str) -> str:
    """Every form of a page that posts carries a key of its own (`alerts.api.retried`): pressed twice, it does one thing."""
    return _POSTS.sub(lambda found: f"{found[0]}?{ONCE}={secrets.token_urlsafe(12)}", html)


def page(template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any) -> Response:
    """An inner page: never stored by anyone, whatever it shows."""
    fixed = {"cache-control": "no-store", "content-security-policy": policy(), "referrer-policy": "same-origin"}
    return HTMLResponse(_posted_once(text(template, values)), status, fixed | dict(headers or {}))
