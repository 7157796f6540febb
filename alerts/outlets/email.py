"""E-mail over a relay; in live mode there is none until LOOKOUT_SMTP_HOST names it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid
from urllib.parse import urlsplit

from alerts.outlets.kit import LOOPBACK, Kit, make_guard
from alerts.settings import Settings
from notifiers import addresses
from notifiers.channels.email import Email
from notifiers.channels.email_message import checked
from notifiers.channels.smtp import Relay, SmtpPool, Tls
from notifiers.model import Outcome

IMPLICIT_TLS_PORT = 465


def make(kit: Kit) -> Email | None:
    settings = kit.settings
    relay = _relay(settings)
    if relay is None:
        return None
    secret = addresses.secret(kit.vault)

    def leave_url(subscription_id: int) -> str:
        return f"{settings.base_url}/u/{addresses.make_unsubscribe_token(secret, subscription_id)}"

    pool = SmtpPool(relay, kit.guard, hello=urlsplit(settings.base_url).hostname or "localhost")
    return Email(pool, sender=settings.mail_from, leave_url=leave_url, secret=secret, bounces=settings.mail_bounces)


def make_mailer(settings: Settings) -> Callable[[str, str, str, str], Outcome] | None:
    """Sends one message of plain text now and waits for the relay's word: for confirmations, from a request's thread."""
    relay = _relay(settings)
    if relay is None:
        return None

    def mail(to: str, subject: str, words: str, language: str) -> Outcome:
        return asyncio.run(_say(settings, relay, to, _plain(settings, to, subject, words, language)))

    return mail


def _plain(settings: Settings, to: str, subject: str, words: str, language: str) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = settings.mail_from, checked(to)
    message["Subject"], message["Date"] = subject, datetime.now(UTC)
    message["Message-ID"] = make_msgid(domain=settings.mail_from.rpartition("@")[2])
    message["Content-Language"] = language
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    message.set_content(words, cte="quoted-printable")
    return message.as_bytes()


async def _say(settings: Settings, relay: Relay, to: str, message: bytes) -> Outcome:
    pool = SmtpPool(relay, make_guard(settings), hello=urlsplit(settings.base_url).hostname or "localhost")
    try:
        return await pool.deliver(settings.mail_from, to, message)
    finally:
        await pool.close()


def _relay(settings: Settings) -> Relay | None:
    if settings.sandbox:
        return Relay(LOOPBACK, settings.sandbox_smtp_port, Tls.NONE)
    if not settings.smtp_host:
        return None
    tls = Tls.IMPLICIT if settings.smtp_port == IMPLICIT_TLS_PORT else Tls.STARTTLS
    return Relay(
        settings.smtp_host, settings.smtp_port, tls, settings.smtp_username or None, settings.smtp_password or None
    )
