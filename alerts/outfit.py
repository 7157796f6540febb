"""What stands before the server runs: its database brought up to date, and its identity. Light to import."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Engine

from alerts.database import make_engine, migrate, settle_mode
from alerts.settings import PREFIX, BadSetting, Settings
from notifiers.channels.credential import BadCredential, ServiceAccount, read_apns_key, read_service_account
from notifiers.channels.vapid import Vapid, load_or_create_key

T = TypeVar("T")


def prepare(settings: Settings) -> Engine:
    """The database of a data directory, made or brought up to date; WrongMode when it is the other kind.

    BadSetting for a provider's credential that cannot be used: said here, and not in the middle of an alert.
    """
    check_credentials(settings)
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = make_engine(settings.engine_url)
    migrate(engine)
    settle_mode(engine, settings)
    return engine


def make_vapid(settings: Settings) -> Vapid:
    """The application server's identity towards push services, kept beside the database."""
    return Vapid(load_or_create_key(settings.data / "vapid.pem"), settings.push_contact)


def check_credentials(settings: Settings) -> None:
    """BadSetting names the setting whose file cannot be used, and why; nothing of what the file holds."""
    find_fcm_account(settings)
    find_apns_key(settings)


def find_fcm_account(settings: Settings) -> ServiceAccount | None:
    """None where none is set; BadSetting for a file that is no service account's key."""
    return _read("fcm_credentials", settings.fcm_credentials, read_service_account)


def find_apns_key(settings: Settings) -> ec.EllipticCurvePrivateKey | None:
    """None where none is set; BadSetting for a file that is no key of Apple's."""
    return _read("apns_key", settings.apns_key, read_apns_key)


def _read(name: str, path: Path | None, read: Callable[[Path], T]) -> T | None:
    if path is None:
        return None
    try:
        return read(path)
    except BadCredential as fault:
        raise BadSetting(f"{PREFIX}{name.upper()}: the file {fault}") from None
