"""A message's sealed parts, opened and sealed: the only place of the services that asks the vault for them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from alerts.model import Alert
from alerts.sealing import dump_alert, load_alert
from alerts.store import MessageRow
from geo.shapes import Shape
from notifiers.vault import Vault


@dataclass(frozen=True, slots=True)
class Opened:
    """What a message says, and where."""

    alert: Alert
    area: Shape


def unseal(vault: Vault, key_name: str, message: MessageRow) -> Opened:
    """KeyGone once the incident has ended."""
    alert = load_alert(vault.open(key_name, message.sealed))
    return Opened(alert, Shape.from_json(json.loads(vault.open(key_name, message.sealed_area))))


def seal_alert(vault: Vault, key_name: str, alert: Alert) -> bytes:
    return vault.seal(key_name, dump_alert(alert))


def seal_area(vault: Vault, key_name: str, area: Shape) -> bytes:
    return vault.seal(key_name, json.dumps(area.to_geojson()).encode())


def seal_note(vault: Vault, key_name: str, note: str) -> bytes:
    return vault.seal(key_name, note.encode("utf-8", "replace"))


def open_note(vault: Vault, key_name: str, sealed: bytes | None) -> str | None:
    return vault.open(key_name, sealed).decode() if sealed is not None else None
