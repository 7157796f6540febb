"""Alert <-> bytes, as they lie encrypted in the store, and the hash that an approval is bound to."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from pydantic import TypeAdapter

from alerts.model import Alert

_ALERT = TypeAdapter(Alert)


def dump_alert(alert: Alert) -> bytes:
    """JSON, the same bytes for the same alert."""
    return _ALERT.dump_json(alert)


def load_alert(dumped: bytes) -> Alert:
    """The alert that was dumped; pydantic.ValidationError where it is none."""
    return _ALERT.validate_json(dumped)


def content_hash(alert: Alert, area_digest: str, photo_hashes: Sequence[str] = ()) -> str:
    """SHA-256, 64 hex digits, over all that people are told, where, and which photos (their hashes, in order)."""
    whole = hashlib.sha256()
    for part in (dump_alert(alert), area_digest.encode(), *(one.encode() for one in photo_hashes)):
        whole.update(len(part).to_bytes(8, "big") + part)  # lengths, so that no part can run into the next
    return whole.hexdigest()
