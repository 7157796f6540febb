"""How the texts of CAP are written: times, names, languages, links, sizes, digests. One small check for each form.

Source: OASIS CAP 1.2, sections 3.2.1 to 3.2.4 (the notes of each element) and 3.3.2 (date and time).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from alerts.cap_faults import Faults, shown

NAME = re.compile(r"[^\s,<&]+")
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d", re.ASCII)
LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*", re.ASCII)
PRIMARY = re.compile(r"[a-zA-Z]{2,3}|[ixIX]", re.ASCII)
DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
MIME = re.compile(r"([a-zA-Z0-9][a-zA-Z0-9!#$&^_.+-]*)/[a-zA-Z0-9][a-zA-Z0-9!#$&^_.+-]*(\s*;.*)?", re.ASCII | re.DOTALL)
KINDS = frozenset({"application", "audio", "font", "image", "message", "model", "multipart", "text", "video"})
SHA1 = re.compile(r"[0-9a-fA-F]{40}", re.ASCII)
SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):", re.ASCII)
QUOTED = re.compile(r'"([^"]*)"|(\S+)')
FURTHEST = 14 * 60  # minutes: XML Schema part 2, section 3.2.7.3
SHOULD_BE = "write it like 2026-01-31T18:05:00-08:00"


def instant(text: str) -> datetime | None:
    """The moment in UTC; None where it is none, or has no offset."""
    try:
        late = text[10:19] == "T24:00:00"  # midnight at the end of a day (XML Schema part 2, section 3.2.7)
        at = datetime.fromisoformat(text.replace("T24:", "T00:", 1) if late else text)
        offset = at.utcoffset()
        if offset is None or abs(offset) > timedelta(minutes=FURTHEST):
            return None
        return (at + timedelta(days=1) if late else at).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def listed(text: str | None) -> tuple[str, ...]:
    """Values between spaces, those with spaces in double quotes (CAP 1.2 section 3.2.1, addresses)."""
    return tuple(quoted or plain for quoted, plain in QUOTED.findall(text or ""))


def scheme_of(address: str) -> str | None:
    """The scheme in lower case, empty for none; None where it is no address at all."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    if re.search(r"[\s<>\"{}|\\^`\x00-\x20\x7f]", address):
        return None
    found = SCHEME.match(address)
    scheme = found[1].lower() if found else ""
    return None if scheme in {"http", "https"} and not parts.hostname else scheme


def _name(name: str, text: str, path: str, faults: Faults) -> bool:
    if not NAME.fullmatch(text):
        faults.error(f"{name}-characters", path, f"{name} is {shown(text)}: no spaces, commas, < or & may stand in it")
    return True


def _time(name: str, text: str, path: str, faults: Faults) -> bool:
    if instant(text) is None:
        bare = re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?", text, re.ASCII)
        type_, said = ("no-offset", "has no offset") if bare else ("not-a-time", "is no time")
        faults.error(f"{name}-{type_}", path, f"{name} is {shown(text)}, which {said}: {SHOULD_BE}")
        return False
    if DATE.fullmatch(text):
        if text.endswith("+00:00"):
            faults.odd(f"{name}-utc-form", path, f"{name} is {shown(text)}: UTC is written -00:00 in CAP")
    elif text.upper().endswith("Z"):
        faults.bent(f"{name}-not-numeric", path, f"{name} is {shown(text)}: Z must not be used, write -00:00 for UTC")
    else:
        faults.bent(f"{name}-form", path, f"{name} is {shown(text)}: {SHOULD_BE}")
    return True


def _language(name: str, text: str, path: str, faults: Faults) -> bool:
    if not LANGUAGE.fullmatch(text):
        faults.error(f"{name}-malformed", path, f"{name} is {shown(text)}: it must be a tag such as en-US (BCP 47)")
    elif not PRIMARY.fullmatch(text.partition("-")[0]):
        faults.odd(
            f"{name}-unknown", path, f"{name} is {shown(text)}: a tag begins with two or three letters, as en-US"
        )
    return True


