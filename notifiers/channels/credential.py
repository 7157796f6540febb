"""Keys that operators were given by a provider, read from their files at start: what is wrong is said then, and clearly."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

MAX_FILE = 64 * 1024
_MEMBERS = ("project_id", "client_email", "private_key_id", "private_key", "token_uri")


class BadCredential(ValueError):
    """A credential that cannot be used; says why in words that hold nothing of it."""


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """Google's JSON key of a service account, as far as it is needed here; `key` gives the private key."""

    project: str
    email: str
    key_id: str
    token_url: str
    key: Callable[[], rsa.RSAPrivateKey] = field(repr=False)


def read_service_account(path: Path) -> ServiceAccount:
    """BadCredential for anything else than the JSON that Google's console gives for a service account."""
    content = _read(path)
    try:
        told = json.loads(content)
        project, email, key_id, pem, token_url = (str(told[name]) for name in _MEMBERS)
    except (ValueError, KeyError, TypeError):
        raise BadCredential("is not the JSON key of a service account") from None
    key = _private_key(pem.encode())
    if not isinstance(key, rsa.RSAPrivateKey):
        raise BadCredential("holds no RSA key")
    return ServiceAccount(project, email, key_id, token_url, lambda: key)


def invented_service_account() -> ServiceAccount:
    """For a sandbox, which knows no accounts: its key is made when it first signs, since that takes a while."""
    make = cache(lambda: rsa.generate_private_key(65537, 2048))
    return ServiceAccount("sandbox", "sandbox@sandbox.invalid", "sandbox", "https://sandbox.invalid/token", make)


def read_apns_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """Apple's .p8: PKCS#8 in PEM, on P-256. BadCredential for anything else."""
    key = _private_key(_read(path))
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadCredential("holds no key on P-256")
    return key


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE + 1)
    except OSError as fault:
        raise BadCredential(f"cannot be read ({fault.strerror})") from None
    if len(content) > MAX_FILE:
        raise BadCredential("is too large for a key")
    return content


def _private_key(pem: bytes) -> object:
    try:
        return load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        raise BadCredential("holds no private key that can be read") from None
