"""Providers' credentials that the settings name: looked at when a command starts, and read where a channel is made.

What reads them is imported only where one is named: a server without them starts no later for it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from alerts.settings import PREFIX, BadSetting, Settings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

    from notifiers.channels.credential import ServiceAccount

T = TypeVar("T")


def check(settings: Settings) -> None:
    """BadSetting names the setting whose file cannot be used, and why; nothing of what the file holds."""
    find_fcm_account(settings)
    find_apns_key(settings)


def find_fcm_account(settings: Settings) -> ServiceAccount | None:
    """None where none is set; BadSetting for a file that is no service account's key."""
    if settings.fcm_credentials is None:
        return None
    from notifiers.channels.credential import read_service_account

    return _read("fcm_credentials", settings.fcm_credentials, read_service_account)


def find_apns_key(settings: Settings) -> ec.EllipticCurvePrivateKey | None:
    """None where none is set; BadSetting for a file that is no key of Apple's."""
    if settings.apns_key is None:
        return None
    from notifiers.channels.credential import read_apns_key

    return _read("apns_key", settings.apns_key, read_apns_key)


def _read(name: str, path: Path, read: Callable[[Path], T]) -> T:
    from notifiers.channels.credential import BadCredential

    try:
        return read(path)
    except BadCredential as fault:
        raise BadSetting(f"{PREFIX}{name.upper()}: the file {fault}") from None
