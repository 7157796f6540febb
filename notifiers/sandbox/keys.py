"""The sandbox's browsers: their keys follow from one secret and the token of their endpoint, so nobody stores them.

Each token has its own authentication secret, so a message for one token never decrypts for another; the P-256 key
pairs come from a pool of POOL, which makes a subscription cost microseconds instead of a point multiplication.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from notifiers.channels.web_push_crypto import encode, point_of
from notifiers.key_files import keep

POOL = 1024
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (FIPS 186-5)


def load_secret(directory: Path) -> bytes:
    """The sandbox secret of a data directory, made at the first call: 32 bytes."""
    return keep(directory / "sandbox.secret", lambda: os.urandom(32))


def sms_token(directory: Path) -> str:
    """What the sandbox's SMS gateway and who sends over it share: the password of calls and the key of callbacks."""
    return hmac.digest(load_secret(directory), b"sms gateway", "sha256").hex()


@dataclass(frozen=True, slots=True)
class Browser:
    """One token's keys: what the browser behind that endpoint would hold."""

    key: ec.EllipticCurvePrivateKey
    point: bytes
    auth: bytes


@dataclass(frozen=True, slots=True)
class _Pair:
    key: ec.EllipticCurvePrivateKey
    point: bytes
    p256dh: str


class Keys:
    """All browsers of one secret. The pool fills as tokens come by; whole it took some 40 ms."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._pool: dict[int, _Pair] = {}

    def browser(self, token: str) -> Browser:
        """Who reads what is sent to `token`."""
        number, auth = self._derive(token)
        pair = self._pair(number)
        return Browser(pair.key, pair.point, auth)

    def make_subscription(self, base_url: str, token: str) -> dict[str, str]:
        """The address a browser would give: {"endpoint", "p256dh", "auth"}. `token` is URL-safe text."""
        number, auth = self._derive(token)
        return {"endpoint": f"{base_url}/push/{token}", "p256dh": self._pair(number).p256dh, "auth": encode(auth)}

    def make_subscriptions(self, base_url: str, tokens: Iterable[str]) -> list[dict[str, str]]:
        """`make_subscription` for many, in their order."""
        return [self.make_subscription(base_url, token) for token in tokens]

    def _pair(self, number: int) -> _Pair:
        pair = self._pool.get(number)
        if pair is None:
            key = _pool_key(self._secret, number)
            point = point_of(key.public_key())
            pair = self._pool[number] = _Pair(key, point, encode(point))
        return pair

    def _derive(self, token: str) -> tuple[int, bytes]:
        derived = hmac.digest(self._secret, b"browser " + token.encode(), "sha256")
        return int.from_bytes(derived[16:20]) % POOL, derived[:16]


def _pool_key(secret: bytes, number: int) -> ec.EllipticCurvePrivateKey:
    wide = hmac.digest(secret, b"key %d" % number, "sha512")  # twice as wide as the order: no bias to speak of
    return ec.derive_private_key(int.from_bytes(wide) % (_ORDER - 1) + 1, ec.SECP256R1())
