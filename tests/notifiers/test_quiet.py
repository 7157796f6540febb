"""Quiet hours, held against a wall clock that is looked at minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifiers.quiet import DAY, QuietHours

MINUTE = timedelta(minutes=1)
ZONES = ["UTC", "America/Denver", "Europe/Amsterdam", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"]
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
LEAPS = [datetime(2026, 3, 8, 8), datetime(2026, 11, 1, 7), datetime(2026, 3, 29, 0), datetime(2026, 10, 25, 0), datetime(2026, 4, 4, 14), datetime(2026, 10, 3, 15)]  # fmt: skip  # noqa: DTZ001
NEAR_LEAPS = st.builds(
    lambda at, minutes: at.replace(tzinfo=UTC) + minutes * MINUTE, st.sampled_from(LEAPS), st.integers(-300, 300)
)


def shows(quiet: QuietHours, at: datetime) -> bool:
    local = at.astimezone(ZoneInfo(quiet.zone))
    minute = local.hour * 60 + local.minute
    span = (minute - quiet.starts) % DAY
    return span < (quiet.ends - quiet.starts) % DAY


@settings(deadline=None)
@given(st.integers(0, DAY - 1), st.integers(1, DAY - 1), st.sampled_from(ZONES), st.one_of(MOMENTS, NEAR_LEAPS))
def test_they_end_when_the_wall_says_so(starts, lasts, zone, at):
    quiet = QuietHours(starts, (starts + lasts) % DAY, zone)
    now = at.replace(second=0, microsecond=0)
    found = quiet.until(now)
    if not shows(quiet, now):
        assert found is None
        return
    end = now
    while shows(quiet, end):
        end += MINUTE
    assert found == end


def test_within_a_minute_as_well():
    quiet = QuietHours(22 * 60, 7 * 60, "America/Denver")
    night = datetime(2026, 1, 10, 8, 0, 30, 5, tzinfo=UTC)  # half a minute past one
    assert quiet.until(night) == datetime(2026, 1, 10, 14, 0, tzinfo=UTC)
    assert quiet.until(datetime(2026, 1, 10, 13, 59, 59, 999999, tzinfo=UTC)) == datetime(2026, 1, 10, 14, tzinfo=UTC)
    assert quiet.until(datetime(2026, 1, 10, 14, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("starts", "ends", "zone"), [(0, 0, "UTC"), (-1, 5, "UTC"), (5, DAY, "UTC"), (1, 2, "Mars/Base"), (1, 2, "../x")]
)
def test_what_is_no_span_of_a_day_is_refused(starts, ends, zone):
    with pytest.raises(ValueError, match=r"time|quiet"):
        QuietHours(starts, ends, zone)