def _web(name: str, text: str, path: str, faults: Faults) -> bool:
    scheme = scheme_of(text)
    if scheme in {"http", "https"}:
        return True
    if scheme is None:
        faults.error(f"{name}-malformed", path, f"{name} is {shown(text)}, which is no address: write it in full")
    elif scheme:
        faults.error(f"{name}-scheme", path, f"{name} begins with {scheme[:20]}: only https and http lead to a page")
    else:
        faults.bent(f"{name}-not-absolute", path, f"{name} is {shown(text)}: it must begin with https:// or http://")
    return False


def _uri(name: str, text: str, path: str, faults: Faults) -> bool:
    scheme = scheme_of(text)
    if scheme is None:
        faults.error(f"{name}-malformed", path, f"{name} is {shown(text)}, which is no address")
    elif scheme not in {"", "http", "https"}:
        faults.error(f"{name}-scheme", path, f"{name} begins with {scheme[:20]}: only https and http are fetched")
    return scheme in {"", "http", "https"}


def _mime(name: str, text: str, path: str, faults: Faults) -> bool:
    found = MIME.fullmatch(text)
    if not found or found[1].lower() not in KINDS:
        faults.bent(f"{name}-malformed", path, f"{name} is {shown(text)}: write a type such as image/jpeg (RFC 2046)")
    return True


def _size(name: str, text: str, path: str, faults: Faults) -> bool:
    if not INTEGER.fullmatch(text):
        faults.error(f"{name}-not-a-number", path, f"{name} is {shown(text)}: write a whole number of bytes")
        return False
    if int(text) < 0:
        faults.error(f"{name}-negative", path, f"{name} is {shown(text)}: a file cannot have fewer bytes than none")
        return False
    return True


def _digest(name: str, text: str, path: str, faults: Faults) -> bool:
    if not SHA1.fullmatch(text):
        faults.bent(f"{name}-malformed", path, f"{name} is {shown(text)}: a SHA-1 has 40 hexadecimal digits")
        return False
    return True


def _base64(name: str, text: str, path: str, faults: Faults) -> bool:
    if decoded(text) is None:
        faults.bent(f"{name}-not-base64", path, f"{name} must hold the file itself in base64, and does not")
        return False
    return True


def decoded(text: str) -> bytes | None:
    """The bytes of base64, white space aside; None where it is none."""
    try:
        return base64.b64decode("".join(text.split()).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None


def _decimal(name: str, text: str, path: str, faults: Faults) -> bool:
    if not DECIMAL.fullmatch(text) or len(text) > 30:
        faults.error(f"{name}-not-a-number", path, f"{name} is {shown(text)}: write a number of feet above sea level")
        return False
    return True


def _list(name: str, text: str, path: str, faults: Faults) -> bool:
    if text.count('"') % 2:
        faults.odd(f"{name}-quotes", path, f"{name} has a double quote that is not closed")
    return True


def _references(name: str, text: str, path: str, faults: Faults) -> bool:
    """Each is sender,identifier,sent; between them white space."""
    for triple in text.split():
        parts = triple.split(",")
        if len(parts) != 3 or not all(parts) or instant(parts[2]) is None:
            said = f"{shown(triple)} is no reference: write sender,identifier,sent without spaces"
            faults.error(f"{name}-malformed", path, said)
        elif not DATE.fullmatch(parts[2]):
            faults.odd(f"{name}-time-form", path, f"the time in {shown(triple)} is not as CAP writes it: {SHOULD_BE}")
    return True


Check = Callable[[str, str, str, Faults], bool]

FORMS: Mapping[str, Check] = {
    "name": _name,
    "time": _time,
    "language": _language,
    "web": _web,
    "uri": _uri,
    "mime": _mime,
    "size": _size,
    "digest": _digest,
    "base64": _base64,
    "decimal": _decimal,
    "list": _list,
    "references": _references,
}
