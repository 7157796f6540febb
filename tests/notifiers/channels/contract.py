"""What every channel keeps, whatever its medium: one set of sentences, and a bench for each medium to say them on.

To put a channel under it:

1. Subclass `Bench` (its own words stand in bench.py): start a real receiver of the medium on 127.0.0.1 in `open`, make the channel in front of it as
   `self.channel`, and end both in `close`. Say what arrived (`arrived`), what an address looks like (`address`,
   `bad_addresses`), and make the receiver misbehave when told to (`misbehave`). The channel's own time-out should be
   about 2 s, since silence is waited for.
2. Subclass the sentences and name the bench; nothing else is needed:

       class TestSms(ChannelContract):
           bench_class = SmsBench

3. A sentence that cannot be said of a medium stands in `Bench.cannot`, by the name of the test, with the reason in
   words: it is skipped with them. A name that is no sentence fails.

What a bench may set: `name` (of the channel), `lasting` (a cancel cannot take back what arrived: posts, signs,
previews), `cannot`. What it may override beside the abstract ones: `words` (what of a notice is to be read at the
receiver), `subscription`, `settle`, `secrets`. See benches.py for some of twenty lines.
"""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from structlog.testing import capture_logs

from channels.bench import RETRY_AFTER_S, Arrived, Bench, How
from geo.shapes import from_circle
from notifiers.collapsing import COLLAPSES
from notifiers.model import OUTLETS, Kind, Notice, Outcome, Result, Subscription, Text
from notifiers.still import STOPPED, still

__all__ = ["CHILD", "RETRY_AFTER_S", "Arrived", "Bench", "ChannelContract", "How", "deliver", "result_of"]

CHILD = "Ann Example"
REASON = re.compile(r"[A-Za-z0-9_.:/ -]{0,64}")


