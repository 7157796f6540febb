"""Whose signature counts: certificates pinned for one source, or authorities whose certificates count for it.

A folder for each source holds PEM files. A certificate that may sign others (basicConstraints CA) vouches for those
that it issued; any certificate in the folder may itself have signed. An authority of many issues to others, too: the
file `subject.txt` says what the subject of a signer must hold. Certificates in `revoked/` count for nothing any more.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import verification

PEM_ENDS = frozenset({".pem", ".crt", ".cer"})
RSA_BITS = range(2048, 8193)
CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
DEPTH = 4


class Untrusted(Exception):
    """`fault` is a short word (untrusted, expired, revoked, key, certificate), the message a sentence."""

    def __init__(self, fault: str, message: str) -> None:
        super().__init__(message)
        self.fault = fault


class NoTrust(ValueError):
    """A folder or file of certificates cannot be read as such; the message names it."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate that counts, and while it and all above it are valid."""

    certificate: x509.Certificate
    valid_from: datetime
    valid_until: datetime

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, 64 hex digits."""
        return fingerprint(self.certificate)

    @property
    def subject(self) -> str:
        return self.certificate.subject.rfc4514_string()


@dataclass(frozen=True, slots=True)
class Trust:
    """The certificates of one source. `subject`: (attribute, value) that a signer's subject must hold, as CN or O."""

    source: str
    certificates: tuple[x509.Certificate, ...]
    subject: tuple[tuple[str, str], ...] = ()
    revoked: frozenset[str] = field(default=frozenset())

    def signers(self, brought: Sequence[x509.Certificate], at: datetime) -> list[Signer]:
        """Which of the certificates that a signature brought may have signed at that time; Untrusted: none, and why."""
        found, faults = [], []
        for one in dict.fromkeys(brought):  # the same one eight times is one to try
            try:
                found.append(self._signer(one, brought, at))
            except Untrusted as fault:
                faults.append(fault)
        if not found:
            raise min(faults, key=lambda fault: fault.fault == "untrusted")
        return found

    def _signer(self, one: x509.Certificate, brought: Sequence[x509.Certificate], at: datetime) -> Signer:
        chain = [one] if one in self.certificates else self._chain(one, brought, at)
        if any(fingerprint(link) in self.revoked for link in chain):
            raise Untrusted("revoked", "the certificate was revoked here")
        since = max(link.not_valid_before_utc for link in chain)
        until = min(link.not_valid_after_utc for link in chain)
        if not since <= at <= until:
            raise Untrusted("expired", f"the certificate was valid from {since:%Y-%m-%d} to {until:%Y-%m-%d} only")
        check_use(one)
        self._check_subject(one)
        return Signer(one, since, until)

    def _chain(
        self, one: x509.Certificate, brought: Sequence[x509.Certificate], at: datetime
    ) -> list[x509.Certificate]:
        """From the signer up to an authority of ours, each link valid at that time (RFC 5280 section 6)."""
        authorities = [own for own in self.certificates if may_issue(own)]
        if not authorities or may_issue(one):
            raise Untrusted("untrusted", f"the certificate is none that is pinned for {self.source}")
        policy = verification.PolicyBuilder().store(verification.Store(authorities)).time(at).max_chain_depth(DEPTH)
        policy = policy.extension_policies(ca_policy=_AUTHORITY, ee_policy=_ANY)
        try:
            verified = policy.build_client_verifier().verify(one, [link for link in brought if link != one])
        except (verification.VerificationError, ValueError, x509.UnsupportedGeneralNameType):
            if not one.not_valid_before_utc <= at <= one.not_valid_after_utc:
                raise Untrusted("expired", "the certificate was not valid when the message was sent") from None
            said = f"the certificate is neither pinned for {self.source} nor issued by an authority that is"
            raise Untrusted("untrusted", said) from None
        return list(verified.chain)

    def _check_subject(self, one: x509.Certificate) -> None:
        held = {(part.rfc4514_attribute_name, str(part.value)) for part in one.subject}
        missing = [f"{name}={value}" for name, value in self.subject if (name, value) not in held]
        if missing:
            raise Untrusted("untrusted", f"the certificate's subject lacks {', '.join(missing)}")


