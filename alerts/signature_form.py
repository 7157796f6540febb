"""What an XML signature may look like before anybody asks whether it is true. Pure: bytes and elements in, faults out.

CAP allows one kind: enveloped, in the alert itself (OASIS CAP 1.2 section 3.3.2.1). So there is nothing to choose for
whoever signs, and for whoever forges: one reference, to the whole document (URI=""), no transform but the removal of
the signature and a canonicalization, SHA-2 alone, RSA or ECDSA alone. What is not in these tables is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lxml import etree

from alerts.model import Problem

DS = "http://www.w3.org/2000/09/xmldsig#"
SIGNATURE = f"{{{DS}}}Signature"
MOST_SIGNATURES = 4
MOST_CERTIFICATES = 8
ENVELOPED = f"{DS}enveloped-signature"
CANONICAL = frozenset(
    {
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2006/12/xml-c14n11",
        "http://www.w3.org/2001/10/xml-exc-c14n#",
    }
)
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
SIGNS = frozenset(f"{_MORE}{kind}-sha{bits}" for kind in ("rsa", "ecdsa") for bits in (256, 384, 512))
DIGESTS = frozenset(
    {"http://www.w3.org/2001/04/xmlenc#sha256", f"{_MORE}sha384", "http://www.w3.org/2001/04/xmlenc#sha512"}
)
ALERTS = frozenset(
    f"{{{namespace}}}alert"
    for namespace in (
        "urn:oasis:names:tc:emergency:cap:1.2",
        "urn:oasis:names:tc:emergency:cap:1.1",
        "http://www.incident.com/cap/1.0",
    )
)
PARTS = (("SignedInfo", "SignatureValue", "KeyInfo"), ("SignedInfo", "SignatureValue"))
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]+={0,2}\s*")


def parse(body: bytes) -> etree._Element | list[Problem]:
    """The root of the document, or why there is none to speak of: no entities, no DOCTYPE, no network, no comments.

    Comments are no part of what is signed (canonical XML without comments), so they are no part of what is looked at.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError, AssertionError):
        kind = "doctype" if b"<!DOCTYPE" in body.replace(b"\0", b"") else "xml"
        return [Problem.error(kind, "/", "this is no well-formed XML")]
    if any(entry.type == etree.ErrorTypes.NS_ERR_UNDEFINED_NAMESPACE for entry in parser.error_log):
        return [Problem.error("xml", "/", "this is no well-formed XML: a prefix is not declared")]
    info = root.getroottree().docinfo
    if info.internalDTD is not None or info.doctype or next(root.iter(etree.Entity), None) is not None:
        return [Problem.error("doctype", "/", "a DOCTYPE is not allowed: CAP needs none, and it can hide content")]
    return root


def find_signatures(root: etree._Element) -> tuple[list[etree._Element], list[Problem]]:
    """The signatures of an alert, all of them its own children; and what is wrong with where they stand."""
    if root.tag not in ALERTS:
        return [], [_wrong("place", "/*[1]", "the root is no CAP alert: what is signed would be hidden inside it")]
    own = root.findall(SIGNATURE)
    foreign = [one for one in root.iter(f"{{{DS}}}*") if not _within(one, own)]
    if foreign:
        return own, [_wrong("place", "/alert", "a signature, or a part of one, stands inside another element")]
    if not own:
        return [], [_wrong("missing", "/alert", "the message is not signed")]
    if len(own) > MOST_SIGNATURES:
        return [], [_wrong("many", "/alert", f"there are more than {MOST_SIGNATURES} signatures")]
    return own, []


def check_form(signature: etree._Element, path: str) -> list[Problem]:
    """Every way in which this signature is not the one kind that is taken."""
    if fault := _parts_fault(signature):
        return [_wrong("form", path, fault)]
    info = signature[0]
    found = [*_method(info, path), *_references(info, path), *_key_info(signature, path)]
    if not _BASE64.fullmatch("".join(str(text) for text in signature[1].itertext())):
        found.append(_wrong("form", f"{path}/SignatureValue", "SignatureValue is no base64"))
    return found


