"""A signed CAP message -> what was signed, and by whom. What is read afterwards is the canonical signed content that
the verifier returned, never the document as it came.

`alerts.signature_form` says what a signature may look like, `alerts.signature_trust` whose counts; digest and signature
value are judged by signxml. The certificate is judged at `sent`: a message stays true when its certificate runs out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidDigest, SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from alerts.errors import Malformed, Refused, TooLarge
from alerts.model import Problem, SignedBy
from alerts.signature_form import (
    DIGESTS,
    SIGNATURE,
    SIGNS,
    certificate_texts,
    check_form,
    find_signatures,
    parse,
)
from alerts.signature_trust import Signer, Trust, Untrusted, read_brought

MOST_BYTES = 1 << 20
BROKEN = (
    SignXMLException,
    etree.LxmlError,
    UnsupportedAlgorithm,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    NotImplementedError,
)


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed (`content`: canonical XML without the signature), when it says it was sent, and by whom."""

    content: bytes = field(repr=False)
    sent_at: datetime
    by: SignedBy


def verify(body: bytes, trust: Trust) -> Signed:
    """The content that a certificate of `trust` signed. Refused (Malformed: no XML) with every reason why not.

    Of several signatures (NAAD: the issuer's and the system's) the first that fits counts.
    """
    if len(body) > MOST_BYTES:
        raise TooLarge([Problem.error("body.large", "", f"the document has more than {MOST_BYTES} bytes")])
    root = parse(body)
    if isinstance(root, list):
        raise Malformed(root)
    signatures, faults = find_signatures(root)
    if faults:
        raise Refused(faults)
    plain = etree.tostring(root, with_tail=False)  # comments gone: what every step from here on looks at
    problems: list[Problem] = []
    for number, signature in enumerate(signatures):
        path = f"/alert/Signature[{number + 1}]" if len(signatures) > 1 else "/alert/Signature"
        try:
            return _judge(plain, number, signature, trust, path)
        except Refused as refused:
            problems += refused.problems
    raise Refused(problems)


def is_signed(body: bytes) -> bool:
    """Whether there is any signature in it, true or not."""
    root = parse(body)
    return not isinstance(root, list) and next(root.iter(SIGNATURE), None) is not None


def _judge(plain: bytes, number: int, signature: etree._Element, trust: Trust, path: str) -> Signed:
    if faults := check_form(signature, path):
        raise Refused(faults)
    sent_at = _sent(plain)
    if sent_at is None:
        raise _refused("sent", "/alert/sent", "sent is no time with an offset: the certificate cannot be judged")
    try:
        signers = trust.signers(read_brought(certificate_texts(signature)), sent_at)
    except Untrusted as fault:
        raise _refused(fault.fault, f"{path}/KeyInfo", str(fault)) from None
    content, signer = _signed_by(plain, number, signers, sent_at, path)
    if _sent(content) != sent_at:
        raise _refused("sent", "/alert/sent", "the time it was sent at is not what was signed")
    by = SignedBy(trust.source, signer.subject, signer.fingerprint, signer.valid_from, signer.valid_until)
    return Signed(content, sent_at, by)


def _signed_by(plain: bytes, number: int, signers: Sequence[Signer], at: datetime, path: str) -> tuple[bytes, Signer]:
    """The canonical content, and whose signature it bears: of the document as it is, or as it was before others signed."""
    faults: list[Exception] = []
    for signer in signers:
        for document in _documents(plain, number):
            try:
                return _verify(document, signer, at), signer
            except BROKEN as error:
                faults.append(error)
    if any(isinstance(fault, InvalidDigest) for fault in faults):
        raise _refused("digest", path, "what stands here is not what was signed: the digest is another")
    if any("KeyValue" in str(fault) for fault in faults):
        raise _refused("key", f"{path}/KeyInfo", "KeyValue is another key than that of the certificate")
    raise _refused("value", path, "the signature is not that of the certificate's key")


def _verify(document: bytes, signer: Signer, at: datetime) -> bytes:
    config = SignatureConfiguration(
        location="./",
        expect_references=1,
        signature_methods=_METHODS,
        digest_algorithms=_DIGESTS,
        verification_time=at,
        default_reference_c14n_method=CanonicalizationMethod.CANONICAL_XML_1_0,  # XML Signature 1.1 section 4.4.3.2
    )
    found = XMLVerifier().verify(document, x509_cert=signer.certificate, expect_config=config)
    if isinstance(found, list):
        raise SignXMLException("several references")
    return found.signed_data


_METHODS = frozenset(SignatureMethod(uri) for uri in SIGNS)
_DIGESTS = frozenset(DigestAlgorithm(uri) for uri in DIGESTS)


def _documents(plain: bytes, number: int) -> Iterator[bytes]:
    """The document with this signature first and the others as they stand, then without the others.

    An enveloped signature takes itself away only: one that was made before another was added never saw that other.
    Either way it is these very bytes that are verified, and what was verified that is read.
    """
    yield _arranged(plain, number, alone=False)
    if plain.count(b"SignedInfo") > 2:  # more than the tags of one
        yield _arranged(plain, number, alone=True)


def _arranged(plain: bytes, number: int, *, alone: bool) -> bytes:
    root = etree.fromstring(plain, etree.XMLParser(resolve_entities=False, no_network=True))
    signatures = root.findall(SIGNATURE)
    for other in signatures if alone else signatures[number : number + 1]:
        _take_out(other)
    root.insert(0, signatures[number])
    return etree.tostring(root)


def _take_out(signature: etree._Element) -> None:
    """Away from its parent; the text that follows it stays."""
    above, before, tail = signature.getparent(), signature.getprevious(), signature.tail
    signature.tail = None
    if above is None:
        return
    if before is not None:
        before.tail = (before.tail or "") + (tail or "") or None
    else:
        above.text = (above.text or "") + (tail or "") or None
    above.remove(signature)


def _sent(document: bytes) -> datetime | None:
    """When the alert says that it was sent; None where it does not say so once and with an offset."""
    root = parse(document)
    if isinstance(root, list):
        return None
    found = [child.text or "" for child in root.iterchildren("{*}sent")]
    try:
        at = datetime.fromisoformat(found[0].strip()) if len(found) == 1 else None
        return at.astimezone(UTC) if at is not None and at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _refused(fault: str, path: str, message: str) -> Refused:
    return Refused([Problem.error(f"signature-{fault}", path, message)])


def verdict(body: bytes, trust: Trust) -> dict[str, Any]:
    """What `lookout validate --trust` says of a file's signature: `outcome` (valid, refused) and by whom, or why not."""
    try:
        signed = verify(body, trust)
    except Refused as refused:
        return {"outcome": "refused", "problems": [asdict(problem) for problem in refused.problems]}
    times = {name: getattr(signed.by, name).isoformat() for name in ("valid_from", "valid_until")}
    return {"outcome": "valid", **asdict(signed.by), **times, "sent_at": signed.sent_at.isoformat()}
