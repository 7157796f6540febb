"""What channels are made from, and the guard that every outgoing call of theirs passes."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.settings import Settings
from notifiers.guard import Guard, Mode
from notifiers.sender import HttpClient, Sender
from notifiers.senders import make_sender
from notifiers.vault import Vault

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Kit:
    """`sender` is the HTTP hot path that channels over HTTP share; `guard` judges where anything may go."""

    settings: Settings
    vault: Vault
    guard: Guard
    sender: Sender


def make_kit(settings: Settings, vault: Vault) -> Kit:
    """With the guard of these settings: a sandbox reaches its own receivers and nothing else."""
    guard = make_guard(settings)
    return Kit(settings, vault, guard, make_sender(guard, HttpClient(settings.http_client)))


def make_guard(settings: Settings) -> Guard:
    """What every outgoing call passes."""
    if not settings.sandbox:
        return Guard(Mode.LIVE)
    ports = [settings.sandbox_push_port, settings.sandbox_smtp_port]
    ports += [settings.mqtt_port] if settings.mqtt_host else []  # a broker on this machine: settings take no other here
    return Guard(Mode.SANDBOX, frozenset((LOOPBACK, port) for port in ports))
