from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.model import Outcome, Result
from notifiers.outcome import of_failure, of_smtp, of_status, retry_after_s

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (200, Result.SENT),
        (201, Result.SENT),
        (202, Result.SENT),
        (404, Result.GONE),
        (410, Result.GONE),
        (400, Result.REFUSED),
        (413, Result.REFUSED),
        (301, Result.REFUSED),
        (401, Result.OURS),
        (403, Result.OURS),
        (408, Result.LATER),
        (429, Result.LATER),
        (500, Result.IN_DOUBT),
        (502, Result.IN_DOUBT),
        (504, Result.IN_DOUBT),
        (503, Result.LATER),
    ],
)
def test_what_an_http_status_means(status, result):
    assert of_status(status, {}, NOW) == Outcome(result, str(status))


def test_a_retry_after_is_read_whatever_the_case_of_the_header():
    assert of_status(429, {"Retry-After": "120"}, NOW).retry_after_s == 120
    assert of_status(503, {"RETRY-AFTER": "Fri, 01 May 2026 12:01:00 GMT"}, NOW).retry_after_s == 60


def test_a_date_that_has_passed_means_now():
    assert retry_after_s("Fri, 01 May 2026 11:00:00 GMT", NOW) == 0


@given(st.text())
def test_whatever_the_header_says_it_is_a_number_of_seconds_or_nothing(value):
    seconds = retry_after_s(value, NOW)
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    ("code", "enhanced", "result"),
    [
        (250, "", Result.SENT),
        (550, "5.1.1", Result.GONE),
        (550, "5.7.1", Result.REFUSED),
        (550, "", Result.REFUSED),
        (552, "5.3.4", Result.REFUSED),
        (421, "", Result.LATER),
        (451, "4.7.1", Result.LATER),
        (535, "5.7.8", Result.OURS),
    ],
)
def test_what_an_smtp_reply_means(code, enhanced, result):
    assert of_smtp(code, enhanced).result is result


def test_a_send_that_died_before_anything_left_is_unsent_and_after_it_in_doubt():
    assert of_failure("dns", sent=False) == Outcome(Result.UNSENT, "dns")
    assert of_failure("timeout", sent=True) == Outcome(Result.IN_DOUBT, "timeout")
    assert of_failure("guard_private", sent=False, guarded=True) == Outcome(Result.REFUSED, "guard_private")
