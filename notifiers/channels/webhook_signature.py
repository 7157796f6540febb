"""Signatures of Standard Webhooks 1.0 (https://www.standardwebhooks.com): HMAC-SHA-256 over id, time and body. Pure.

A receiver's secret is not stored: it follows from the installation's secret, which lies in the vault, and from the key
id in the subscription's address. So a copy of the database signs nothing.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime

PREFIX = "whsec_"
PURPOSE = "webhook secrets"  # of `Vault.derive`


def secret_of(secret: bytes, endpoint: str, key: str) -> bytes:
    """The 32 bytes that sign for `endpoint` under the key id `key` (the standard wants 24 to 64)."""
    return hmac.digest(secret, f"webhook\0{endpoint}\0{key}".encode(), "sha256")


def shown(secret: bytes) -> str:
    """As the receiver is given it, once."""
    return PREFIX + base64.b64encode(secret).decode()


def keys_at(address: Mapping[str, str], now: datetime) -> tuple[str, ...]:
    """The key ids that sign at `now`: the newest, and while a rotation lasts the one before. KeyError without any."""
    keys = (address["key"],)
    until = address.get("old_until")
    return (*keys, address["old_key"]) if until and now < datetime.fromisoformat(until) else keys


def sign(secret: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """One signature; a header holds several with blanks between them."""
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return "v1," + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