def load(folder: Path) -> Trust:
    """The trust of one source: its folder's name and files. NoTrust where it holds no certificate, or a broken file."""
    certificates = _read_all(sorted(path for path in folder.glob("*") if path.suffix in PEM_ENDS))
    if not certificates:
        raise NoTrust(f"{folder} holds no certificate (*.pem)")
    revoked = _read_all(sorted((folder / "revoked").glob("*")))
    subject = folder / "subject.txt"
    needed = _subject(subject) if subject.exists() else ()
    return Trust(folder.name, certificates, needed, frozenset(fingerprint(one) for one in revoked))


def load_file(path: Path) -> Trust:
    """A PEM file, or a folder as of `load`, given by hand."""
    if path.is_dir():
        return load(path)
    return Trust(path.name, _read_all([path]))


def load_sources(directory: Path) -> dict[str, Trust]:
    """Every source by its name; none where there is no such directory. NoTrust: a folder is broken."""
    if not directory.is_dir():
        return {}
    return {folder.name: load(folder) for folder in sorted(directory.iterdir()) if folder.is_dir()}


def read_brought(texts: Iterable[str]) -> list[x509.Certificate]:
    """Certificates as they stand in a signature, in base64 of DER. Untrusted: one cannot be read."""
    found = []
    for text in texts:
        try:
            found.append(x509.load_der_x509_certificate(base64.b64decode("".join(text.split()), validate=True)))
            found[-1].public_key()
        except (ValueError, TypeError, binascii.Error, x509.InvalidVersion) as error:
            raise Untrusted("certificate", "the certificate in it cannot be read") from error
        except UnsupportedAlgorithm as error:
            raise Untrusted("key", "the certificate's key is of no kind that is taken") from error
    return found


def fingerprint(certificate: x509.Certificate) -> str:
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def may_issue(certificate: x509.Certificate) -> bool:
    """Whether it says of itself that it is an authority (RFC 5280 section 4.2.1.9)."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False


def check_use(one: x509.Certificate) -> None:
    """Its key is long enough and, where it says what it is for, it is for signing."""
    key = one.public_key()
    strong = isinstance(key, rsa.RSAPublicKey) and key.key_size in RSA_BITS
    if not strong and not (isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, CURVES)):
        raise Untrusted("key", "the key is neither RSA of 2048 to 8192 bits nor ECDSA on P-256, P-384 or P-521")
    try:
        use = one.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    except (x509.DuplicateExtension, ValueError) as error:
        raise Untrusted("certificate", "the certificate in it cannot be read") from error
    if not (use.digital_signature or use.content_commitment):
        raise Untrusted("untrusted", "the certificate is not for signing (keyUsage)")


def _issues(_policy: verification.Policy, _one: x509.Certificate, basic: x509.BasicConstraints | None) -> None:
    if basic is None or not basic.ca:
        raise ValueError("not an authority")


def _signs_certificates(_policy: verification.Policy, _one: x509.Certificate, use: x509.KeyUsage | None) -> None:
    if use is not None and not use.key_cert_sign:
        raise ValueError("not for signing certificates")


_ANY = verification.ExtensionPolicy.permit_all()
_AUTHORITY = _ANY.require_present(x509.BasicConstraints, verification.Criticality.AGNOSTIC, _issues).may_be_present(
    x509.KeyUsage, verification.Criticality.AGNOSTIC, _signs_certificates
)


def _read_all(paths: Sequence[Path]) -> tuple[x509.Certificate, ...]:
    found: list[x509.Certificate] = []
    for path in paths:
        try:
            found += x509.load_pem_x509_certificates(path.read_bytes())
        except (ValueError, OSError):
            raise NoTrust(f"{path} holds no certificate that can be read (PEM)") from None
    return tuple(found)


def _subject(path: Path) -> tuple[tuple[str, str], ...]:
    """Lines such as `O=FEMA IPAWS`."""
    lines = [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]
    pairs = [tuple(part.strip() for part in line.partition("=")[::2]) for line in lines]
    if any(not name or not value for name, value in pairs):
        raise NoTrust(f"{path}: each line is an attribute and its value, such as O=Agency")
    return tuple((name, value) for name, value in pairs)
