"""One question to the source of a feed: conditional, bounded in time and bytes, guarded; a death is a word, no exception.

The client is `notifiers.fetching.make_client`'s: its guard judges the address, pins it, and lets no live Lookout into a
private network. A redirect is followed once, and only to the same origin.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

import httpx

from notifiers.fetching import Forbidden, TooLarge
from notifiers.guard import Refused, target_of
from notifiers.outcome import retry_after_s

TIMEOUT_S = 20.0
OK, NOT_MODIFIED = "ok", "not_modified"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ETAG = re.compile(r'(W/)?"[!#-~]{0,250}"')  # RFC 9110 section 8.8.3
_LONGEST_DATE = 40


@dataclass(frozen=True, slots=True)
class Validators:
    """By what the source knows whether we have its newest (RFC 9110 section 8.8), as it wrote them."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of it. `word`: ok, not_modified, or why not: refused, dns, tls, connect, timeout, cut, too_large,
    packed, redirect, status_NNN. `detail` is the guard's own word. `status` is 0 where no answer came.
    """

    word: str
    status: int = 0
    body: bytes | None = field(default=None, repr=False)
    validators: Validators = Validators()
    retry_after_s: float | None = None
    content_type: str = ""
    detail: str = ""


async def fetch(
    client: httpx.AsyncClient,
    url: str,
    validators: Validators = Validators(),
    *,
    accept: str,
    limit_bytes: int,
    headers: Mapping[str, str] | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Fetched:
    """GET `url`, at most `limit_bytes` (unpacked) and `timeout_s` in all. Raises nothing but CancelledError."""
    asked = {"Accept": accept, "Accept-Encoding": "gzip", **(headers or {}), **_conditions(validators)}
    try:
        async with asyncio.timeout(timeout_s):
            answer = await _get(client, url, asked, limit_bytes, timeout_s)
            if answer.status_code in REDIRECTS and (there := _same_origin(url, answer.headers.get("location", ""))):
                answer = await _get(client, there, asked, limit_bytes, timeout_s)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError) as death:
        return _died(death, validators)
    return _answered(answer, validators, datetime.now(UTC))


async def _get(
    client: httpx.AsyncClient, url: str, headers: Mapping[str, str], limit_bytes: int, timeout_s: float
) -> httpx.Response:
    extensions = {"max_bytes": limit_bytes, "timeout": httpx.Timeout(timeout_s).as_dict()}
    return await client.get(url, headers=headers, extensions=extensions, follow_redirects=False)


def user_agent(contact: str) -> dict[str, str]:
    """Who asks, and where its people are reached: api.weather.gov and others want to know."""
    told = "".join(one for one in contact if " " <= one <= "~" and one not in "()").strip()[:200]
    return {"User-Agent": f"lookout ({told})" if told else "lookout"}


def _conditions(validators: Validators) -> dict[str, str]:
    """RFC 9110 sections 13.1.2 and 13.1.3: both, for whoever knows only the older one."""
    said = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in said.items() if value}


def _same_origin(url: str, location: str) -> str | None:
    """Where a redirect leads; None where that is another origin, or no URL."""
    try:
        there = urljoin(url, location)
        return there if location and target_of(there)[1] == target_of(url)[1] else None
    except (Refused, ValueError):
        return None


def _answered(answer: httpx.Response, before: Validators, now: datetime) -> Fetched:
    status, headers = answer.status_code, answer.headers
    found = Fetched(
        f"status_{status}",
        status,
        validators=before,
        retry_after_s=retry_after_s(headers.get("retry-after"), now),
        content_type=headers.get("content-type", "")[:100],
    )
    if status == 200:
        return replace(found, word=OK, body=answer.content, validators=_validators(headers))
    if status == 304 and before != Validators():
        fresh = _validators(headers)
        kept = Validators(fresh.etag or before.etag, fresh.last_modified or before.last_modified)
        return replace(found, word=NOT_MODIFIED, validators=kept)
    return replace(found, word="redirect") if status in REDIRECTS else found


def _validators(headers: httpx.Headers) -> Validators:
    """Those that are what they should be: they are stored, and sent back as they stand."""
    etag, modified = headers.get("etag", ""), headers.get("last-modified", "")
    return Validators(etag if _ETAG.fullmatch(etag) else None, modified if _is_date(modified) else None)


def _is_date(text: str) -> bool:
    try:
        return (
            len(text) <= _LONGEST_DATE and text.isascii() and text.isprintable() and bool(parsedate_to_datetime(text))
        )
    except (ValueError, TypeError, OverflowError):
        return False


def _died(death: Exception, before: Validators) -> Fetched:
    if isinstance(death, Forbidden):
        return Fetched("refused", validators=before, detail=str(death))
    if isinstance(death, httpx.ConnectError):
        return Fetched(str(death) if str(death) in {"dns", "tls"} else "connect", validators=before)
    word = next((word for kind, word in _WORDS if isinstance(death, kind)), "cut")
    return Fetched(word, validators=before)


_WORDS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (TooLarge, "too_large"),
    (httpx.DecodingError, "packed"),
    ((httpx.TimeoutException, TimeoutError), "timeout"),
    ((httpx.InvalidURL, httpx.UnsupportedProtocol), "refused"),
    (httpx.HTTPError, "cut"),
    (ValueError, "refused"),
)
