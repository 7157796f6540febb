"""Recall reaches sends that were allowed and wait for a connection: after the end of their alert none writes a byte."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from scripted import FAST, Scripted, planned, tally, until, working
from senders import receivers
from test_recheck import ENDS, cancel

from notifiers.clock import awake_s
from notifiers.model import Outcome, Result
from notifiers.outcome import of_failure
from notifiers.sender import Answer, HttpClient

PATIENT = replace(FAST, lease_s=15.0)  # however slow the machine is, the lease is not what ends a send
PEOPLE = 40  # more than a host takes at once: some wait for their turn, others for the handshake


class Posting(Scripted):
    """Posts to one receiver over the real client."""

    def __init__(self, sender, url) -> None:
        super().__init__()
        self.sender, self.url = sender, url

    async def send(self, prepared, subscription):
        self.sent[subscription.id] += 1
        said = await self.sender.post(self.url, {}, b"body", 5.0)
        if isinstance(said, Answer):
            return Outcome(Result.SENT, str(said.status))
        return of_failure(said.kind, sent=said.sent, guarded=said.guarded)

    async def close(self):
        await self.sender.close()


@pytest.fixture
def slow(tmp_path):
    known = receivers.authority()
    host = receivers.SlowHost(receivers.vouched(tmp_path, known, "127.0.0.1"), connections=PEOPLE)
    host.trust = receivers.pem_of(known)
    yield host
    host.end()


def posting(slow, client):
    return Posting(receivers.sender_to(slow.url, client, per_origin=16, trust=slow.trust), slow.url)


@pytest.mark.parametrize("client", list(HttpClient))
@pytest.mark.parametrize("end", ENDS)
async def test_nothing_leaves_later_than_a_second_after_the_commit(world, slow, end, client):
    push = posting(slow, client)
    notice_id = planned(world, PEOPLE)
    async with working(world, push, params=PATIENT):
        await until(lambda: len(push.sent) >= FAST.window // 16)
        await slow.connected()
        end(world, notice_id)
        committed_s = awake_s()
        await asyncio.sleep(committed_s + FAST.fresh_s - awake_s())
        slow.open.set()
        await until(lambda: tally(world, notice_id).in_flight == 0)
    await asyncio.to_thread(slow.end)
    assert slow.read == b""
    done = tally(world, notice_id)
    assert (done.sent, done.in_doubt) == (0, 0)


async def test_what_waited_and_was_cancelled_is_dropped_and_nobody_was_told(world, slow):
    push = posting(slow, HttpClient.PYREQWEST)
    notice_id = planned(world, PEOPLE)
    async with working(world, push, params=PATIENT):
        await until(lambda: len(push.sent) >= FAST.window // 16)
        cancel(world, notice_id)
        await asyncio.sleep(FAST.fresh_s)
        slow.open.set()
        await until(lambda: tally(world, notice_id).open == 0)
    assert tally(world, notice_id).dropped == PEOPLE


async def test_what_waited_for_its_connection_leaves_when_nothing_ended(world, slow):
    push = posting(slow, HttpClient.PYREQWEST)
    notice_id = planned(world, PEOPLE)
    async with working(world, push, params=PATIENT):
        await until(lambda: len(push.sent) >= FAST.window // 16)
        await asyncio.sleep(1.5 * FAST.fresh_s)  # longer than a certainty lasts: it is renewed meanwhile
        slow.open.set()
        await until(lambda: tally(world, notice_id).sent == PEOPLE)
    assert slow.read.count(b"POST ") == PEOPLE
