"""A browser counts once a test notification came back from it: then it can be reached for certain, and not before.

The notification carries a sealed token, encrypted to the browser; its service worker sends the token back. A browser
that changes its endpoint is asked anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, select, update

from alerts import confirmations
from alerts.errors import NotFound, TooOften
from alerts.service.arrivals import follow
from alerts.service.languages import spoken
from alerts.services import Services
from geo import store as positions
from notifiers import addresses, subscriptions
from notifiers.catalogues import Spoken, catalogue, nearest
from notifiers.model import Outcome
from notifiers.tables import keying, left, subscription
from notifiers.transactions import reading, writing

CHANNEL = "web_push"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A browser that has not answered yet."""

    id: int
    address: Mapping[str, str] = field(repr=False)
    address_hash: bytes = field(repr=False)
    language: str


def ask(services: Services, recipient_id: int, client: str) -> Outcome | None:
    """A test to this recipient's browser, if one is waiting for it; None where none is. TooOften."""
    with writing(services.engine) as connection:
        waiting = _waiting(connection, recipient_id)
        if waiting is None or services.push is None:
            return None
        network = confirmations.network_hash(addresses.secret(services.vault), client)
        wait_s = confirmations.take(connection, waiting.address_hash, network, services.clock())
    if wait_s:
        raise TooOften(wait_s)
    token = addresses.make_echo_token(addresses.secret(services.vault), waiting.id)
    return services.push(waiting.address, payload(waiting.language, token, spoken(services)))


def payload(language: str, token: str, spoken: Spoken) -> bytes:
    """What the service worker is given: it shows the words and sends the token back."""
    tag = nearest(language, spoken)
    words = catalogue(tag).said
    said = {
        "kind": "test",
        "title": words["echo_title"],
        "body": words["echo_text"],
        "tag": "lookout-test",
        "url": "/inbox",
        "lang": tag,
    }
    return json.dumps(said | {"echo": token}, ensure_ascii=False).encode()


def hear(services: Services, token: str) -> None:
    """The test came back: the browser counts. Again changes nothing; NotFound for a forged token."""
    subscription_id = addresses.read_echo_token(addresses.secret(services.vault), token)
    if subscription_id is None:
        raise NotFound("this is no test of ours")
    with writing(services.engine) as connection:
        news = subscriptions.confirm(connection, subscription_id, services.clock())
    if news:
        follow(services)


def answered(services: Services, recipient_id: int) -> bool | None:
    """Whether this recipient's browser answered its test; None where it has no notifications."""
    with reading(services.engine) as connection:
        row = connection.execute(_of(recipient_id)).first()
    return None if row is None else row.confirmed_at is not None


def renew(services: Services, recipient_id: int, address: Mapping[str, str]) -> bool:
    """The browser has a new endpoint in the place of its old one, and is asked anew. False: it had none, or this left."""
    values = _values(services, address)
    with writing(services.engine) as connection:
        old = connection.execute(_of(recipient_id)).first()
        same = subscription.c.channel == CHANNEL, subscription.c.address_hash == values["address_hash"]
        taken = connection.execute(select(subscription.c.id).where(*same)).first()
        gone = select(left.c.left_at).where(left.c.channel == CHANNEL, left.c.address_hash == values["address_hash"])
        if old is None or taken is not None or connection.execute(gone).first() is not None:
            return False
        positions.touch(connection, [recipient_id])
        connection.execute(delete(keying).where(keying.c.subscription_id == old.id))
        connection.execute(update(subscription).where(subscription.c.id == old.id).values(**values))
    follow(services)
    return True


def _values(services: Services, address: Mapping[str, str]) -> dict[str, Any]:
    secret = addresses.secret(services.vault)
    return {
        "address": json.dumps(dict(address), separators=(",", ":")),
        "address_hash": addresses.keyed_hash(secret, CHANNEL, addresses.identity(CHANNEL, address, "")),
        "origin": addresses.origin(CHANNEL, address),
        "confirmed_at": None if services.push else services.clock(),
        "retired_at": None,
        "retired_why": None,
    }


def _waiting(connection: Connection, recipient_id: int) -> Waiting | None:
    row = connection.execute(_of(recipient_id).where(subscription.c.confirmed_at.is_(None))).first()
    return None if row is None else Waiting(row.id, json.loads(row.address), row.address_hash, row.language)


def _of(recipient_id: int) -> Any:
    mine = subscription.c.recipient_id == recipient_id, subscription.c.channel == CHANNEL
    return select(subscription).where(*mine).order_by(subscription.c.id.desc())
