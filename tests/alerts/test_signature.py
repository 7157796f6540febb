"""Signed messages that count: the real ones of IPAWS, pinned certificates and authorities, the time of the certificate."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree
from signing import ENVELOPED, MESSAGE, SENT, Keyed, embedded, keyed, rsa_value, sign, x509_text
from signxml.algorithms import SignatureMethod

from alerts import cap, signature_trust
from alerts.errors import Malformed, Refused, TooLarge
from alerts.signature import is_signed, verify
from alerts.signature_trust import NoTrust, Trust

REAL = ("ipaws-signed-alert.xml", "ipaws-signed-cancel.xml")


def trust(*pinned: Keyed, **more) -> Trust:
    return Trust("agency", tuple(one.certificate for one in pinned), **more)


def fault(body: bytes, by: Trust) -> str:
    with pytest.raises(Refused) as caught:
        verify(body, by)
    (problem,) = caught.value.problems
    return problem.type


@pytest.mark.parametrize("name", REAL)
def test_the_real_messages_of_ipaws_are_true_under_their_own_certificate(sample, name: str) -> None:
    body = sample(name)
    signed = verify(body, Trust("ipaws", (embedded(body),)))
    assert signed.by.subject.startswith("CN=IPAWSOPEN_20")
    assert cap.read(signed.content).alert == cap.read(body).alert
    assert b"Signature" not in signed.content


@pytest.mark.parametrize("name", REAL)
def test_the_real_messages_of_ipaws_use_no_sha1(sample, name: str) -> None:
    algorithms = {one.get("Algorithm") for one in etree.fromstring(sample(name)).iter("{*}SignatureMethod")}
    assert algorithms == {SignatureMethod.RSA_SHA256.value}
    assert b"sha1" not in sample(name)


def test_the_content_is_that_of_the_signature_and_never_that_of_the_document() -> None:
    own = keyed()
    signed = sign(MESSAGE, own)
    noisy = signed.replace(b"<headline>Missing", b"<headline><!-- seen by nobody who signed -->Missing")
    assert verify(noisy, trust(own)).content == verify(signed, trust(own)).content
    assert verify(signed, trust(own)).sent_at == SENT


def test_rsa_and_a_key_value_that_is_the_certificates_own_count_too() -> None:
    own = keyed(key=rsa.generate_private_key(65537, 2048))
    more = f"<KeyInfo><X509Data>{x509_text(own.certificate)}</X509Data>{rsa_value(own.key.public_key())}</KeyInfo>"
    assert verify(sign(MESSAGE, own, key_info=more), trust(own)).by.fingerprint
    assert verify(sign(MESSAGE, own, transforms=(ENVELOPED,)), trust(own)).content  # as IPAWS signs: canonical XML 1.0


def test_an_authority_vouches_for_whom_it_issued_also_through_another() -> None:
    root = keyed("Root", ca=True)
    between = keyed("Between", root, ca=True)
    signer = keyed("Signer", between)
    signed = verify(sign(MESSAGE, signer), trust(root))
    assert (signed.by.subject, signed.by.valid_until) == ("O=Example,CN=Signer", SENT + timedelta(days=30))
    assert fault(sign(MESSAGE, Keyed(signer.key, signer.chain[:1])), trust(root)) == "signature-untrusted"
    assert fault(sign(MESSAGE, keyed("Signer", keyed("Root", ca=True))), trust(root)) == "signature-untrusted"


def test_whom_a_mere_signer_issued_is_nobody() -> None:
    root = keyed("Root", ca=True)
    signer = keyed("Signer", root)
    made_up = keyed("Made up", signer)
    assert fault(sign(MESSAGE, made_up), trust(root)) == "signature-value"  # signer counts, but did not sign
    assert fault(sign(MESSAGE, Keyed(made_up.key, made_up.chain[:1])), trust(signer)) == "signature-untrusted"
    assert fault(sign(MESSAGE, keyed("Between", root, ca=True)), trust(root)) == "signature-untrusted"


def test_an_authority_of_many_counts_for_the_subjects_that_are_named_only() -> None:
    root = keyed("Root", ca=True)
    message = sign(MESSAGE, keyed("Signer", root))
    assert verify(message, trust(root, subject=(("O", "Example"), ("CN", "Signer")))).sent_at == SENT
    assert fault(message, trust(root, subject=(("O", "FEMA IPAWS"),))) == "signature-untrusted"


@pytest.mark.parametrize("days", [-40, 40])
def test_the_certificate_is_judged_when_the_message_was_sent(days: int) -> None:
    shifted = {"since": SENT + timedelta(days=days - 1), "until": SENT + timedelta(days=days + 1)}
    root = keyed("Root", ca=True)
    own = keyed(**shifted)
    assert fault(sign(MESSAGE, own), trust(own)) == "signature-expired"
    assert fault(sign(MESSAGE, keyed("Signer", root, **shifted)), trust(root)) == "signature-expired"
    dead = keyed("Root", ca=True, **shifted)
    assert fault(sign(MESSAGE, keyed("Signer", dead)), trust(dead)) in {"signature-expired", "signature-untrusted"}


def test_one_long_expired_still_proves_what_it_signed_in_its_day() -> None:
    own = keyed(until=SENT + timedelta(minutes=1))
    assert verify(sign(MESSAGE, own), trust(own)).by.valid_until < datetime.now(UTC)


def test_a_revoked_certificate_counts_for_nothing() -> None:
    root = keyed("Root", ca=True)
    signer = keyed("Signer", root)
    gone = frozenset({signature_trust.fingerprint(signer.certificate)})
    assert fault(sign(MESSAGE, signer), trust(root, revoked=gone)) == "signature-revoked"
    assert fault(sign(MESSAGE, signer), trust(signer, revoked=gone)) == "signature-revoked"


def test_a_key_that_is_weak_or_for_something_else_does_not_sign() -> None:
    short = keyed(key=rsa.generate_private_key(65537, 1024))
    assert fault(sign(MESSAGE, short), trust(short)) == "signature-key"
    other = keyed(use="key_encipherment")
    assert fault(sign(MESSAGE, other), trust(other)) == "signature-untrusted"


@pytest.mark.parametrize("pinned", [0, 1])
def test_of_two_signatures_the_one_that_fits_counts_however_the_second_was_made(pinned: int) -> None:
    issuer, system = keyed("Issuer"), keyed("NAAD")
    once = sign(MESSAGE, issuer)
    over_both = sign(once, system)  # the system signed the issuer's signature as well
    (second,) = list(etree.fromstring(sign(MESSAGE, system)).iter("{*}Signature"))
    root = etree.fromstring(once)
    root.append(second)  # the system signed the message without the issuer's signature
    for message in (over_both, etree.tostring(root)):
        signed = verify(message, trust((issuer, system)[pinned]))
        assert cap.read(signed.content).alert == cap.read(MESSAGE).alert


def test_of_two_signatures_that_both_fail_each_says_why() -> None:
    twice = sign(sign(MESSAGE, keyed("One")), keyed("Two"), method="http://www.w3.org/2000/09/xmldsig#rsa-sha1")
    with pytest.raises(Refused) as caught:
        verify(twice, trust(keyed()))
    told = [(problem.type, problem.path.split("/")[2]) for problem in caught.value.problems]
    assert told == [("signature-untrusted", "Signature[1]"), ("signature-sha1", "Signature[2]")]


def test_the_other_verifier_says_the_same_of_the_real_messages(sample, tmp_path, xmlsec1) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    for name in REAL:
        (tmp_path / name).write_bytes(sample(name))
        (tmp_path / "pin.pem").write_bytes(embedded(sample(name)).public_bytes(Encoding.PEM))
        command = [xmlsec1, "--verify", "--pubkey-cert-pem", str(tmp_path / "pin.pem"), str(tmp_path / name)]
        assert subprocess.run(command, capture_output=True, check=False, timeout=30).returncode == 0


def test_a_folder_for_each_source_says_whom_to_trust(tmp_path) -> None:
    root, gone = keyed("Root", ca=True), keyed("Gone")
    folder = tmp_path / "ipaws"
    (folder / "revoked").mkdir(parents=True)
    (folder / "root.pem").write_bytes(root.pem)
    (folder / "revoked" / "stolen.pem").write_bytes(gone.pem)
    (folder / "subject.txt").write_text("O=Example\n\n")
    (loaded,) = signature_trust.load_sources(tmp_path).values()
    revoked = frozenset({signature_trust.fingerprint(gone.certificate)})
    assert loaded == Trust("ipaws", (root.certificate,), (("O", "Example"),), revoked)
    assert verify(sign(MESSAGE, keyed("Signer", root)), loaded).by.source == "ipaws"
    assert signature_trust.load_sources(tmp_path / "none") == {}


@pytest.mark.parametrize("broken", [None, ("a.pem", b"no"), ("subject.txt", b"FEMA")])
def test_a_folder_that_cannot_be_read_as_meant_stops_everything(tmp_path, broken) -> None:
    folder = tmp_path / "ipaws"
    folder.mkdir()
    if broken:
        (folder / "root.pem").write_bytes(keyed().pem)
        (folder / broken[0]).write_bytes(broken[1])
    with pytest.raises(NoTrust):
        signature_trust.load_sources(tmp_path)


def test_no_xml_and_too_much_of_it_are_refused_as_such() -> None:
    with pytest.raises(Malformed):
        verify(b"<alert", trust(keyed()))
    with pytest.raises(TooLarge):
        verify(b" " * (1 << 20) + MESSAGE, trust(keyed()))
    assert (is_signed(MESSAGE), is_signed(sign(MESSAGE, keyed())), is_signed(b"no")) == (False, True, False)
