"""Message encryption for Web Push: RFC 8291 over the one-record form of RFC 8188 ("aes128gcm").

Straight on `cryptography`; both ways, because the sandbox is the browser's end. Keys are raw bytes: a public key is
the 65-byte uncompressed point on P-256, an authentication secret is 16 bytes.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from binascii import a2b_base64
from hashlib import sha256
from ssl import RAND_bytes
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD_SIZE = 4096  # RFC 8291 section 4: a push service must take a body of this size
OVERHEAD = 86 + 1 + 16  # header (salt, record size, id length, key id), delimiter, authentication tag
MAX_PLAINTEXT = RECORD_SIZE - OVERHEAD  # 3993 bytes

_CURVE = ec.SECP256R1()
_POINT = 65  # bytes of an uncompressed point
_SIZES = RECORD_SIZE.to_bytes(4) + bytes([_POINT])  # in the header, behind the salt (RFC 8188 section 2.1)


class BadKey(ValueError):
    """A subscription's keys are none: wrong length, not base64url, or no point on P-256."""


class Undecryptable(ValueError):
    """The body is no aes128gcm record for this key: what a browser drops without a word."""


def encode(raw: bytes) -> str:
    """base64url without padding (RFC 7515 section 2)."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes of base64url or base64 text, padded or not. BadKey for anything else."""
    try:
        bare = text.rstrip("=").encode("ascii").translate(_URL_SAFE)
        return a2b_base64(bare + b"===="[: -len(bare) % 4], strict_mode=True)
    except ValueError:  # binascii.Error is one, and so is UnicodeEncodeError
        raise BadKey("not base64url") from None


_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    """The 65 bytes that stand for a public key on the wire."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


class Keying(NamedTuple):
    """The half of an encryption that needs no message: a fresh key of the sender's, and what it shares with a receiver.

    `material` is the IKM of RFC 8291 section 3.4. It is for one message only, or for the same message again.
    """

    point: bytes  # of the sender's public key
    material: bytes


def make_keying(p256dh: bytes, auth: bytes, key: ec.EllipticCurvePrivateKey | None = None) -> Keying:
    """With a fresh `key` unless a test gives one. BadKey for keys of a receiver that are none."""
    receiver = _public_key(p256dh, auth)
    sender = key or ec.generate_private_key(_CURVE)
    point = point_of(sender.public_key())
    return Keying(point, _material(sender.exchange(ec.ECDH(), receiver), auth, p256dh, point))


def seal(plaintext: bytes, keying: Keying, salt: bytes | None = None) -> bytes:
    """The body of a push request, at most RECORD_SIZE bytes. ValueError for more than MAX_PLAINTEXT bytes."""
    if len(plaintext) > MAX_PLAINTEXT:
        raise ValueError(f"{len(plaintext)} bytes do not fit one record; {MAX_PLAINTEXT} do")
    salt = RAND_bytes(16) if salt is None else salt  # OpenSSL's, as the key: os.urandom lets other threads go first
    content_key, nonce = _keys(keying.material, salt)
    sealed = AESGCM(content_key).encrypt(nonce, plaintext + b"\x02", None)  # 2: the last record (RFC 8188 section 2)
    return salt + _SIZES + keying.point + sealed


def encrypt(
    plaintext: bytes,
    p256dh: bytes,
    auth: bytes,
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """`seal` with a fresh keying. `key` and `salt` are fresh unless a test gives them.

    Raises BadKey for keys that are none and ValueError for more than MAX_PLAINTEXT bytes.
    """
    return seal(plaintext, make_keying(p256dh, auth, key), salt)


def decrypt(body: bytes, key: ec.EllipticCurvePrivateKey, auth: bytes, *, p256dh: bytes | None = None) -> bytes:
    """The plaintext of a push request's body. `p256dh` spares working the public key out of `key` again.

    Raises Undecryptable for whatever a browser would drop.
    """
    salt, point, sealed = _split(body)
    try:
        sender = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
        own = p256dh or point_of(key.public_key())
        content_key, nonce = _keys(_material(key.exchange(ec.ECDH(), sender), auth, own, point), salt)
        padded = AESGCM(content_key).decrypt(nonce, sealed, None)
    except (ValueError, InvalidTag):
        raise Undecryptable("not for this key") from None
    plaintext, delimiter, _ = padded.rstrip(b"\x00").rpartition(b"\x02")
    if not delimiter or _:
        raise Undecryptable("no last record")
    return plaintext


def _split(body: bytes) -> tuple[bytes, bytes, bytes]:
    """Salt, sender's point and sealed record of an aes128gcm body (RFC 8188 section 2.1)."""
    if len(body) < OVERHEAD or body[20] != _POINT:
        raise Undecryptable("no header")
    sealed = body[21 + _POINT :]
    if len(sealed) > int.from_bytes(body[16:20]):
        raise Undecryptable("more than one record")  # RFC 8291 section 4: a push message is one record
    return body[:16], body[21 : 21 + _POINT], sealed


def _public_key(p256dh: bytes, auth: bytes) -> ec.EllipticCurvePublicKey:
    if len(auth) != 16 or len(p256dh) != _POINT:
        raise BadKey("wrong length")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, p256dh)
    except ValueError:
        raise BadKey("no point on P-256") from None


def _material(shared: bytes, auth: bytes, receiver: bytes, sender: bytes) -> bytes:
    """IKM (RFC 8291 section 3.4). Each HKDF here is one HMAC to extract and one to expand."""
    return _hmac(_hmac(auth, shared), b"WebPush: info\x00%b%b\x01" % (receiver, sender))


def _keys(material: bytes, salt: bytes) -> tuple[bytes, bytes]:
    """Content key and nonce of one record."""
    prk = _hmac(salt, material)
    content_key = _hmac(prk, b"Content-Encoding: aes128gcm\x00\x01")[:16]
    return content_key, _hmac(prk, b"Content-Encoding: nonce\x00\x01")[:12]


def _hmac(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256 (RFC 2104) for keys of at most a block.

    `hmac.digest` looks its algorithm up at each call and lets other threads go first, five times a message.
    """
    block = key.ljust(64, b"\x00")
    return sha256(block.translate(_OUTER) + sha256(block.translate(_INNER) + message).digest()).digest()


_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))
