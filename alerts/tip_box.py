"""A tip's box: encrypted to the agency's public key, so that who only adds tips can read none.

HPKE in base mode (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305. Every box has an ephemeral key of
its own. The alert, the agency and the tip's reference are its `info`: it opens as no other tip.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_STEP = 1024  # bytes: a box's length says little of how much was written


class NotATipKey(ValueError):
    """It is no X25519 key in PEM."""


class CannotOpen(ValueError):
    """The box is another tip's, another key's, or damaged."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody saw. `lon`, `lat`: degrees (WGS 84), None without a mark on the map."""

    what: str
    where: str = ""
    when: str = ""
    contact: str = ""
    lon: float | None = None
    lat: float | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Bound:
    """What a box is bound to: the token of the alert, the code of the agency, the reference of the tip."""

    alert: str
    agency: str
    reference: str

    @property
    def info(self) -> bytes:
        return json.dumps(["lookout tip 1", self.alert, self.agency, self.reference]).encode()


@dataclass(frozen=True, slots=True)
class KeyPair:
    """32 raw bytes each (RFC 7748)."""

    public: bytes
    private: bytes = field(repr=False)


def new_pair() -> KeyPair:
    private = X25519PrivateKey.generate()
    return KeyPair(private.public_key().public_bytes_raw(), private.private_bytes_raw())


def seal(public: bytes, said: Said, bound: Bound) -> bytes:
    """The box; its length is a multiple of 1024 bytes and a constant."""
    content = json.dumps(asdict(said)).encode()
    padded = content + b" " * (-len(content) % _STEP)
    return _SUITE.encrypt(padded, X25519PublicKey.from_public_bytes(public), info=bound.info)


def open_box(private: bytes, box: bytes, bound: Bound) -> Said:
    """What was said; CannotOpen for every other key, tip, alert or agency."""
    try:
        content = _SUITE.decrypt(box, X25519PrivateKey.from_private_bytes(private), info=bound.info)
    except (InvalidTag, ValueError):
        raise CannotOpen("this box does not open with this key") from None
    return Said(**json.loads(content))


def is_usable(public: bytes) -> bool:
    """Whether something can be encrypted to it: 32 bytes, and no point of low order (RFC 7748, section 6.1)."""
    try:
        seal(public, Said(""), Bound("", "", ""))
    except ValueError:
        return False
    return True


def fingerprint(public: bytes) -> str:
    """How two people compare a key: SHA-256 in eight groups of four hexadecimal digits, the first half of it."""
    digest = hashlib.sha256(public).hexdigest()[:32]
    return " ".join(digest[at : at + 4] for at in range(0, 32, 4))


def read_public(pem: str) -> bytes:
    """The 32 bytes of a public key in PEM; NotATipKey."""
    try:
        found = load_pem_public_key(pem.strip().encode())
    except (ValueError, TypeError):
        raise NotATipKey("this is no public key in PEM") from None
    if not isinstance(found, X25519PublicKey):
        raise NotATipKey("this is no X25519 key")
    return found.public_bytes_raw()


def read_private(pem: bytes) -> bytes:
    """The 32 bytes of a private key in PEM without a password; NotATipKey."""
    try:
        found = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        raise NotATipKey("this is no private key in PEM without a password") from None
    if not isinstance(found, X25519PrivateKey):
        raise NotATipKey("this is no X25519 key")
    return found.private_bytes_raw()


def write_pair(pair: KeyPair) -> tuple[bytes, bytes]:
    """As PEM: the private one (PKCS 8), the public one (SubjectPublicKeyInfo)."""
    private = X25519PrivateKey.from_private_bytes(pair.private)
    return (
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    )
