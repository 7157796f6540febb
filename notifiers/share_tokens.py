"""The token in a link that was shared: it tells us alone how far from the first link it is, and nobody anything else. Pure.

16 letters (base64url): six random bytes, then six of HMAC-SHA-256 (RFC 2104) over the page, the depth and those. The depth
stands nowhere in it: whoever holds the secret tries the few there are. So nobody can read a depth or make one up, nothing
is kept of any token, and one that was copied to another page is none there.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from datetime import datetime

from notifiers.attention import NAMED, OTHER, SHARES
from notifiers.vault import Vault

DEEPEST = len(SHARES)  # and all further ones
_RANDOM, _WHOLE = 6, 12
KEY_NAME, PURPOSE = "subscriptions", "shared links"


def secret_of(vault: Vault) -> bytes:
    """What tokens are made with, the same on every server of the house."""
    return vault.derive(KEY_NAME, PURPOSE)


def mint(secret: bytes, page: str, came_by: str = "") -> str:
    """A new token for whoever shares the page and came to it by the token `came_by`, if by any."""
    return _made(secret, page, _next(secret, page, came_by), secrets.token_bytes(_RANDOM))


def mint_for_all(secret: bytes, page: str, now: datetime) -> str:
    """The token of a first share that a page without script has ready: the same for everybody who reads it this minute."""
    minute = int(now.timestamp() // 60).to_bytes(8, "big")
    return _made(secret, page, 1, _mac(secret, page, 0, minute))


def depth_of(secret: bytes, page: str, token: str) -> int | None:
    """How far from the first link, 1 to DEEPEST; None for what is no token of this page."""
    try:
        whole = base64.urlsafe_b64decode(token.encode("ascii"))
    except (binascii.Error, UnicodeEncodeError):
        return None
    if len(whole) != _WHOLE:
        return None
    return next((depth for depth in range(1, DEEPEST + 1) if _fits(secret, page, depth, whole)), None)


def way_of(secret: bytes, page: str, said: str) -> str:
    """As what a look is counted whose link says this: the medium that a message names, how far a shared link came, other."""
    if said in NAMED:
        return said
    depth = depth_of(secret, page, said)
    return SHARES[depth - 1] if depth else OTHER


def _next(secret: bytes, page: str, came_by: str) -> int:
    return min((depth_of(secret, page, came_by) or 0) + 1, DEEPEST)


def _made(secret: bytes, page: str, depth: int, random: bytes) -> str:
    return base64.urlsafe_b64encode(random + _mac(secret, page, depth, random)).decode()


def _fits(secret: bytes, page: str, depth: int, whole: bytes) -> bool:
    return hmac.compare_digest(_mac(secret, page, depth, whole[:_RANDOM]), whole[_RANDOM:])


def _mac(secret: bytes, page: str, depth: int, random: bytes) -> bytes:
    return hmac.digest(secret, bytes([depth]) + random + page.encode(), "sha256")[:_RANDOM]
