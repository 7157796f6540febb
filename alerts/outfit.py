"""What stands before the server runs: its database brought up to date, and its identity. Light to import."""

from __future__ import annotations

from sqlalchemy import Engine

from alerts.belonging import check_keys
from alerts.database import make_engine, migrate, settle_mode
from alerts.settings import Settings
from notifiers.channels.vapid import Vapid, load_or_create_key


def prepare(settings: Settings) -> Engine:
    """The database of a data directory, made or brought up to date. BadUrl; WrongMode when it is the other kind, WrongKeys
    when the keys here are another's.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = make_engine(settings.engine_url)
    migrate(engine)
    settle_mode(engine, settings)
    check_keys(engine, settings)
    return engine


def make_vapid(settings: Settings) -> Vapid:
    """The application server's identity towards push services, kept beside the database."""
    return Vapid(load_or_create_key(settings.vapid_path), settings.push_contact)
