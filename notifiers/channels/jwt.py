"""JSON Web Tokens as providers want them of us (RFC 7519, RFC 7515 compact form): ES256 for Apple, RS256 for Google."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

Claims = Mapping[str, str | int]


def encode(raw: bytes) -> str:
    """base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def sign_es256(key: ec.EllipticCurvePrivateKey, key_id: str, claims: Claims) -> str:
    """RFC 7518 section 3.4. Deterministic (RFC 6979): workers that sign the same claims make the same token."""
    signed = _unsigned("ES256", key_id, claims)
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
    return f"{signed}.{encode(r.to_bytes(32) + s.to_bytes(32))}"


def sign_rs256(key: rsa.RSAPrivateKey, key_id: str, claims: Claims) -> str:
    """RFC 7518 section 3.3."""
    signed = _unsigned("RS256", key_id, claims)
    return f"{signed}.{encode(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _unsigned(algorithm: str, key_id: str, claims: Claims) -> str:
    return f"{_part({'alg': algorithm, 'typ': 'JWT', 'kid': key_id})}.{_part(claims)}"


def _part(members: Claims) -> str:
    return encode(json.dumps(members, separators=(",", ":")).encode())
