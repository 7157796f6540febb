"""The demo's canaries: one at each of the sandbox's receivers, so that the self-test has somebody to tell."""

from __future__ import annotations

from sqlalchemy import Engine

from alerts import canaries
from alerts.services import utc_now
from alerts.settings import Settings
from notifiers import addresses
from notifiers.sandbox.keys import Keys, load_secret
from notifiers.transactions import writing
from notifiers.vault import Vault


def enrol(settings: Settings, engine: Engine) -> None:
    """In a demo that is watched: one that is judged counts every message at its receivers."""
    base_url = f"http://127.0.0.1:{settings.sandbox_push_port}"
    browser = Keys(load_secret(settings.data)).make_subscription(base_url, "canary")
    secret = addresses.secret(Vault(settings.keys_directory))
    with writing(engine) as connection:
        for channel, address in (("web_push", browser), ("email", {"email": "canary@people.example"}), ("inbox", {})):
            canaries.add(connection, channel, address, secret=secret, now=utc_now())
