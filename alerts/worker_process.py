"""One worker process: settings in, channels made, batches sent until it is told to stop."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

import uvloop

from alerts.database import make_engine
from alerts.outfit import make_vapid
from alerts.settings import Settings
from notifiers import addresses
from notifiers.channels.base import Channel
from notifiers.channels.email import Email
from notifiers.channels.inbox import Inbox
from notifiers.channels.smtp import Relay, SmtpPool, Tls
from notifiers.channels.web_push import WebPush
from notifiers.guard import Guard, Mode
from notifiers.sender import GuardedSender
from notifiers.vault import Vault
from notifiers.worker import Params, Worker

LOOPBACK = "127.0.0.1"
IMPLICIT_TLS_PORT = 465


def run(settings: Settings) -> None:
    """Works until SIGTERM, then drains."""
    uvloop.run(_work(settings))


async def _work(settings: Settings) -> None:
    engine = make_engine(settings.engine_url)
    vault = Vault(settings.keys_directory)
    name = f"{socket.gethostname()}:{os.getpid()}"
    params = Params(window=settings.window, lease_s=settings.lease_s)
    worker = Worker(engine, vault, make_channels(settings, vault), params, name=name)
    worker.stop_on_signals()
    try:
        await worker.run()
    finally:
        engine.dispose()


def make_channels(settings: Settings, vault: Vault) -> Mapping[str, Channel]:
    """Every channel that these settings can serve; e-mail in live mode needs a relay."""
    guard = make_guard(settings)
    channels: list[Channel] = [WebPush(GuardedSender(guard), make_vapid(settings)), Inbox()]
    relay = _relay(settings)
    if relay:
        channels.append(_email(settings, vault, SmtpPool(relay, guard, hello=_host(settings))))
    return {channel.name: channel for channel in channels}


def make_guard(settings: Settings) -> Guard:
    """What every outgoing call passes: a sandbox reaches its own receivers and nothing else."""
    if not settings.sandbox:
        return Guard(Mode.LIVE)
    ports = (settings.sandbox_push_port, settings.sandbox_smtp_port)
    return Guard(Mode.SANDBOX, frozenset((LOOPBACK, port) for port in ports))


def _relay(settings: Settings) -> Relay | None:
    if settings.sandbox:
        return Relay(LOOPBACK, settings.sandbox_smtp_port, Tls.NONE)
    if not settings.smtp_host:
        return None
    tls = Tls.IMPLICIT if settings.smtp_port == IMPLICIT_TLS_PORT else Tls.STARTTLS
    return Relay(
        settings.smtp_host, settings.smtp_port, tls, settings.smtp_username or None, settings.smtp_password or None
    )


def _email(settings: Settings, vault: Vault, pool: SmtpPool) -> Email:
    secret = addresses.secret(vault)

    def leave_url(subscription_id: int) -> str:
        return f"{settings.base_url}/u/{addresses.make_unsubscribe_token(secret, subscription_id)}"

    return Email(pool, sender=settings.mail_from, leave_url=leave_url, secret=secret)


def _host(settings: Settings) -> str:
    return urlsplit(settings.base_url).hostname or "localhost"
