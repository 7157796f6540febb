"""What may still be broadcast: sent within the hour, under a certificate that is valid now. The rest is for the archive."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from desk import FIXTURES, NOW

from alerts import cap
from alerts.freshness import only_for_archive
from alerts.model import Alert, MsgType, SignedBy

IMPORT = replace(cap.read((FIXTURES / "alerts" / "cap_county.xml").read_bytes()).alert, sent_at=NOW)  # type: ignore[type-var]


def told(alert: Alert, **later: float) -> list[str]:
    return [problem.type for problem in only_for_archive(alert, NOW + timedelta(**later))]


def signed(from_days: float, until_days: float, alert: Alert = IMPORT) -> Alert:
    by = SignedBy("ipaws", "CN=X", "00", NOW + timedelta(days=from_days), NOW + timedelta(days=until_days))
    return replace(alert, signed_by=by)


@pytest.mark.parametrize(
    ("later", "expected"),
    [({"minutes": 60}, []), ({"minutes": 60, "seconds": 1}, ["sent-archive"]), ({"minutes": -6}, ["sent-archive"])],
)
def test_what_was_sent_within_the_hour_may_be_broadcast(later: dict[str, float], expected: list[str]) -> None:
    assert told(IMPORT, **later) == expected


def test_a_certificate_must_be_valid_now_and_not_only_when_it_was_sent() -> None:
    assert told(signed(-1, 1)) == []
    assert told(signed(-2, -1)) == ["signature-archive"]
    assert told(signed(1, 2)) == ["signature-archive"]
    assert told(signed(-9, 1 / 24), hours=2) == ["sent-archive", "signature-archive"]


def test_a_cancel_may_come_late_but_never_under_a_dead_certificate() -> None:
    cancel = replace(IMPORT, msg_type=MsgType.CANCEL)
    assert told(cancel, days=3) == []
    assert told(signed(-2, -1, cancel)) == ["signature-archive"]


def test_our_own_records_have_rules_of_their_own() -> None:
    assert told(replace(IMPORT, imported=False), days=9) == []
