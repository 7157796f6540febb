"""Which of Apprise's addresses are taken, as data: schemes over https only, and of their options those that are harmless.

Apprise knows over a hundred services; some run programs, write files or speak to this machine, and any may be told not
to check certificates or to try again by itself. What is not here is refused. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

LONGEST = 1024
# Scheme: the options (query) it may carry. Fixed hosts are the service's own; the others' host is the operator's choice.
FIXED_HOST: Mapping[str, frozenset[str]] = {
    "slack": frozenset({"footer"}),
    "tgram": frozenset({"topic", "silent"}),
    "discord": frozenset({"thread"}),
    "gchat": frozenset({"thread"}),
    "workflows": frozenset(),
    "wxteams": frozenset(),
    "line": frozenset(),
    "bluesky": frozenset(),
}
OWN_HOST: Mapping[str, frozenset[str]] = {
    "matrixs": frozenset({"mode", "v", "msgtype", "e2ee"}),
    "mastodons": frozenset({"visibility", "spoiler", "sensitive"}),
    "mmosts": frozenset({"channel", "to"}),
    "rockets": frozenset({"mode", "avatar"}),
    "zulip": frozenset(),
    "ntfys": frozenset({"mode", "priority", "tags"}),
}
SANDBOX_ONLY: Mapping[str, frozenset[str]] = {"mmost": frozenset({"channel", "to"})}  # its receivers speak no TLS
_PLAIN = re.compile(r"[!-~]+")


def refused(url: str, *, sandbox: bool = False) -> str | None:
    """Why this is no address to post to, in a short machine word; None if it is one."""
    if not 0 < len(url) <= LONGEST or not _PLAIN.fullmatch(url):
        return "bad_address"
    try:
        parts = urlsplit(url)
        asked = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True, max_num_fields=16)}
    except ValueError:
        return "bad_address"
    known = {**FIXED_HOST, **OWN_HOST, **(SANDBOX_ONLY if sandbox else {})}
    if parts.scheme not in known:
        return "scheme"
    if not parts.netloc or "," in url or parts.fragment:  # a comma makes two addresses of one
        return "bad_address"
    return None if asked <= known[parts.scheme] else "option"
