"""Our own signature on CAP that goes out: enveloped, SHA-256, exclusive canonicalization, the certificate inside.

Key and certificate lie in one PEM file in the keys directory, 0600, the same for all processes and machines. Where
nobody installed any, a P-256 key with a certificate signed by itself is made at the first use: receivers pin it.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID
from lxml import etree

from alerts.signature_trust import Untrusted, check_use
from notifiers.key_files import keep

log = structlog.get_logger()

FILE = "cap-signing.pem"
LIFETIME = timedelta(days=3 * 365)
BEFORE = timedelta(days=1)  # a message may say it was sent before the key was made, and is judged at that time
WARN = timedelta(days=30)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class BadKeyPair(ValueError):
    """The file is no key with its certificate, or they do not fit; the message says which."""


@dataclass(frozen=True, slots=True)
class Seal:
    """A private key, its certificate, and the certificates above it."""

    key: Key
    chain: tuple[x509.Certificate, ...]

    @property
    def certificate(self) -> x509.Certificate:
        return self.chain[0]

    def sign(self, document: bytes) -> bytes:
        """The CAP message with our signature as its last child: always the same bytes for the same message."""
        from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
        from signxml.signer import XMLSigner

        curve = isinstance(self.key, ec.EllipticCurvePrivateKey)
        signer = XMLSigner(
            signature_algorithm=SignatureMethod.ECDSA_SHA256 if curve else SignatureMethod.RSA_SHA256,
            digest_algorithm=DigestAlgorithm.SHA256,
            c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
        )
        root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))
        key: Any = _Deterministic(self.key) if isinstance(self.key, ec.EllipticCurvePrivateKey) else self.key
        signed = signer.sign(root, key=key, cert=list(self.chain))
        return etree.tostring(signed, xml_declaration=True, encoding="UTF-8")


class _Deterministic:
    """An ECDSA key whose signatures need no chance (RFC 6979): no bad random number can give the key away."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key, self.key_size = key, key.key_size

    def sign(self, content: bytes, *, signature_algorithm: ec.ECDSA) -> bytes:
        return self._key.sign(content, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def load_or_make(keys: Path, name: str) -> Seal:
    """The seal of this house, made at the first call for `name` (an agency or host). BadKeyPair."""
    path = keys / FILE
    kept = keep(path, lambda: _new(name, datetime.now(UTC)))
    return _read(kept)


def install(keys: Path, key_pem: bytes, certificate_pem: bytes) -> Seal:
    """Another key and certificate (with those above it, in order) in place of what is there. BadKeyPair: nothing changed."""
    seal = _read(key_pem + b"\n" + certificate_pem)
    handle, name = tempfile.mkstemp(prefix=f".{FILE}.", dir=keys)
    with os.fdopen(handle, "wb") as file:
        file.write(_dump(seal))
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(keys / FILE)
    return seal


def make(name: str, now: datetime) -> Seal:
    """A new P-256 key and a certificate for it that it signed itself."""
    return _read(_new(name, now))


def tell_age(seal: Seal, now: datetime) -> None:
    """Into the log when the certificate has run out or is about to: receivers refuse what it signs from then on."""
    if seal.certificate.not_valid_after_utc - now < WARN:
        log.warning("cap_certificate_runs_out", until=seal.certificate.not_valid_after_utc.isoformat())


@lru_cache(maxsize=8)
def _read(pem: bytes) -> Seal:
    try:
        key = load_pem_private_key(pem, password=None)
        chain = tuple(x509.load_pem_x509_certificates(pem))
    except (ValueError, TypeError):
        raise BadKeyPair("there is no private key with its certificate (PEM, not encrypted)") from None
    if not isinstance(key, (ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey)):
        raise BadKeyPair("the key is neither RSA nor ECDSA")
    if isinstance(key, ec.EllipticCurvePrivateKey) and not isinstance(key.curve, ec.SECP256R1):
        raise BadKeyPair("an ECDSA key must be on P-256")
    if chain[0].public_key() != key.public_key():
        raise BadKeyPair("the certificate is not that of the key; it stands first, those above it follow")
    try:
        check_use(chain[0])
    except Untrusted as fault:
        raise BadKeyPair(str(fault)) from None
    return Seal(key, chain)


def _dump(seal: Seal) -> bytes:
    key = seal.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return key + b"".join(one.public_bytes(Encoding.PEM) for one in seal.chain)


def _new(name: str, now: datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64] or "Lookout")])
    builder = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - BEFORE)
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_for_signing(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return _dump(Seal(key, (builder.sign(key, hashes.SHA256()),)))


def _for_signing() -> x509.KeyUsage:
    others = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(digital_signature=True, **others)
