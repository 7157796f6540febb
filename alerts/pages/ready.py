"""Answers that lie ready as bytes: head and content are made once, and sent as they are to everybody who asks."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from alerts.api.headers import ALWAYS, HSTS

Head = tuple[tuple[bytes, bytes], ...]

# Nobody keeps a copy that outlives the alert: no search engine, no cache without asking.
KEPT_BY_NOBODY = {"cache-control": "no-cache", "x-robots-tag": "noindex, noarchive, noimageindex"}
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Ready:
    """One answer: its content, its head, its entity tag."""

    content: bytes = field(repr=False)
    head: Head
    tag: bytes
    status: int = 200

    @property
    def kept(self) -> Head:
        """The head of a 304: all but what describes a content (RFC 9110 section 15.4.5)."""
        return tuple((name, value) for name, value in self.head if name not in {b"content-length", b"content-type"})


def make(content: bytes, kind: str, headers: Mapping[str, str], *, https: bool, status: int = 200) -> Ready:
    """An answer with the headers that every answer of the house carries (`alerts.api.headers`)."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
    plain = {"content-security-policy": "default-src 'none'; frame-ancestors 'none'"} | dict(headers)
    whole = {name.lower(): value for name, value in (ALWAYS | ({HSTS[0]: HSTS[1]} if https else {})).items()}
    whole |= plain | {"etag": tag, "content-type": kind, "content-length": str(len(content))}
    return Ready(content, tuple((name.encode(), value.encode()) for name, value in whole.items()), tag.encode(), status)


def make_page(text: str, policy: str, *, https: bool, also: Mapping[str, str] | None = None) -> tuple[Ready, Ready]:
    """A page plain and compressed (gzip, level 9: it is done once)."""
    headers = KEPT_BY_NOBODY | {"content-security-policy": policy, "vary": "accept-encoding, accept-language"}
    headers |= also or {}
    content = text.encode()
    packed = gzip.compress(content, 9, mtime=0)
    zipped = make(packed, HTML, headers | {"content-encoding": "gzip"}, https=https)
    return make(content, HTML, headers, https=https), zipped
