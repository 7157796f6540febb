"""Rates and waits between two samples."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alerts.pulse import KEPT, Pulse, Sample, between, series
from notifiers.latency import BUCKETS, EDGES_MS, Latency

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def waits(**by_ms: int) -> Latency:
    """So many within each edge: e1000=3."""
    counts = [0] * BUCKETS
    for name, count in by_ms.items():
        counts[EDGES_MS.index(int(name[1:]))] = count
    return Latency(tuple(counts))


def at(seconds: float, open_: int = 0, **sent: Latency) -> Sample:
    return Sample(NOW + timedelta(seconds=seconds), {(1, channel): latency for channel, latency in sent.items()}, open_)


def test_what_was_sent_in_between_is_the_rate():
    point = between(at(0, email=waits(e512=10)), at(5, 7, email=waits(e512=10, e1024=50), inbox=waits(e4=5)))
    assert (point.rates, point.open) == ({"email": 10.0, "inbox": 1.0}, 7)


def test_waits_are_those_of_the_moment_and_not_of_the_hours_before():
    early, late = waits(e4=100_000), waits(e4=100_000, e1024=100)
    half, most, nearly_all = between(at(0, email=early), at(5, email=late)).waits_s
    assert 0.5 < half < most < nearly_all <= 1.024


def test_where_nothing_was_sent_there_is_no_wait():
    assert between(at(0, email=waits(e4=3)), at(5, email=waits(e4=3))).waits_s == (None, None, None)


def test_a_notice_that_is_gone_is_no_negative_rate():
    assert between(at(0, email=waits(e4=3)), at(5)).rates == {}


def test_the_ring_is_bounded_and_a_clock_that_stands_adds_nothing():
    pulse = Pulse()
    for second in range(KEPT + 10):
        pulse.add(at(second))
    pulse.add(at(KEPT + 9))
    assert len(pulse.points()) == KEPT


def test_a_chart_gets_columns_of_one_length():
    pulse = Pulse()
    for sample in (at(0), at(5, email=waits(e4=5)), at(10, email=waits(e4=5), inbox=waits(e4=10))):
        pulse.add(sample)
    found = series(pulse.points(), {"email": "E-mail"})
    assert [(one["name"], one["values"]) for one in found["rates"]] == [("E-mail", [1.0, 0.0]), ("inbox", [0.0, 2.0])]
    assert {len(values) for values in found["waits"].values()} == {len(found["at"])} == {2}
