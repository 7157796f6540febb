"""`lookout certificate`, as an operator calls it."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from signing import keyed

from alerts.cli import main


@pytest.fixture
def lookout(tmp_path):
    def call(*words):
        return CliRunner().invoke(
            main, ["certificate", words[0], "--data", str(tmp_path / "data"), "--mode", "sandbox", *words[1:]]
        )

    return call


def test_the_certificate_is_shown_for_others_to_pin(lookout):
    shown = lookout("show")
    assert x509.load_pem_x509_certificate(shown.stdout.encode())
    assert "SHA-256 " in shown.stderr
    assert lookout("show").stdout == shown.stdout


def test_another_takes_its_place(lookout, tmp_path):
    own = keyed("Agency")
    (tmp_path / "key").write_bytes(own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "certificate").write_bytes(own.pem)
    assert lookout("install", str(tmp_path / "key"), str(tmp_path / "certificate")).exit_code == 0
    assert lookout("show").stdout.encode() == own.pem


def test_what_is_no_pair_is_refused(lookout, tmp_path):
    (tmp_path / "key").write_bytes(b"no")
    assert lookout("install", str(tmp_path / "key"), str(tmp_path / "key")).exit_code == 2
