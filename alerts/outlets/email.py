"""E-mail over a relay; in live mode there is none until LOOKOUT_SMTP_HOST names it."""

from __future__ import annotations

from urllib.parse import urlsplit

from alerts.outlets.kit import LOOPBACK, Kit
from alerts.settings import Settings
from notifiers import addresses
from notifiers.channels.email import Email
from notifiers.channels.smtp import Relay, SmtpPool, Tls

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


def _relay(settings: Settings) -> Relay | None:
    if settings.sandbox:
        return Relay(LOOPBACK, settings.sandbox_smtp_port, Tls.NONE)
    if not settings.smtp_host:
        return None
    tls = Tls.IMPLICIT if settings.smtp_port == IMPLICIT_TLS_PORT else Tls.STARTTLS
    return Relay(
        settings.smtp_host, settings.smtp_port, tls, settings.smtp_username or None, settings.smtp_password or None
    )
