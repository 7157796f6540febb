"""Whether the name or code of an event is that of an abducted child's. Pure.

SAME's code is CAE (47 CFR 11.31(e)), Canada's is "amber" (CAP-CP event list); the rest is what programmes call it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_OURS = re.compile(
    r"\bamber\b|\bcae\b|abduct|kidnap|child rescue|missing child|entführ|enl[eè]vement|secuestro|sustracci",
    re.IGNORECASE,
)


def tells_of_one(events: Iterable[str]) -> bool:
    """Whether any of these names and codes says so."""
    return any(_OURS.search(event) for event in events)
