"""What stands before the server runs: its database brought up to date, and its child processes, its identity. Light to import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from sqlalchemy import Engine

from alerts.database import make_engine, migrate, settle_mode
from alerts.processes import Child, Supervisor
from alerts.settings import PREFIX, Settings
from notifiers.channels.vapid import Vapid, load_or_create_key


def prepare(settings: Settings) -> Engine:
    """The database of a data directory, made or brought up to date; WrongMode when it is the other kind."""
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = make_engine(settings.engine_url)
    migrate(engine)
    settle_mode(engine, settings)
    return engine


def start_children(settings: Settings) -> Supervisor:
    """The processes beside the server's own, running and watched."""
    supervisor = Supervisor()
    supervisor.start(children(settings))
    return supervisor


def children(settings: Settings) -> list[Child]:
    """The processes beside the server's own."""
    environment = to_environment(settings)
    worker = ("-m", "alerts.cli", "worker", "--supervised")
    found = [Child(f"worker-{number}", worker, environment) for number in range(settings.workers)]
    return [sandbox(settings), *found] if settings.sandbox else found


def sandbox(settings: Settings) -> Child:
    """The sandbox's receivers, on the ports that the settings name."""
    ports = ("--push-port", str(settings.sandbox_push_port), "--smtp-port", str(settings.sandbox_smtp_port))
    directory = ("--directory", str(settings.data))
    return Child("sandbox", ("-m", "notifiers.sandbox", *directory, *ports, "--with-parent", "--quiet"), outlives=True)


def to_environment(settings: Settings) -> Mapping[str, str]:
    """The settings as variables, for a child process."""
    values = {field.name: getattr(settings, field.name) for field in fields(Settings)}
    return {PREFIX + name.upper(): str(value) for name, value in values.items() if value not in (None, "")}


def make_vapid(settings: Settings) -> Vapid:
    """The application server's identity towards push services, kept beside the database."""
    return Vapid(load_or_create_key(settings.data / "vapid.pem"), settings.push_contact)
