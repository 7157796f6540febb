"""Our own signature: made by a key that lies with the keys, true to our verifier and to another's."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from desk import FIXTURES, SAMPLES
from lxml import etree
from signing import MESSAGE, Keyed, keyed

from alerts import cap, signature_make
from alerts.errors import Refused
from alerts.signature import verify
from alerts.signature_make import BadKeyPair, install, load_or_make, make
from alerts.signature_trust import Trust, fingerprint

NOW = datetime(2026, 1, 16, 0, 30, tzinfo=UTC)
WRITTEN = cap.write(cap.read((FIXTURES / "alerts" / "cap_polygon_and_circle.xml").read_bytes()).alert)  # type: ignore[arg-type]


def pem(of: Keyed) -> bytes:
    return of.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize("kind", ["made", "ecdsa", "rsa"])
def test_what_we_sign_is_true_to_us_and_to_another_verifier(tmp_path, xmlsec1, kind: str) -> None:
    seal = make("Example", NOW)
    if kind != "made":
        other = keyed(key=rsa.generate_private_key(65537, 2048) if kind == "rsa" else None)
        seal = install(tmp_path, pem(other), other.pem)
    signed = seal.sign(WRITTEN)
    assert verify(signed, Trust("ours", (seal.certificate,))).content
    (tmp_path / "message.xml").write_bytes(signed)
    (tmp_path / "pin.pem").write_bytes(seal.certificate.public_bytes(Encoding.PEM))
    command = [xmlsec1, "--verify", "--pubkey-cert-pem", str(tmp_path / "pin.pem"), str(tmp_path / "message.xml")]
    assert subprocess.run(command, capture_output=True, check=False, timeout=30).returncode == 0
    (tmp_path / "message.xml").write_bytes(signed.replace(b"Sacramento", b"Sacramenta"))
    assert subprocess.run(command, capture_output=True, check=False, timeout=30).returncode != 0


def test_what_is_signed_reads_as_before_and_keeps_to_the_schema() -> None:
    signed = make("Example", NOW).sign(WRITTEN)
    assert cap.read(signed).alert == cap.read(WRITTEN).alert
    if (SAMPLES / "CAP-v1.2.xsd").exists():
        etree.XMLSchema(etree.parse(SAMPLES / "CAP-v1.2.xsd")).assertValid(etree.fromstring(signed))


def test_the_same_message_is_signed_with_the_same_bytes() -> None:
    seal = make("Example", NOW)
    assert seal.sign(WRITTEN) == seal.sign(WRITTEN)


def test_a_message_signed_already_can_be_signed_on_top() -> None:
    first, second = make("First", NOW), make("Second", NOW)
    twice = second.sign(first.sign(MESSAGE))
    for seal in (first, second):
        assert verify(twice, Trust("ours", (seal.certificate,))).by.fingerprint == fingerprint(seal.certificate)


def test_a_certificate_that_came_later_than_the_message_is_not_believed() -> None:
    late = make("Late", NOW + timedelta(days=2))
    with pytest.raises(Refused):
        verify(late.sign(MESSAGE), Trust("ours", (late.certificate,)))


def test_the_key_is_made_once_and_lies_where_only_we_read_it(tmp_path) -> None:
    seal = load_or_make(tmp_path, "Example")
    assert load_or_make(tmp_path, "Another").certificate == seal.certificate
    assert (tmp_path / signature_make.FILE).stat().st_mode & 0o777 == 0o600
    assert isinstance(seal.key, ec.EllipticCurvePrivateKey)


def test_another_key_takes_its_place_with_the_certificates_above_it(tmp_path) -> None:
    load_or_make(tmp_path, "Example")
    root = keyed("Root", ca=True)
    issued = keyed("Agency", root)
    install(tmp_path, pem(issued), issued.pem + root.pem)
    signed = load_or_make(tmp_path, "Example").sign(MESSAGE)
    assert verify(signed, Trust("ours", (root.certificate,))).by.subject == "O=Example,CN=Agency"


def test_a_pair_that_does_not_fit_changes_nothing(tmp_path) -> None:
    before = load_or_make(tmp_path, "Example").certificate
    good, other = keyed(), keyed()
    p384 = keyed(key=ec.generate_private_key(ec.SECP384R1()))
    locked = good.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    not_for_it = keyed(use="key_encipherment")
    for key, certificate in [
        (pem(good), other.pem),
        (locked, good.pem),
        (pem(good), b""),
        (b"", good.pem),
        (pem(p384), p384.pem),
        (pem(not_for_it), not_for_it.pem),
    ]:
        with pytest.raises(BadKeyPair):
            install(tmp_path, key, certificate)
    assert load_or_make(tmp_path, "Example").certificate == before
