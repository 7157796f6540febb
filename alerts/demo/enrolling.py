"""Drawn people into a database, with the browsers and mailboxes of its sandbox."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from alerts.demo import world
from alerts.demo.people import People, Rows
from alerts.demo.world import Roll
from alerts.settings import Settings
from notifiers import addresses
from notifiers.sandbox.keys import Keys, load_secret
from notifiers.transactions import writing
from notifiers.vault import Vault


class Enrolling:
    """Drawn people on their way into a database; `roll` says who is behind each receiver."""

    def __init__(self, settings: Settings, engine: Engine, drawn: People, now: datetime) -> None:
        self.roll = Roll()
        self._engine, self._drawn, self._now = engine, drawn, now
        self._secret = addresses.secret(Vault(settings.keys_directory))
        self._keys = Keys(load_secret(settings.data))
        self._base_url = f"http://127.0.0.1:{settings.sandbox_push_port}"

    def enrol(self, rows: Rows, block: int) -> None:
        """These rows, so many a transaction."""
        for start in range(0, len(rows), block):
            with writing(self._engine) as connection:
                some = rows[start : start + block].tolist()
                world.enrol(connection, self._drawn, some, self._browser, self._secret, self._now, self.roll)

    def _browser(self, token: str) -> dict[str, str]:
        return self._keys.make_subscription(self._base_url, token)
