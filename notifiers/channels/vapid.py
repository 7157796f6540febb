"""Who we are to a push service: VAPID (RFC 8292), an ES256 token for each origin.

A token is signed once, kept for its origin and renewed early; the same key pair must be kept for good, because
browsers bind their subscriptions to its public half.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from notifiers.channels.web_push_crypto import BadKey, decode, encode, point_of
from notifiers.key_files import keep

LIFETIME_S = 12 * 3600  # RFC 8292 section 2 allows 24 h; clocks differ
RENEW_S = 3600  # before the end
LONGEST_S = 24 * 3600
MAX_ORIGINS = 1000  # tokens kept at a time; there are about five push services in the world
_HEADER = encode(b'{"typ":"JWT","alg":"ES256"}')
_SCHEME = re.compile(r"vapid\s+(?=.*\bt=([\w-]+\.[\w-]+\.[\w-]+))(?=.*\bk=([\w-]+=*))", re.IGNORECASE)


class BadToken(ValueError):
    """An Authorization header that is no valid VAPID token for this audience at this time."""


@dataclass(frozen=True, slots=True)
class _Signed:
    header: str
    renew_at: float


class Vapid:
    """Signs for one application server. `subject` is a mailto: or https: contact (RFC 8292 section 2.1)."""

    def __init__(
        self, key: ec.EllipticCurvePrivateKey, subject: str, *, clock: Callable[[], float] = time.time
    ) -> None:
        if not subject.startswith(("mailto:", "https:")):
            raise ValueError("the contact of a push sender is a mailto: or https: URI")
        self._key, self._subject, self._clock = key, subject, clock
        self.public_key = encode(point_of(key.public_key()))  # what a browser subscribes with
        self._signed: dict[str, _Signed] = {}

    def authorization(self, origin: str) -> str:
        """The Authorization header for `origin` (scheme://host[:port]); signed only when the kept one grows old."""
        now = self._clock()
        kept = self._signed.get(origin)
        if kept is None or now >= kept.renew_at:
            kept = _Signed(self._sign(origin, now), now + LIFETIME_S - RENEW_S)
            if len(self._signed) >= MAX_ORIGINS:  # origins come from browsers' subscriptions: anybody can invent some
                self._signed.clear()
            self._signed[origin] = kept
        return kept.header

    def forget(self, origin: str) -> None:
        """Sign anew for `origin` next time: a push service said 401 or 403."""
        self._signed.pop(origin, None)

    def _sign(self, origin: str, now: float) -> str:
        claims = {"aud": origin, "exp": int(now) + LIFETIME_S, "sub": self._subject}
        signed = f"{_HEADER}.{encode(json.dumps(claims, separators=(',', ':')).encode())}"
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"vapid t={signed}.{encode(r.to_bytes(32) + s.to_bytes(32))}, k={self.public_key}"


def verify(authorization: str, audience: str, now: float) -> str:
    """The sender's public key (base64url) of a valid Authorization header. BadToken says what is wrong with it."""
    found = _SCHEME.match(authorization)
    if not found:
        raise BadToken("not a vapid header")
    token, key = found.groups()
    signed, _, signature = token.rpartition(".")
    try:
        _check_signature(decode(key), signed.encode(), decode(signature))
        claims = json.loads(decode(signed.partition(".")[2]))
        audience_said, expires = str(claims["aud"]), float(claims["exp"])
    except (InvalidSignature, BadKey, ValueError, KeyError, TypeError):
        raise BadToken("not signed by its key") from None
    if audience_said != audience:
        raise BadToken("for another audience")
    if not now < expires <= now + LONGEST_S:
        raise BadToken("expired, or valid for more than a day")
    return key


def _check_signature(point: bytes, signed: bytes, signature: bytes) -> None:
    if len(signature) != 64:
        raise InvalidSignature
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    public.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))


def load_or_create_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """The application server's key pair kept in `path` (PEM, 0600), made at the first call. ValueError: not P-256."""
    kept = load_pem_private_key(keep(path, _new_key), password=None)
    if not isinstance(kept, ec.EllipticCurvePrivateKey) or not isinstance(kept.curve, ec.SECP256R1):
        raise ValueError("the VAPID key is not on P-256")  # noqa: TRY004 -- the file is wrong, not the caller
    return kept


def _new_key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
