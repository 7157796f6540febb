"""One origin that takes everything and never answers, among others, with the real sandbox and the real window."""

from __future__ import annotations

import asyncio
import time

from cryptography.hazmat.primitives.asymmetric import ec
from scripted import planned, tally, until, working
from sqlalchemy import func, select

from notifiers import subscriptions
from notifiers.channels.vapid import Vapid
from notifiers.channels.web_push import WebPush
from notifiers.guard import Guard, Mode
from notifiers.sandbox.faults import Fault
from notifiers.sandbox.process import listening
from notifiers.senders import make_sender
from notifiers.subscriptions import Enrolment
from notifiers.tables import batch
from notifiers.transactions import reading, writing
from notifiers.worker import Params

PEOPLE = 500  # at each of three services
LATENCY_S = 0.2  # of an answer: the rate is then a matter of who has how much of the window, not of this machine


def enrol(world, sandbox):
    people = [
        Enrolment("public", False, "", [world.subscription("web_push", sandbox.keys.make_subscription(url, f"t{n}"))])
        for n in range(PEOPLE)
        for url in sandbox.push_urls
    ]
    with writing(world.engine) as connection:
        for one in subscriptions.enrol(connection, people, secret=world.secret, now=world.notice().sent_at):
            world.map.points[one.recipient_id] = (-105.0, 40.0)


def sent(world, notice_id, urls):
    chosen = select(func.sum(batch.c.n_sent)).where(batch.c.notice_id == notice_id, batch.c.origin.in_(urls))
    with reading(world.engine) as connection:
        return connection.scalar(chosen) or 0


async def seconds_for(world, sandbox, urls, incident_id):
    """How long until everybody at `urls` has it, whatever the rest do."""
    vapid = Vapid(ec.generate_private_key(ec.SECP256R1()), "mailto:operator@example.com")
    push = WebPush(make_sender(Guard(Mode.SANDBOX, sandbox.receivers)), vapid)
    notice_id = planned(world, 0, incident_id=incident_id, incident=f"i{incident_id}")
    params = Params(drain_s=0.2)
    async with working(world, push, params=params):
        start_s = time.monotonic()
        await until(lambda: sent(world, notice_id, urls) == PEOPLE * len(urls), 40)
        took_s = time.monotonic() - start_s
        in_flight = tally(world, notice_id, "web_push").in_flight
    return took_s, in_flight


async def test_a_black_hole_leaves_the_others_at_nine_tenths_of_their_rate(world, tmp_path):
    async with listening(tmp_path, push_ports=(0, 0, 0)) as sandbox:
        hole, *others = sandbox.push_urls
        enrol(world, sandbox)
        slow = Fault("slow", seconds=LATENCY_S)
        sandbox.faults.replace([slow])
        well_s, _ = await seconds_for(world, sandbox, others, 1)
        sandbox.faults.replace([Fault("stall", origin=hole.removeprefix("http://")), slow])
        beside_s, held = await seconds_for(world, sandbox, others, 2)
    assert 0 < held <= 16  # all that the hole has of the window of 256: the others have more than nine tenths
    assert beside_s < 3 * well_s + 5  # 1.0 to 1.1 times on a machine that does nothing else
    await asyncio.sleep(0)
