"""What is in doubt, on the ledger: e-mail is repeated as the same message, what nobody would know again is not."""

from __future__ import annotations

import re

from returned import SEAL, dsn
from scripted import Scripted, act, planned, tally, until, working

from notifiers import bounces, ledger
from notifiers.channels.email import Email
from notifiers.channels.smtp import Relay, SmtpPool, Tls
from notifiers.guard import Guard, Mode
from notifiers.model import Outcome, Result
from notifiers.receipts import seals
from notifiers.sandbox.faults import Fault
from notifiers.sandbox.process import HOST, listening
from notifiers.transactions import reading


async def test_an_e_mail_in_doubt_is_repeated_with_the_same_message_id_and_an_sms_is_not(world, tmp_path):
    async with listening(tmp_path) as sandbox:
        sandbox.faults.replace([Fault("cut", channel="email", times=1)])  # taken, and no answer came
        sms = Scripted(lambda _id, _try: Outcome(Result.IN_DOUBT, "timeout"), name="sms", collapses=False)
        enrol_at = {"email": {"email": "ann@x.invalid"}, "sms": {"phone": "+13035550100"}}
        subscription = world.subscription
        world.subscription = lambda name: subscription(name, enrol_at[name])
        notice_id = planned(world, 1, list(enrol_at))
        async with working(world, mail(sandbox), sms):
            await until(lambda: tally(world, notice_id, "email").sent == 1)
            await until(lambda: tally(world, notice_id, "sms").in_doubt == 1)
        ids = [re.search(r"(?m)^Message-ID: (.*)\r$", got["message"]).group(1) for got in sandbox.counts.recent]
    assert (len(ids), len(set(ids)), dict(sms.sent)) == (2, 1, {2: 1})
    with reading(world.engine) as connection:
        assert ledger.repeats(connection, notice_id) == 1


async def test_what_a_mail_server_returns_finds_the_send_that_it_was(world, tmp_path):
    async with listening(tmp_path) as sandbox:
        subscription = world.subscription
        world.subscription = lambda name: subscription(name, {"email": "ann@x.invalid"})
        notice_id = planned(world, 1, ["email"])
        async with working(world, mail(sandbox, bounces="bounce@x.invalid")):
            await until(lambda: tally(world, notice_id, "email").sent == 1)
        returned_to = sandbox.counts.recent[0]["from"]
    returned = bounces.read(dsn().replace(f"bounce+{SEAL}@alerts.example".encode(), returned_to.encode()))
    place = seals(world.vault).open(returned.seal)
    act(world, ledger.receipt, place.batch_id, place.position, returned.outcome, world.notice().sent_at)
    assert (tally(world, notice_id, "email").sent, tally(world, notice_id, "email").gone) == (0, 1)


def mail(sandbox, **more):
    guard = Guard(Mode.SANDBOX, sandbox.receivers)
    pool = SmtpPool(Relay(HOST, sandbox.smtp_port, Tls.NONE), guard, hello="lookout.invalid", timeout_s=2.0)
    leave_url = lambda subscription_id: f"https://alerts.example/u/{subscription_id}"  # noqa: E731
    return Email(pool, sender="alerts@lookout.invalid", leave_url=leave_url, secret=b"s" * 32, **more)
