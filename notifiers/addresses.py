"""What an address is to us: whose it is (identity, keyed hash), what it is throttled with (origin). Pure.

The keyed hash lets a left address be known again without keeping it; without the secret, which lies in the vault and
not in the database, nobody can try addresses against it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from notifiers.vault import Vault

KEY_NAME = "subscriptions"  # in the vault; kept as long as the data directory
NAMED_BY = {  # the member of an address that makes it this one; endpoint for all that post to a URL of the receiver's
    "email": "email",
    "sms": "phone",
    "fcm": "token",
    "apns": "token",
    "mqtt": "topic",
    "apprise": "url",
}
ANY_CASE = frozenset({"email", "apns"})  # Apple's tokens are hexadecimal digits
ONE_ORIGIN = {"email": "smtp"}
_PORTS = {"https": 443, "http": 80}
_TOKEN_BYTES = 20  # 16 of the SIV, 4 of the id


def secret(vault: Vault) -> bytes:
    """The installation's secret (64 bytes) for address hashes and unsubscribe tokens, made at first use."""
    return vault.derive(KEY_NAME, "addresses and unsubscribe tokens")


def identity(channel: str, address: Mapping[str, str], public_id: str) -> str:
    """What makes an address this one: the endpoint, the mailbox or Apple's token whatever its case, the recipient's own inbox.

    KeyError for an address that lacks what its channel needs.
    """
    if channel == "inbox":
        return public_id
    said = address[NAMED_BY.get(channel, "endpoint")]
    return said.strip().casefold() if channel in ANY_CASE else said


def keyed_hash(secret: bytes, channel: str, identity: str) -> bytes:
    """HMAC-SHA-256 under the installation's secret (RFC 2104)."""
    return hmac.digest(secret, f"{channel}\0{identity}".encode(), "sha256")


def origin(channel: str, address: Mapping[str, str]) -> str:
    """What is throttled and broken together: scheme://host:port of an HTTP endpoint, else one name for all of a channel.

    ValueError for an endpoint that is no absolute URL.
    """
    if channel in ONE_ORIGIN:
        return ONE_ORIGIN[channel]
    endpoint = address.get("endpoint")
    if endpoint is None:
        return channel
    return _origin("/".join(endpoint.split("/", 3)[:3]))


@lru_cache(maxsize=4096)  # a million endpoints have a handful of origins
def _origin(start: str) -> str:
    parts = urlsplit(start)
    if parts.hostname is None or (parts.port is None and parts.scheme not in _PORTS):
        raise ValueError("the endpoint is no absolute URL")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{parts.port or _PORTS[parts.scheme]}"


def make_unsubscribe_token(secret: bytes, subscription_id: int) -> str:
    """For the one-click link (RFC 8058): always the same for one subscription, unforgeable, and it hides the id.

    AES-SIV (RFC 5297) of the id; 40 hexadecimal digits, so that mail programs cannot break it.
    """
    return AESSIV(secret).encrypt(subscription_id.to_bytes(4, "big"), [b"unsubscribe"]).hex()


def read_unsubscribe_token(secret: bytes, token: str) -> int | None:
    """The subscription id of a token that we made; None for any other text."""
    return _opened(secret, token, b"unsubscribe")


def make_echo_token(secret: bytes, subscription_id: int) -> str:
    """What a test notification carries and a browser sends back: whoever has it received that notification."""
    return AESSIV(secret).encrypt(subscription_id.to_bytes(4, "big"), [b"echo"]).hex()


def read_echo_token(secret: bytes, token: str) -> int | None:
    """The subscription id of such a token; None for any other text, also for one of another purpose."""
    return _opened(secret, token, b"echo")


def make_mailbox_token(secret: bytes, recipient_id: int, asked_at_s: int, email: str) -> str:
    """What a confirmation's link carries: all that is known of the request, sealed, so that nothing of it is stored."""
    said = recipient_id.to_bytes(4, "big") + asked_at_s.to_bytes(8, "big") + email.encode()
    return AESSIV(secret).encrypt(said, [b"mailbox"]).hex()


def read_mailbox_token(secret: bytes, token: str) -> tuple[int, int, str] | None:
    """Recipient, second of asking (Unix) and mailbox of such a token; None for any other text."""
    try:
        said = AESSIV(secret).decrypt(bytes.fromhex(token), [b"mailbox"])
    except (ValueError, InvalidTag):
        return None
    return int.from_bytes(said[:4], "big"), int.from_bytes(said[4:12], "big"), said[12:].decode()


def _opened(secret: bytes, token: str, purpose: bytes) -> int | None:
    try:
        sealed = bytes.fromhex(token)
        if len(sealed) != _TOKEN_BYTES:
            return None
        return int.from_bytes(AESSIV(secret).decrypt(sealed, [purpose]), "big")
    except (ValueError, InvalidTag):
        return None
