"""When a feed is asked again, and how it does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerts.feeds_in.health import BACKOFF_S, OBEYED_S, Health, Polled, after

NOW = datetime(2026, 1, 16, 0, 30, tzinfo=UTC)
WORDS = st.sampled_from(["ok", "not_modified", "dns", "timeout", "status_429", "status_500", "index_unknown"])
WAITS = st.none() | st.floats()
POLLED = st.builds(Polled, WORDS, st.booleans(), WAITS, st.none() | st.just('"a"'))
JITTER = st.floats(0, 1)
INTERVALS = st.floats(1, 7200)


def waited_s(health, now=NOW):
    return (health.next_poll_at - now).total_seconds()


@given(st.lists(st.tuples(POLLED, JITTER), min_size=1, max_size=60), INTERVALS)
def test_the_next_time_is_never_now_and_never_beyond_its_bound(polls, interval_s):
    health, now = Health(), NOW
    for polled, jitter in polls:
        health = after(health, polled, now, interval_s, jitter)
        wait_s = waited_s(health, now)
        if health.state == "failing":
            assert 1 <= wait_s <= (BACKOFF_S if polled.retry_after_s is None else OBEYED_S)
        else:
            assert abs(wait_s - interval_s) < 1e-3
        now = health.next_poll_at
        assert health.is_due(now)
        assert not health.is_due(now - timedelta(seconds=0.5))


@given(st.integers(0, 10_000), st.sampled_from(["ok", "not_modified"]), JITTER, INTERVALS)
def test_a_success_makes_all_well_again(failures, word, jitter, interval_s):
    failing = Health("failing", failures, None, None, "timeout", NOW)
    well = after(failing, Polled(word, etag='"b"'), NOW, interval_s, jitter)
    assert (well.state, well.failures, well.last_error, well.last_ok_at) == ("well", 0, None, NOW)
    assert well.etag == '"b"'


@given(st.integers(0, 10_000), JITTER)
def test_the_back_off_doubles_up_to_its_longest_and_is_jittered_to_the_full(failures, jitter):
    failed = after(Health(failures=failures), Polled("timeout"), NOW, 60, jitter)
    assert abs(waited_s(failed) - max(1.0, jitter * min(10 * 2.0 ** min(failures, 30), 900))) < 1e-3
    assert failed.failures == failures + 1


@given(st.floats(0, 3590), JITTER)
def test_retry_after_is_obeyed(asked_s, jitter):
    failed = after(Health(), Polled("status_503", retry_after_s=asked_s), NOW, 60, jitter)
    assert asked_s - 1e-3 <= waited_s(failed) <= max(asked_s, 1) + 5.001


def test_nobody_makes_us_wait_longer_than_an_hour():
    assert waited_s(after(Health(), Polled("status_503", retry_after_s=10**9), NOW, 60, 0.5)) == OBEYED_S


def test_too_many_requests_are_not_answered_with_more():
    assert waited_s(after(Health(), Polled("status_429"), NOW, 60, 0.0)) == 60


def test_a_feed_that_says_nothing_new_for_too_long_is_silent():
    health = after(Health(), Polled("ok", news=True), NOW, 60, 0.5, longest_silence_s=3600)
    later = after(health, Polled("not_modified"), NOW + timedelta(hours=1), 60, 0.5, longest_silence_s=3600)
    silent = after(later, Polled("ok"), NOW + timedelta(minutes=61), 60, 0.5, longest_silence_s=3600)
    heard = after(silent, Polled("ok", news=True), NOW + timedelta(hours=2), 60, 0.5, longest_silence_s=3600)
    assert [health.state, later.state, silent.state, heard.state] == ["well", "well", "silent", "well"]


def test_what_could_not_be_read_comes_again_whole():
    health = replace(Health(), etag='"good"')
    assert after(health, Polled("index_unknown", etag='"bad"'), NOW, 60, 0.5).etag == '"good"'
