"""From where whoever acts came: the address, and the key or session that proved them. Set once a request, read by the log.

A context variable, since it belongs to no decision: nothing is allowed or refused by it.
"""

from __future__ import annotations

import hashlib
from contextvars import ContextVar
from dataclasses import dataclass

LOCAL = "local"  # the command line, a scheduled job
_SHOWN = 12  # hex digits of a credential's hash: enough to find its row, nothing to sign in with


@dataclass(slots=True)
class Source:
    """Mutable: the edge knows the address before it knows who calls."""

    address: str = ""
    credential: str = ""


_current: ContextVar[Source | None] = ContextVar("acting_from", default=None)


def begin(address: str) -> Source:
    """From here on, in this request, acts come from `address`."""
    source = Source(address[:64])
    _current.set(source)
    return source


def proven_by(kind: str, secret: str) -> None:
    """What proved the caller: `kind` is key, session or passkey. Only the beginning of its hash is kept."""
    source = _current.get()
    if source is not None:
        source.credential = f"{kind}:{hashlib.sha256(secret.encode()).hexdigest()[:_SHOWN]}"


def words() -> str:
    """As the log says it: `203.0.113.7 key:0123456789ab`."""
    source = _current.get()
    return LOCAL if source is None else " ".join(filter(None, (source.address, source.credential))) or LOCAL
