from datetime import UTC, datetime

import pytest

from notifiers.channels import twilio
from notifiers.model import Outcome, Result

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = [
    ("Digits", "1234"),
    ("CallSid", "CA1234567890ABCDE"),
    ("To", "+18005551212"),
    ("Caller", "+14158675309"),
    ("From", "+14158675309"),
]
SIGNED = "RSOYDt4T1cUTdK1PDd93/VVr8B8="  # the published example, token 12345


def test_the_published_signature_is_good():
    assert twilio.signature("12345", URL, FORM) == SIGNED
    assert twilio.is_signed("12345", URL, FORM, SIGNED)


@pytest.mark.parametrize(
    ("token", "url", "form"),
    [
        ("12346", URL, FORM),
        ("12345", URL + "3", FORM),
        ("12345", URL, [*FORM, ("Body", "STOP")]),
        ("12345", URL, FORM[:-1]),
        ("", URL, FORM),
    ],
)
def test_whatever_is_changed_is_not_signed(token, url, form):
    assert not twilio.is_signed(token, url, form, SIGNED)


def test_no_token_accepts_nothing_not_even_a_signature_without_one():
    assert not twilio.is_signed("", URL, FORM, twilio.signature("", URL, FORM))


def test_the_default_port_may_be_written_in_what_was_signed():
    said = twilio.signature("t", "https://a.example:443/x", FORM)
    assert twilio.is_signed("t", "https://a.example/x", FORM, said)


@pytest.mark.parametrize(
    ("status", "body", "result", "reason"),
    [
        (201, '{"status": "queued", "error_code": null}', Result.SENT, "201"),
        (201, '{"status": "failed", "error_code": 21610}', Result.GONE, "21610"),
        (400, '{"code": 21211}', Result.GONE, "21211"),
        (400, '{"code": 21614}', Result.GONE, "21614"),
        (400, '{"code": 21610}', Result.GONE, "21610"),
        (400, '{"code": 21617}', Result.REFUSED, "21617"),
        (400, '{"code": 21408}', Result.OURS, "21408"),
        (401, '{"code": 20003}', Result.OURS, "20003"),
        (404, '{"code": 20404}', Result.OURS, "20404"),
        (404, "", Result.OURS, "404"),
        (429, '{"code": 20429}', Result.LATER, "20429"),
        (503, "", Result.LATER, "503"),
        (500, "", Result.IN_DOUBT, "500"),
        (504, "<html>", Result.IN_DOUBT, "504"),
        (500, '{"code": 20500}', Result.IN_DOUBT, "20500"),
        (302, "", Result.REFUSED, "302"),
        (400, '{"code": "see https://example"}', Result.REFUSED, "400"),
        (400, "[" * 2000, Result.REFUSED, "400"),
    ],
)
def test_what_the_gateway_answers(status, body, result, reason):
    outcome = twilio.of_answer(status, {}, body.encode(), NOW)
    assert (outcome.result, outcome.reason) == (result, reason)


def test_who_said_stop_to_the_carrier_has_left_and_nobody_else_has():
    assert twilio.of_code("21610").left
    assert not twilio.of_code("21211").left


def test_retry_after_is_kept():
    assert twilio.of_answer(429, {"Retry-After": "17"}, b'{"code": 20429}', NOW) == Outcome(Result.LATER, "20429", 17.0)


@pytest.mark.parametrize(
    ("status", "code", "result"),
    [
        ("delivered", "", Result.SENT),
        ("undelivered", "30003", Result.REFUSED),
        ("undelivered", "30004", Result.REFUSED),
        ("failed", "30005", Result.GONE),
        ("undelivered", "30006", Result.GONE),
        ("undelivered", "30007", Result.REFUSED),
        ("undelivered", "30008", Result.REFUSED),
        ("failed", "21610", Result.GONE),
        ("failed", "30001", Result.REFUSED),  # the gateway will not try again, so neither is "later" true
        ("failed", "", Result.REFUSED),
        ("failed", "30003; drop", Result.REFUSED),
    ],
)
def test_a_final_report_is_an_outcome(status, code, result):
    outcome = twilio.of_receipt([("MessageStatus", status), ("ErrorCode", code)])
    assert outcome is not None
    assert outcome.result is result
    assert outcome.reason in {code, status}


@pytest.mark.parametrize("status", ["queued", "sending", "sent", "accepted", "", "read"])
def test_what_is_on_its_way_says_nothing(status):
    assert twilio.of_receipt([("MessageStatus", status)]) is None


def test_a_form_is_read_whole_and_bounded():
    assert twilio.read_form(b"Body=&From=%2B1500") == [("Body", ""), ("From", "+1500")]
    with pytest.raises(ValueError):
        twilio.read_form(b"&".join(b"a=%d" % n for n in range(65)))
    with pytest.raises(ValueError):
        twilio.read_form(b"\xff=1")