class ChannelContract:
    """The sentences. Each runs on a bench of its own."""

    bench_class: ClassVar[type[Bench]]

    @pytest.fixture
    async def bench(self, request, tmp_path):
        why = self.bench_class.cannot.get(request.node.originalname)
        if why is not None:
            pytest.skip(why)
        bench = self.bench_class()
        await bench.open(tmp_path)
        yield bench
        await bench.channel.close()
        await bench.close()

    @pytest.fixture
    def notice(self):
        at = datetime.now(UTC)
        return Notice(
            incident="incident-token",
            version=2,
            number=3,
            kind=Kind.ALERT,
            status="Actual",
            sent_at=at,
            expires_at=at + timedelta(hours=1),
            sender_name="Springfield Police",
            page_url="https://alerts.example/a/incident-token",
            texts={
                "en": Text(f"Missing child: {CHILD}", f"{CHILD}, 9, last seen near the lake.", "Call 911.", "Denver"),
                "es": Text(f"Menor desaparecida: {CHILD}", "Vista junto al lago.", "Llame al 911.", "Denver"),
            },
            area=from_circle(-104.97986, 39.7348, 30),  # inside one cell of six characters (geohash)
            area_digest="d",
            reach=3,
            last_seen=(-105.0, 40.0),
        )

    def test_every_sentence_that_is_left_out_is_one(self):
        assert [name for name in self.bench_class.cannot if not hasattr(ChannelContract, name)] == []

    async def test_it_delivers_once(self, bench, notice):
        outcomes = await deliver(bench, notice, bench.subscription(1), bench.subscription(2))
        assert [outcome.result for outcome in outcomes] == [Result.SENT] * 2
        assert sorted(got.number for got in await bench.arrived()) == [1, 2]

    async def test_it_says_what_the_notice_says_in_the_readers_language(self, bench, notice):
        readers = {1: "en", 2: "es-MX", 3: "de"}  # who reads none of the notice's gets its first
        await deliver(bench, notice, *(bench.subscription(number, tag) for number, tag in readers.items()))
        read = {got.number: got.text for got in await bench.arrived()}
        for number, tag in ((1, "en"), (2, "es"), (3, "en")):
            assert [word for word in bench.words(notice, tag) if word not in read[number]] == []

    async def test_a_notice_that_is_not_real_says_so(self, bench, notice):
        await deliver(bench, replace(notice, status="Exercise"), bench.subscription(1))
        assert "EXERCISE" in (await bench.arrived())[0].text

    async def test_a_bad_address_is_refused_and_never_raises(self, bench, notice):
        for address in ({}, *bench.bad_addresses()):
            outcome = (await deliver(bench, notice, replace(bench.subscription(1), address=address)))[0]
            assert (address, outcome.result) == (address, Result.REFUSED)
        assert await bench.arrived() == []

    async def test_a_refused_connection_is_unsent(self, bench, notice):
        await bench.misbehave(How.DOWN)
        assert await result_of(bench, notice) is Result.UNSENT

    @pytest.mark.parametrize("how", [How.RESET, How.SILENT])
    async def test_no_answer_after_the_request_is_in_doubt(self, bench, notice, how):
        await bench.misbehave(how)
        assert await result_of(bench, notice) is Result.IN_DOUBT
        assert len(await bench.arrived()) <= 1  # no client repeats it by itself

    async def test_what_may_not_leave_any_more_does_not(self, bench, notice):
        before = still.set(lambda: False)
        outcome = (await deliver(bench, notice, bench.subscription(1)))[0]
        still.reset(before)
        assert (outcome.result, outcome.reason) == (Result.UNSENT, STOPPED)
        assert await bench.arrived() == []

    async def test_an_address_that_is_no_more_is_gone(self, bench, notice):
        await bench.misbehave(How.GONE)
        assert await result_of(bench, notice) is Result.GONE

    async def test_a_message_that_is_not_wanted_is_refused(self, bench, notice):
        await bench.misbehave(How.REFUSING)
        assert await result_of(bench, notice) is Result.REFUSED

    async def test_our_fault_is_ours(self, bench, notice):
        await bench.misbehave(How.OURS)
        assert await result_of(bench, notice) is Result.OURS

    async def test_later_is_later(self, bench, notice):
        await bench.misbehave(How.LATER)
        assert await result_of(bench, notice) is Result.LATER

    async def test_retry_after_is_heard(self, bench, notice):
        await bench.misbehave(How.LATER_AT)
        outcome = (await deliver(bench, notice, bench.subscription(1)))[0]
        assert outcome.result is Result.LATER
        assert outcome.retry_after_s == pytest.approx(RETRY_AFTER_S, abs=2)

    async def test_it_works_again_once_the_receiver_does(self, bench, notice):
        await bench.misbehave(How.LATER)
        await deliver(bench, notice, bench.subscription(1))
        await bench.misbehave(None)
        assert await result_of(bench, notice) is Result.SENT
        assert [got.number for got in await bench.arrived()] == [1]

    async def test_a_cancelled_send_is_over_at_once_and_leaves_the_next_one_clean(self, bench, notice):
        await bench.misbehave(How.SILENT)
        prepared = await bench.channel.prepare(notice, [bench.subscription(1)])
        sending = asyncio.create_task(bench.channel.send(prepared, bench.subscription(1)))
        await asyncio.sleep(0.05)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(sending, 10)
        await bench.misbehave(None)
        outcome = (await deliver(bench, notice, bench.subscription(2)))[0]
        assert outcome.result is Result.SENT
        assert [got.number for got in await bench.arrived() if got.number == 2] == [2]

    async def test_name_concurrency_and_collapsing_are_stated(self, bench):
        channel = bench.channel
        assert re.fullmatch(r"[a-z][a-z_]{1,15}", bench.name)  # the column holds 16
        assert (channel.name, channel.collapses) == (bench.name, COLLAPSES[bench.name])
        assert 1 <= channel.concurrency <= 1024

    async def test_a_repeat_is_known_again_where_repeats_collapse(self, bench, notice):
        if not bench.channel.collapses:
            pytest.skip("this receiver does not collapse repeats: what is in doubt is not repeated")
        await deliver(bench, notice, bench.subscription(1))
        # An enlarged area is the same version, and news to outlets alone.
        again = notice if bench.name in OUTLETS else replace(notice, number=4)
        await deliver(bench, again, bench.subscription(1))
        assert len({got.key for got in await bench.arrived()}) == 1

    async def test_a_window_is_prepared_once_and_sent_at_once(self, bench, notice):
        window = [bench.subscription(number, "es" if number % 2 else "en") for number in range(1, 41)]
        prepared = await bench.channel.prepare(notice, window)
        assert await bench.arrived() == []
        limit = asyncio.Semaphore(bench.channel.concurrency)
        outcomes = await asyncio.gather(*(_send(bench, prepared, one, limit) for one in window))
        bench.settle(notice, window)
        assert {outcome.result for outcome in outcomes} == {Result.SENT}
        assert sorted(got.number for got in await bench.arrived()) == [one.id for one in window]

    async def test_an_empty_window_and_nothing_sent_are_fine(self, bench, notice):
        await bench.channel.prepare(notice, [])
        bench.settle(notice, [])
        assert await bench.arrived() == []

    async def test_closing_twice_is_fine(self, bench, notice):
        await deliver(bench, notice, bench.subscription(1))
        await bench.channel.close()
        await bench.channel.close()

    async def test_what_cannot_be_recalled_carries_no_name(self, bench, notice):
        if not bench.lasting:
            pytest.skip("no post, sign or preview: docs/recall.md says what becomes of it")
        await deliver(bench, notice, bench.subscription(1))
        assert [part for part in CHILD.split() if part in (await bench.arrived())[0].text] == []

    async def test_no_photo_travels(self, bench, notice):
        await deliver(bench, notice, bench.subscription(1))
        text = (await bench.arrived())[0].text
        assert re.findall(r"data:image|image/(?:jpeg|png|webp)|/photo/|\xff\xd8\xff|<img", text) == []

    async def test_no_address_and_no_secret_is_in_a_log_or_a_reason(self, bench, notice, caplog):
        ways = [how for how in _TOLD if _TOLD[how] not in bench.cannot]
        caplog.set_level(logging.DEBUG)
        with capture_logs() as logged:
            said = [await _told_to(bench, notice, how) for how in ways]
            bad = [replace(bench.subscription(1), address=address) for address in bench.bad_addresses()]
            said += await deliver(bench, notice, *bad) if bad else []
        assert all(REASON.fullmatch(outcome.reason) for outcome in said)
        heard = f"{logged} {caplog.text} {[outcome.reason for outcome in said]}"
        assert [secret for secret in bench.secrets(bench.subscription(1)) if secret in heard] == []


