"""Whether the keys of this machine are those of the database: asked at every start, before any harm is done.

A machine with other keys could open no notice and would hold every one of them, would know nobody again who left, and
as another application server it would be refused by every push service. So it is told what is missing and stops.
"""

from __future__ import annotations

import hmac
import json

from sqlalchemy import Engine, select

from alerts.settings import Settings
from notifiers import addresses
from notifiers.tables import recipient, subscription
from notifiers.transactions import reading
from notifiers.vault import Vault


class WrongKeys(Exception):
    """The keys here are not those that the database was filled with; the message says which, and what to do."""


def check_keys(engine: Engine, settings: Settings) -> None:
    """WrongKeys. Nothing is made or changed; a database without people belongs to whoever comes."""
    vault = Vault(settings.keys_directory)
    if not _knows_people(engine, vault):
        raise WrongKeys(
            f"the keys in {settings.keys_directory} are not those of this database: set LOOKOUT_KEYS to the directory "
            "that its other machines use, or put the key `subscriptions` back"
        )
    if not settings.sandbox and not settings.vapid_path.exists() and _is_pushed_to(engine):
        raise WrongKeys(
            f"browsers are subscribed under a key that is not here: copy the first machine's to {settings.vapid_path}"
        )


def _knows_people(engine: Engine, vault: Vault) -> bool:
    """Whether the newest address is known again by its keyed hash."""
    columns = (subscription.c.channel, subscription.c.address, subscription.c.address_hash, recipient.c.public_id)
    newest = select(*columns).join(recipient).order_by(subscription.c.id.desc()).limit(1)
    with reading(engine) as connection:
        row = connection.execute(newest).one_or_none()
    if row is None:
        return True
    if not vault.exists(addresses.KEY_NAME):
        return False
    identity = addresses.identity(row.channel, json.loads(row.address), row.public_id)
    expected = addresses.keyed_hash(addresses.secret(vault), row.channel, identity)
    return hmac.compare_digest(expected, row.address_hash)


def _is_pushed_to(engine: Engine) -> bool:
    pushed = select(subscription.c.id).where(subscription.c.channel == "web_push").limit(1)
    with reading(engine) as connection:
        return connection.execute(pushed).first() is not None
