"""A notice to send, the real sandbox to send it to, and the channels between them."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from notifiers.channels.email import Email
from notifiers.channels.smtp import Relay, SmtpPool, Tls
from notifiers.channels.vapid import Vapid
from notifiers.channels.web_push import WebPush
from notifiers.guard import Guard, Mode
from notifiers.model import Kind, Notice, Subscription, Text
from notifiers.sandbox.process import HOST, listening
from notifiers.senders import make_sender

pytest.register_assert_rewrite("channels.contract")

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def notice():
    return Notice(
        incident="incident-token",
        version=2,
        number=3,
        kind=Kind.UPDATE,
        status="Exercise",
        sent_at=NOW,
        expires_at=NOW + timedelta(hours=1),
        sender_name="Springfield Police",
        page_url="https://alerts.example/a/incident-token",
        texts={
            "en-US": Text("Missing child: Ann Example, 9", "Last seen near the lake.\n\nBlue coat.", "Call 911."),
            "es": Text("Menor desaparecida: Ann Example", "Vista por última vez junto al lago.", "Llame al 911."),
        },
    )


@pytest.fixture
async def sandbox(tmp_path):
    async with listening(tmp_path, push_ports=(0, 0)) as receivers:
        yield receivers


@pytest.fixture
async def web_push(sandbox):
    vapid = Vapid(ec.generate_private_key(ec.SECP256R1()), "mailto:operator@example.com")
    channel = WebPush(make_sender(Guard(Mode.SANDBOX, sandbox.receivers)), vapid)
    yield channel
    await channel.close()


@pytest.fixture
async def email(sandbox):
    pool = SmtpPool(
        Relay(HOST, sandbox.smtp_port, Tls.NONE),
        Guard(Mode.SANDBOX, sandbox.receivers),
        hello="lookout.invalid",
        timeout_s=1.0,
    )
    channel = Email(
        pool,
        sender="alerts@lookout.invalid",
        leave_url=lambda subscription_id: f"https://alerts.example/u/token-of-{subscription_id}",
        secret=b"s" * 32,
        clock=lambda: NOW,
    )
    yield channel
    await channel.close()


@pytest.fixture
def browser(sandbox):
    """Makes the subscription of a browser, by a number, at one of the sandbox's services."""

    def make(number, *, language="en", service=0):
        address = sandbox.keys.make_subscription(sandbox.push_urls[service], f"token{number}")
        return Subscription(number, number, "web_push", sandbox.push_urls[service], address, language)

    return make


@pytest.fixture
def mailbox():
    def make(number, *, language="en", address=None):
        return Subscription(number, number, "email", "smtp", {"email": address or f"p{number}@x.invalid"}, language)

    return make