_TOLD = {  # each way to misbehave, and the sentence that a medium without it leaves out
    How.RESET: "test_no_answer_after_the_request_is_in_doubt",
    How.GONE: "test_an_address_that_is_no_more_is_gone",
    How.REFUSING: "test_a_message_that_is_not_wanted_is_refused",
    How.OURS: "test_our_fault_is_ours",
    How.LATER: "test_later_is_later",
}


async def deliver(bench: Bench, notice: Notice, *subscriptions: Subscription) -> list[Outcome]:
    """Prepares once, sends one after the other, and settles what is sent: what a worker does with a window."""
    prepared = await bench.channel.prepare(notice, subscriptions)
    outcomes = [await bench.channel.send(prepared, one) for one in subscriptions]
    pairs = zip(subscriptions, outcomes, strict=True)
    bench.settle(notice, [one for one, outcome in pairs if outcome.result is Result.SENT])
    return outcomes


async def result_of(bench: Bench, notice: Notice) -> Result:
    return (await deliver(bench, notice, bench.subscription(1)))[0].result


async def _send(bench: Bench, prepared: object, one: Subscription, limit: asyncio.Semaphore) -> Outcome:
    async with limit:
        return await bench.channel.send(prepared, one)


async def _told_to(bench: Bench, notice: Notice, how: How) -> Outcome:
    await bench.misbehave(how)
    return (await deliver(bench, notice, bench.subscription(1)))[0]
