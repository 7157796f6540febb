"""The benches of the channels that the sandbox has receivers for: it posts, checks, decrypts and counts for real."""

from __future__ import annotations

import email
from contextlib import AsyncExitStack
from email.policy import default

from cryptography.hazmat.primitives.asymmetric import ec

from channels.contract import RETRY_AFTER_S, Arrived, Bench, How
from notifiers.channels.email import Email
from notifiers.channels.smtp import Relay, SmtpPool, Tls
from notifiers.channels.vapid import Vapid
from notifiers.channels.web_push import WebPush
from notifiers.guard import Guard, Mode
from notifiers.sandbox.faults import Fault
from notifiers.sandbox.process import HOST, listening
from notifiers.senders import make_sender

PATIENCE_S = 2.0
NOBODY = 9  # the port that is called discard: nobody listens there


class SandboxBench(Bench):
    """`faults`: by the way to misbehave, what the sandbox's receiver does."""

    faults: dict[How, Fault]

    async def open(self, directory):
        self._stack = AsyncExitStack()
        self.sandbox = await self._stack.enter_async_context(listening(directory))
        self.guard = Guard(Mode.SANDBOX, self.sandbox.receivers | {(HOST, NOBODY)})
        self.down = False

    async def close(self):
        await self._stack.aclose()

    async def misbehave(self, how):
        self.down = how is How.DOWN
        self.sandbox.faults.replace([self.faults[how]] if how in self.faults else [])


class WebPushBench(SandboxBench):
    name = "web_push"
    faults = {
        How.RESET: Fault("reset"),
        How.SILENT: Fault("stall"),
        How.GONE: Fault("status", status=410),
        How.REFUSING: Fault("status", status=413),
        How.OURS: Fault("status", status=403),
        How.LATER: Fault("status", status=503),
        How.LATER_AT: Fault("status", status=429, retry_after_s=RETRY_AFTER_S),
    }

    async def open(self, directory):
        await super().open(directory)
        vapid = Vapid(ec.generate_private_key(ec.SECP256R1()), "mailto:operator@example.com")
        self.channel = self.make(make_sender(self.guard), vapid)

    def make(self, sender, vapid):
        return WebPush(sender, vapid, timeout_s=PATIENCE_S)

    def address(self, number):
        base = f"http://{HOST}:{NOBODY}" if self.down else self.sandbox.push_urls[0]
        return self.sandbox.keys.make_subscription(base, f"token{number}")

    def bad_addresses(self):
        changes = (
            {"p256dh": "AAAA"},
            {"auth": "not base64!"},
            {"endpoint": "x"},
            {"endpoint": "http://127.0.0.1:1/push/x"},
            {"endpoint": "https://push.example/\r\nX: 1"},
        )
        return [{**self.address(1), **change} for change in changes]

    async def arrived(self):
        got = self.sandbox.counts.recent
        return [
            Arrived(int(one["to"].removeprefix("token")), str(one["message"]), one["topic"] + one["message"]["tag"])
            for one in got
        ]


class UnifiedPushBench(WebPushBench):
    """A push server that an app's owner chose: to who sends it is the same."""

    name = "unified_push"

    def make(self, sender, vapid):
        return WebPush(sender, vapid, name=self.name, timeout_s=PATIENCE_S)


class EmailBench(SandboxBench):
    name = "email"
    faults = {
        How.RESET: Fault("cut", channel="email"),
        How.SILENT: Fault("stall", channel="email"),
        How.GONE: Fault("status", channel="email", status=550),
        How.REFUSING: Fault("status", channel="email", status=552),
        How.OURS: Fault("status", channel="email", status=535),
        How.LATER: Fault("status", channel="email", status=451),
    }
    cannot = {"test_retry_after_is_heard": "SMTP has no word for when to come again"}

    async def open(self, directory):
        await super().open(directory)
        self.channel = self.make(self.sandbox.smtp_port)

    def make(self, port):
        pool = SmtpPool(Relay(HOST, port, Tls.NONE), self.guard, hello="lookout.invalid", timeout_s=PATIENCE_S)
        return Email(
            pool,
            sender="alerts@lookout.invalid",
            leave_url=lambda subscription_id: f"https://alerts.example/u/token-of-{subscription_id}",
            secret=b"s" * 32,
        )

    async def misbehave(self, how):
        await super().misbehave(how)
        if self.down:
            await self.channel.close()
            self.channel = self.make(NOBODY)

    def address(self, number):
        return {"email": f"p{number}@x.invalid"}

    def bad_addresses(self):
        texts = ("a@x.invalid\r\nBcc: b@x.invalid", "a@x.invalid, b@x.invalid", "@x.invalid", "a@", "")
        return [{"email": text} for text in texts]

    async def arrived(self):
        return [_mail(one) for one in self.sandbox.counts.recent]


def _mail(got):
    message = email.message_from_string(got["message"], policy=default)
    text = message["Subject"] + message.get_body(("plain",)).get_content() + message.get_body(("html",)).get_content()
    return Arrived(int(got["to"][1:].partition("@")[0]), text, message["Message-ID"])
