"""If-Match (RFC 9110 section 13.1.1) on every change of an existing alert: who changes it says which state they saw.

428 without (RFC 6585 section 3), 412 with the current entity-tag when it is another. `*` is for whatever there is now.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import Depends, Header, Response

from alerts.errors import Unconditional
from alerts.service.chain import Seen

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
MISSING = "say which state of it you saw: If-Match with the ETag that you got, or * for whatever it is now"


def seen(
    if_match: Annotated[
        str | None, Header(max_length=1000, description="ETag of the alert as you saw it; * for whatever it is now.")
    ] = None,
) -> Seen:
    """The tags; None for `*`. Weak tags match nothing, nor does what is no tag."""
    if if_match is None:
        raise Unconditional(MISSING)
    if if_match.strip() == "*":
        return None
    return {tag for weak, tag in _TAG.findall(if_match) if not weak}


SeenState = Annotated[Any, Depends(seen)]


def tagged(response: Response, tag: str) -> None:
    """The answer says how it is now."""
    if tag:
        response.headers["ETag"] = f'"{tag}"'
