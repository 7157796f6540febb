"""What is in doubt, on the ledger: e-mail is repeated as the same message, what nobody would know again is not."""

from __future__ import annotations

import re

from scripted import Scripted, planned, tally, until, working

from notifiers import ledger
from notifiers.channels.email import Email
from notifiers.channels.smtp import Relay, SmtpPool, Tls
from notifiers.guard import Guard, Mode
from notifiers.model import Outcome, Result
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


def mail(sandbox):
    guard = Guard(Mode.SANDBOX, sandbox.receivers)
    pool = SmtpPool(Relay(HOST, sandbox.smtp_port, Tls.NONE), guard, hello="lookout.invalid", timeout_s=2.0)
    leave_url = lambda subscription_id: f"https://alerts.example/u/{subscription_id}"  # noqa: E731
    return Email(pool, sender="alerts@lookout.invalid", leave_url=leave_url, secret=b"s" * 32)
