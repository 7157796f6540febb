"""`lookout validate --trust`: a verdict on the signature, only where it was asked for."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding
from desk import FIXTURES
from signing import embedded, keyed

from alerts.cli import main
from alerts.signature_make import make


@pytest.fixture
def lookout(tmp_path):
    seal = make("Example", datetime(2026, 1, 16, tzinfo=UTC))
    (tmp_path / "message.xml").write_bytes(seal.sign((FIXTURES / "alerts" / "cap_county.xml").read_bytes()))
    (tmp_path / "pin.pem").write_bytes(seal.certificate.public_bytes(Encoding.PEM))
    (tmp_path / "other.pem").write_bytes(keyed().pem)
    (tmp_path / "unsigned.xml").write_bytes((FIXTURES / "alerts" / "cap_county.xml").read_bytes())

    def call(*words: str):
        ran = CliRunner().invoke(main, ["validate", "--json", *words])
        return json.loads(ran.stdout)

    return call


def test_no_verdict_is_given_where_none_was_asked_for(lookout, tmp_path):
    assert "signature" not in lookout(str(tmp_path / "message.xml"))


def test_the_verdict_names_the_signer_or_every_reason(lookout, tmp_path):
    said = lookout(str(tmp_path / "message.xml"), "--trust", str(tmp_path / "pin.pem"))["signature"]
    assert (said["outcome"], said["subject"]) == ("valid", "CN=Example")
    for name, pin, reason in (("message", "other", "untrusted"), ("unsigned", "pin", "missing")):
        found = lookout(str(tmp_path / f"{name}.xml"), "--trust", str(tmp_path / f"{pin}.pem"))
        assert found["outcome"] == "invalid"
        assert [problem["type"] for problem in found["signature"]["problems"]] == [f"signature-{reason}"]


def test_the_real_messages_get_a_verdict_too(lookout, sample, tmp_path):
    body = sample("ipaws-signed-cancel.xml")
    (tmp_path / "real.xml").write_bytes(body)
    (tmp_path / "real.pem").write_bytes(embedded(body).public_bytes(Encoding.PEM))
    found = lookout(str(tmp_path / "real.xml"), "--trust", str(tmp_path / "real.pem"))["signature"]
    assert (found["outcome"], found["sent_at"]) == ("valid", "2019-04-19T17:46:20+00:00")
