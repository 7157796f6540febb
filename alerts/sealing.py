"""Alert <-> bytes, as they lie encrypted in the store, and the hash that an approval is bound to."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from pydantic import TypeAdapter

from alerts.model import Alert


def _adapter() -> TypeAdapter[Alert]:
    """The types that `alerts.model` names for checkers only are given here."""
    from alerts.record import Record  # noqa: F401
    from geo.circles import Circle  # noqa: F401

    return TypeAdapter(Alert)


_ALERT = _adapter()
HASH_PURPOSE = "content hash"


def dump_alert(alert: Alert) -> bytes:
    """JSON, the same bytes for the same alert."""
    return _ALERT.dump_json(alert)


def load_alert(dumped: bytes) -> Alert:
    """The alert that was dumped; pydantic.ValidationError where it is none."""
    return _ALERT.validate_json(dumped)


def content_hash(secret: bytes, alert: Alert, area_digest: str, photo_hashes: Sequence[str] = ()) -> str:
    """HMAC-SHA-256, 64 hex digits, over all that people are told, where, and which photos (their hashes, in order).

    `secret` comes from the incident's key (`HASH_PURPOSE`): the hash stays in rows and in the log, and once that key is
    destroyed nobody can find out what it was of by trying names.
    """
    whole = hmac.new(secret, digestmod=hashlib.sha256)
    for part in (dump_alert(alert), area_digest.encode(), *(one.encode() for one in photo_hashes)):
        whole.update(len(part).to_bytes(8, "big") + part)  # lengths, so that no part can run into the next
    return whole.hexdigest()