def certificate_texts(signature: etree._Element) -> list[str]:
    """The certificates that it brings, in base64."""
    found = signature.findall(f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate")
    return [one.text or "" for one in found]


def _parts_fault(signature: etree._Element) -> str | None:
    if any(not isinstance(node.tag, str) for node in signature.iter()):
        return "a processing instruction stands inside the signature"
    if signature.find(f"{{{DS}}}Object") is not None:
        return "an Object inside the signature could hide what was signed"
    if tuple(_name(part) for part in signature) not in PARTS:
        return "a signature holds SignedInfo, SignatureValue and KeyInfo, each once, and nothing else"
    info = [_name(part) for part in signature[0]]
    if info[:2] != ["CanonicalizationMethod", "SignatureMethod"] or set(info[2:]) != {"Reference"}:
        return "SignedInfo holds CanonicalizationMethod, SignatureMethod and Reference"
    return None


def _method(info: etree._Element, path: str) -> Iterator[Problem]:
    canonical, method = (part.get("Algorithm", "") for part in list(info)[:2])
    if canonical not in CANONICAL:
        yield _wrong("canonical", f"{path}/SignedInfo", f"{_short(canonical)} is no canonicalization that is taken")
    if method not in SIGNS:
        yield _weak(method, f"{path}/SignedInfo/SignatureMethod", "signature")


def _references(info: etree._Element, path: str) -> Iterator[Problem]:
    references, where = list(info)[2:], f"{path}/SignedInfo/Reference"
    if len(references) > 1:
        yield _wrong("references", where, "there are several references: one, to the whole message, is taken")
        return
    uri = references[0].get("URI")
    if uri != "":
        said = "none at all" if uri is None else _short(uri)
        yield _wrong("reference", where, f'the reference must be to the whole message (URI=""), not to {said}')
    parts = [_name(part) for part in references[0]]
    if parts != ["Transforms", "DigestMethod", "DigestValue"]:
        yield _wrong("form", where, "Reference holds Transforms, DigestMethod and DigestValue")
        return
    yield from _transforms([one.get("Algorithm", "") for one in references[0][0]], f"{where}/Transforms")
    if (digest := references[0][1].get("Algorithm", "")) not in DIGESTS:
        yield _weak(digest, f"{where}/DigestMethod", "digest")


def _transforms(algorithms: Sequence[str], where: str) -> Iterator[Problem]:
    if algorithms[:1] != [ENVELOPED] or len(algorithms) > 2:
        said = "the removal of the signature, then at most one canonicalization"
        yield _wrong("transform", where, f"{said} is taken, not {_short(' '.join(algorithms) or 'none')}")
    for one in algorithms[1:2]:
        if one not in CANONICAL:
            yield _wrong(
                "transform", where, f"the transform {_short(one)} is not taken: it could choose what is signed"
            )


def _key_info(signature: etree._Element, path: str) -> Iterator[Problem]:
    names = [_name(part) for part in signature[2]] if len(signature) > 2 else []
    if any(name not in {"X509Data", "KeyValue", "KeyName"} for name in names):
        yield _wrong("key", f"{path}/KeyInfo", "KeyInfo may hold X509Data, KeyValue and KeyName: nothing is fetched")
    count = len(certificate_texts(signature))
    if names.count("X509Data") > 1 or names.count("KeyValue") > 1:
        yield _wrong("key", f"{path}/KeyInfo", "there are two keys or two sets of certificates: which one is meant?")
    elif not 1 <= count <= MOST_CERTIFICATES:
        said = f"it must bring its certificate in X509Data (and no more than {MOST_CERTIFICATES})"
        yield _wrong("certificate", f"{path}/KeyInfo", said)


def _weak(algorithm: str, where: str, what: str) -> Problem:
    """Why this algorithm is not taken, by name where the name says it."""
    if "hmac" in algorithm:
        return _wrong("hmac", where, "HMAC is not taken: whoever can check it can forge it")
    if algorithm.endswith("sha1"):
        return _wrong("sha1", where, f"SHA-1 is broken: its {what} proves nothing")
    return _wrong("algorithm", where, f"{_short(algorithm)} is no {what} algorithm that is taken")


def _within(element: etree._Element, own: Sequence[etree._Element]) -> bool:
    return element in own or any(above in own for above in element.iterancestors(SIGNATURE))


def _name(element: etree._Element) -> str:
    """The local name of a ds element; that of a stranger with its namespace, so that it equals none of ours."""
    return str(element.tag).removeprefix(f"{{{DS}}}")


def _short(text: str) -> str:
    return repr(text[:80])


def _wrong(fault: str, path: str, message: str) -> Problem:
    return Problem.error(f"signature-{fault}", path, message)
