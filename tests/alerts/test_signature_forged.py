"""Signatures that must not count: wrapped, moved, re-keyed, weak, of another form; each refused with its reason."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree
from signing import CAP, DS, ENVELOPED, EVIL, EXCLUSIVE, MESSAGE, keyed, rsa_value, sign, x509_text

from alerts.errors import Malformed, Refused
from alerts.signature import verify
from alerts.signature_trust import Trust

OWN = keyed("Agency", key=rsa.generate_private_key(65537, 2048))
THIEF = keyed("Thief", key=rsa.generate_private_key(65537, 2048))
TRUST = Trust("agency", (OWN.certificate,))
TRUE = sign(MESSAGE, OWN)
WITH_ID = MESSAGE.replace(b"<alert ", b'<alert Id="a" ')
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"


def faults(body: bytes) -> set[str]:
    with pytest.raises(Refused) as caught:
        verify(body, TRUST)
    assert all(problem.message and problem.path for problem in caught.value.problems)
    return {problem.type.removeprefix("signature-") for problem in caught.value.problems}


def root_of(body: bytes) -> etree._Element:
    return etree.fromstring(body)


def signature_of(body: bytes) -> etree._Element:
    (found,) = root_of(body).findall(f"{{{DS}}}Signature")
    return found


def test_the_message_that_all_of_these_were_made_from_is_true() -> None:
    assert verify(TRUE, TRUST).content.startswith(b"<alert")


# Signature wrapping: the eight classic places (XSW1 to XSW8) for what was signed and what is to be read, and more.


def in_evil(original: bytes, under: Callable[[etree._Element], etree._Element], *, copy: bool) -> bytes:
    """An evil alert that holds the true one somewhere; with a copy of the true signature at its own root, or without."""
    evil = root_of(EVIL)
    under(evil).append(root_of(original))
    if copy:
        evil.append(signature_of(original))
    return etree.tostring(evil)


def in_itself(evil: etree._Element) -> etree._Element:
    return evil


def in_a_stranger(evil: etree._Element) -> etree._Element:
    return etree.SubElement(evil, "{urn:example}extension")


def in_a_parameter(evil: etree._Element) -> etree._Element:
    return etree.SubElement(evil[-1], f"{{{CAP}}}parameter")


@pytest.mark.parametrize("signed", [TRUE, sign(WITH_ID, OWN, uri="#a")], ids=["whole", "by id"])
@pytest.mark.parametrize("under", [in_itself, in_a_stranger, in_a_parameter])
@pytest.mark.parametrize("copy", [False, True])
def test_a_true_alert_inside_an_evil_one_is_refused(signed: bytes, under, copy: bool) -> None:
    assert faults(in_evil(signed, under, copy=copy)) <= {"place", "missing", "digest", "reference"}


def test_a_true_alert_inside_the_object_of_its_signature_is_refused() -> None:
    for name in ("Object", "KeyInfo"):
        evil, signature = root_of(EVIL), signature_of(TRUE)
        part = signature.find(f"{{{DS}}}{name}")
        (etree.SubElement(signature, f"{{{DS}}}{name}") if part is None else part).append(root_of(MESSAGE))
        evil.append(signature)
        assert faults(etree.tostring(evil)) & {"form", "key"}


def test_evil_beside_a_true_alert_in_a_wrapper_is_refused() -> None:
    wrapper = etree.Element(f"{{{CAP}}}alerts")
    wrapper.extend([root_of(EVIL), root_of(TRUE)])
    assert faults(etree.tostring(wrapper)) == {"place"}
    envelope = etree.Element(f"{{{DS}}}Signature")
    etree.SubElement(envelope, f"{{{DS}}}Object").append(root_of(TRUE))
    assert faults(etree.tostring(envelope)) == {"place"}


def test_two_roots_of_the_same_id_are_refused() -> None:
    evil = root_of(EVIL.replace(b"<alert ", b'<alert Id="a" '))
    signed = root_of(sign(WITH_ID, OWN, uri="#a"))
    evil.append(signed.find(f"{{{DS}}}Signature"))
    etree.SubElement(evil, "{urn:example}x").append(signed)
    assert "reference" in faults(etree.tostring(evil))


def test_a_signature_moved_to_another_place_of_its_alert_is_refused() -> None:
    def into_info(root: etree._Element, signature: etree._Element) -> None:
        root[-1].append(signature)

    assert faults(sign(MESSAGE, OWN, where=into_info)) == {"place"}
    moved = root_of(TRUE)
    moved[-2].append(moved[-1])
    assert faults(etree.tostring(moved)) == {"place"}


def test_a_true_signature_under_other_words_is_refused() -> None:
    assert faults(TRUE.replace(b"Missing", b"Evil")) == {"digest"}
    assert faults(TRUE.replace(b"</info>", b"</info><info/>")) == {"digest"}
    assert faults(TRUE.replace(b"2026-01-15T18:30:00", b"2026-01-15T18:31:00")) == {"digest"}


def test_another_digest_under_a_true_signature_is_refused() -> None:
    other = sign(EVIL, THIEF)
    digest, theirs = (
        signature_of(one).findtext(f".//{{{DS}}}DigestValue").encode()  # type: ignore[union-attr]
        for one in (TRUE, other)
    )
    assert faults(TRUE.replace(b"Missing", b"Evil").replace(digest, theirs)) & {"value", "digest"}
    split = digest[:9] + b"<!-- -->" + digest[9:]
    assert verify(TRUE.replace(digest, split), TRUST).content == verify(TRUE, TRUST).content
    assert faults(TRUE.replace(digest, theirs + b"<!--" + digest + b"-->")) & {"value", "digest"}


# Another key


def test_a_thief_with_a_key_of_their_own_is_refused() -> None:
    assert faults(sign(EVIL, THIEF)) == {"untrusted"}
    ours = f"<KeyInfo><X509Data>{x509_text(OWN.certificate)}</X509Data></KeyInfo>"
    assert faults(sign(EVIL, THIEF, key_info=ours)) == {"value"}
    both = f"<KeyInfo><X509Data>{x509_text(THIEF.certificate)}{x509_text(OWN.certificate)}</X509Data></KeyInfo>"
    assert faults(sign(EVIL, THIEF, key_info=both)) == {"value"}


def test_a_key_value_that_is_not_the_certificates_is_refused() -> None:
    certificate = f"<X509Data>{x509_text(OWN.certificate)}</X509Data>"
    theirs = rsa_value(THIEF.key.public_key())
    for by in (OWN, THIEF):
        for parts in (certificate + theirs, theirs + certificate):
            assert faults(sign(EVIL, by, key_info=f"<KeyInfo>{parts}</KeyInfo>")) <= {"key", "value"}
    assert faults(sign(EVIL, THIEF, key_info=f"<KeyInfo>{theirs}</KeyInfo>")) == {"certificate"}
    assert faults(sign(MESSAGE, OWN, key_info="")) == {"certificate"}


@pytest.mark.parametrize(
    "parts",
    [
        '<RetrievalMethod URI="http://agency.example/key"/>',
        "<KeyInfoReference/>",
        f"<X509Data>{x509_text(THIEF.certificate)}</X509Data>",
    ],
)
def test_a_key_that_is_to_be_fetched_or_guessed_is_refused(parts: str) -> None:
    told = f"<KeyInfo><X509Data>{x509_text(OWN.certificate)}</X509Data>{parts}</KeyInfo>"
    assert faults(sign(MESSAGE, OWN, key_info=told)) == {"key"}


def test_a_certificate_that_is_none_is_refused() -> None:
    junk = base64.b64encode(b"junk").decode()
    for text in (junk, "*", ""):
        told = f"<KeyInfo><X509Data><X509Certificate>{text}</X509Certificate></X509Data></KeyInfo>"
        assert faults(sign(MESSAGE, OWN, key_info=told)) == {"certificate"}


# Another form


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        ({"method": SHA1}, "sha1"),
        ({"digest": f"{DS}sha1"}, "sha1"),
        ({"method": "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"}, "hmac"),
        ({"method": f"{DS}hmac-sha1"}, "hmac"),
        ({"method": "http://www.w3.org/2001/04/xmldsig-more#md5"}, "algorithm"),
        ({"digest": "http://www.w3.org/2001/04/xmldsig-more#md5"}, "algorithm"),
        ({"transforms": (ENVELOPED, XPATH)}, "transform"),
        ({"transforms": (ENVELOPED, XSLT)}, "transform"),
        ({"transforms": (XPATH, ENVELOPED)}, "transform"),
        ({"transforms": (ENVELOPED, f"{DS}base64")}, "transform"),
        ({"transforms": (ENVELOPED, f"{EXCLUSIVE}WithComments")}, "transform"),
        ({"transforms": (ENVELOPED, EXCLUSIVE, EXCLUSIVE)}, "transform"),
        ({"transforms": (EXCLUSIVE,)}, "transform"),
        ({"transforms": ()}, "transform"),
        ({"references": 2}, "references"),
        ({"references": 0}, "form"),
        ({"uri": None}, "reference"),
    ],
)
def test_what_is_not_the_one_form_is_refused_though_truly_signed(form: dict, fault: str) -> None:
    assert faults(sign(MESSAGE, OWN, **form)) == {fault}


@pytest.mark.parametrize("uri", ["http://agency.example/alert", "file:///etc/passwd", "#xpointer(/)", "#a", "cid:1"])
def test_a_reference_to_anything_but_the_message_is_refused(uri: str) -> None:
    assert faults(TRUE.replace(b'URI=""', f'URI="{uri}"'.encode())) == {"reference"}


def test_unsigned_overfull_and_unwell_messages_are_refused() -> None:
    assert faults(MESSAGE) == {"missing"}
    many = root_of(TRUE)
    many.extend([signature_of(TRUE) for _ in range(4)])
    assert faults(etree.tostring(many)) == {"many"}
    with pytest.raises(Malformed) as caught:
        verify(b'<!DOCTYPE alert [<!ATTLIST info x CDATA "y">]>' + TRUE, TRUST)
    assert caught.value.problems[0].type == "doctype"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b"<SignatureValue>", b"<SignatureValue><?a b?>", "form"),
        (b"<SignatureValue>", b"<SignatureValue>!", "form"),
        (b"<SignedInfo", b"<X/><SignedInfo", "form"),
        (b"<DigestMethod", b"<X/><DigestMethod", "form"),
        (b"<SignatureMethod", b"<X/><SignatureMethod", "form"),
        (b"</Signature>", b"<Object/></Signature>", "form"),
        (b"xml-exc-c14n#", b"xml-exc-c14n#WithComments", "canonical"),
        (b"2026-01-15T18:30:00-06:00", b"2026-01-15T18:30:00", "sent"),
        (b"</sent>", b"</sent><sent>2026-01-15T18:30:00-06:00</sent>", "sent"),
    ],
)
def test_whatever_is_bent_about_it_has_its_reason(old: bytes, new: bytes, fault: str) -> None:
    assert fault in faults(TRUE.replace(old, new, 1))
