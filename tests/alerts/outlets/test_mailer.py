"""A confirmation really goes over SMTP, to a server that speaks it."""

from __future__ import annotations

import email
import email.policy
import socket

import pytest
from aiosmtpd.controller import Controller

from alerts.outlets.email import make_mailer
from alerts.settings import Mode, Settings
from notifiers.model import Result


class Kept:
    """A mailbox that keeps what came."""

    def __init__(self):
        self.envelopes = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 -- aiosmtpd's name
        self.envelopes.append(envelope)
        return "250 taken"


@pytest.fixture
def relay(free_port):
    kept = Kept()
    controller = Controller(kept, hostname="127.0.0.1", port=free_port)
    controller.start()
    yield kept, free_port
    controller.stop()


@pytest.fixture
def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def test_a_message_arrives_whole_with_its_link_unbroken_and_no_markup(relay):
    kept, port = relay
    mail = make_mailer(Settings(sandbox_smtp_port=port))
    link = "https://lookout.example/confirm/" + "ab" * 150
    assert mail("ana@example.org", "Confirme, por favor", f"¿No fue usted?\n{link}\n", "es").result is Result.SENT
    [envelope] = kept.envelopes
    found = email.message_from_bytes(envelope.content, policy=email.policy.SMTP)
    assert (envelope.rcpt_tos, found["Subject"]) == (["ana@example.org"], "Confirme, por favor")
    assert (found.get_content_type(), found["Auto-Submitted"]) == ("text/plain", "auto-generated")
    assert link in found.get_content()


def test_a_relay_that_is_away_is_told_and_nothing_raises(free_port):
    mail = make_mailer(Settings(sandbox_smtp_port=free_port))
    assert mail("ana@example.org", "x", "y", "en").result is Result.UNSENT


def test_live_mode_without_a_relay_has_no_mailer():
    assert make_mailer(Settings(mode=Mode.LIVE)) is None
