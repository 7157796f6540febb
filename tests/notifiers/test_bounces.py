from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from returned import SEAL, arf, dsn

from notifiers.bounces import MAX_BYTES, Returned, read
from notifiers.model import Outcome, Result


@pytest.mark.parametrize(
    ("status", "result"),
    [
        ("5.1.1", Result.GONE),
        ("5.1.10", Result.GONE),
        ("5.2.1", Result.GONE),
        ("5.2.2", Result.REFUSED),  # full: the mailbox is there
        ("5.7.1", Result.REFUSED),
        ("4.4.7", Result.REFUSED),  # it tried for days and gave up
    ],
)
def test_a_failed_delivery_says_who_is_gone_and_what_is_refused(status, result):
    assert read(dsn(status=status)) == Returned(SEAL, Outcome(result, status))


@pytest.mark.parametrize(("action", "status"), [("delayed", "4.4.1"), ("relayed", "2.1.5"), ("expanded", "2.1.5")])
def test_what_is_not_final_says_nothing(action, status):
    assert read(dsn(action, status)) is None


def test_a_confirmed_delivery_is_a_receipt():
    assert read(dsn("delivered", "2.0.0")) == Returned(SEAL, Outcome(Result.SENT, "delivered"))


@pytest.mark.parametrize("header", ["Delivered-To", "X-Original-To", "Envelope-To", "To"])
def test_the_seal_stands_where_mail_servers_put_the_address(header):
    assert read(dsn(header=header)).seal == SEAL


def test_a_server_that_writes_everything_large_is_understood():
    assert read(dsn("FAILED", "5.1.1", SEAL.upper())).seal == SEAL


@pytest.mark.parametrize(("kind", "complains"), [("abuse", True), ("Fraud", True), ("opt-out", True), ("virus", False)])
def test_a_complaint_is_a_persons_word(kind, complains):
    assert read(arf(kind)) == (Returned(SEAL, None) if complains else None)


@pytest.mark.parametrize("kind", [b"message/rfc822", b"text/rfc822-headers"])
def test_a_complaint_without_our_address_is_known_by_its_link_to_leave(kind):
    token = "0123456789abcdef" * 2 + "01234567"
    redacted = arf(seal="redacted", token=token).replace(b"message/rfc822", kind)
    assert read(redacted) == Returned("", None, token)
    assert read(redacted.replace(b"/u/", b"/v/")) is None


def test_what_a_report_is_about_is_never_taken_from_the_mail_it_returns():
    forged = dsn(seal="short").replace(b"Text.", b"Delivered-To: bounce+" + SEAL.encode() + b"@alerts.example")
    assert read(forged) is None


def test_a_status_without_a_seal_or_a_seal_without_a_report_is_nothing():
    assert read(dsn(header="X-Other")) is None
    vacation = f"To: bounce+{SEAL}@alerts.example\r\nSubject: I am away\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    assert read(vacation.encode()) is None


@pytest.mark.parametrize("drop", [b"Action: failed\r\n", b"--b1", b"message/delivery-status", b'boundary="b1"'])
def test_half_a_report_is_nothing(drop):
    assert read(dsn().replace(drop, b"")) is None


def test_a_failure_without_a_status_is_refused_and_nobody_is_taken_off():
    assert read(dsn().replace(b"Status: 5.1.1", b"Status: dunno")).outcome == Outcome(Result.REFUSED, "bounced")


def test_a_report_before_an_endless_attachment_is_read():
    assert read(dsn().replace(b"Text.", b"x" * 2 * MAX_BYTES)).outcome.result is Result.GONE


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 1200), st.booleans())
def test_malformed_mail_never_raises(noise, at, complaint):
    whole = arf() if complaint else dsn()
    found = read(whole[:at] + noise + whole[at:])
    assert found is None or len(found.seal) == len(SEAL) or len(found.token) == 40
