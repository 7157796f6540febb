"""Keyings: what the encryption of a push needs before its message is known, made while nothing else is to do.

A key pair and an ECDH are most of what a push costs, and neither needs the message (RFC 8291 section 3). So an idle
worker makes them ahead, a fresh key for each subscription, and an alert finds them made; where there is none it is made
at the send, as ever.

One key, one message, is a rule of rows: keyings are made for a generation, and at its approval a notice takes the
generation that stands, for good; what is made from then on is of the next. So no two notices ever use the same key, and
nothing is written for each push. They lie sealed under a key of the house's vault, bound to the subscription's own keys:
one that re-subscribed with others finds none.
"""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from random import Random

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, func, select, text

from notifiers.addresses import KEY_NAME
from notifiers.bulk import rows_in
from notifiers.channels.web_push_crypto import BadKey, Keying, decode, make_keying
from notifiers.tables import keying, notice, subscription
from notifiers.vault import Vault

CHANNELS = ("web_push", "unified_push")
WORTH = 1_000  # people reached: below, encrypting at the send takes a tenth of a second, and a self-test spends nothing
SLICE = 250  # made in one piece, some 25 ms: an alert that arrives meanwhile waits no longer
SPAN = 5_000  # ids looked through at once
AGAIN_S = 600.0  # until all are looked through again: for who confirmed late, or has other keys
_NONCE, _POINT = 12, 65  # bytes


def cipher(vault: Vault) -> AESGCM:
    """What keyings lie sealed under."""
    return AESGCM(vault.derive(KEY_NAME, "keyings made ahead")[:32])


def take(connection: Connection, reach: int) -> int | None:
    """The generation for a notice that reaches so many; None for few. In the `writing` transaction that adds it."""
    return standing(connection) if reach >= WORTH else None


def standing(connection: Connection) -> int:
    """The generation that no notice has taken."""
    return (connection.scalar(select(func.max(notice.c.keying))) or 0) + 1


def taken_by(connection: Connection, notice_id: int) -> int | None:
    return connection.scalar(select(notice.c.keying).where(notice.c.id == notice_id))


def load(
    connection: Connection, sealed_under: AESGCM, generation: int, addresses: Mapping[int, Mapping[str, str]]
) -> dict[int, Keying]:
    """Those that were made for a generation, by subscription; of whoever has others keys by now there is none."""
    found: dict[int, Keying] = {}
    for id_, sealed in rows_in(connection, _LOAD, list(addresses), generation):
        opened = _open(sealed_under, sealed, addresses[id_])
        if opened is not None:
            found[id_] = opened
    return found


@dataclass(frozen=True, slots=True)
class Round:
    """Where a worker is on its way through all subscriptions: the stretches of ids that are left, each after its first
    and up to its last. Begun in the middle of them, by chance, so that two workers do not make the same.
    """

    generation: int
    begun_s: float = -math.inf
    last: int = 0
    left: tuple[tuple[int, int], ...] = ()


def begin(connection: Connection, generation: int, rng: Random, now_s: float) -> Round:
    last = _last(connection)
    start = rng.randint(0, last)
    return Round(generation, now_s, last, tuple(one for one in ((start, last), (0, start)) if one[0] < one[1]))


def missing(connection: Connection, on: Round) -> tuple[list[tuple[int, Mapping[str, str]]], Round]:
    """The next subscriptions without one, by id and address, and the round once these are made; who came since its
    begin is of it.
    """
    if not on.left:
        last = _last(connection)
        if last <= on.last:
            return [], on
        on = replace(on, last=last, left=((on.last, last),))
    (after, end), *others = on.left
    upto = min(after + SPAN, end)
    old = keying.c.generation.is_(None) | (keying.c.generation < on.generation)
    here = subscription.c.id.between(after + 1, upto) & subscription.c.channel.in_(CHANNELS)
    reached = subscription.c.confirmed_at.is_not(None) & subscription.c.retired_at.is_(None)
    chosen = select(subscription.c.id, subscription.c.address).outerjoin(keying).where(here, reached, old)
    rows = connection.execute(chosen.order_by(subscription.c.id).limit(SLICE)).all()
    seen = rows[-1].id if len(rows) == SLICE else upto
    left = (*([(seen, end)] if seen < end else ()), *others)
    return [(row.id, json.loads(row.address)) for row in rows], replace(on, left=left)


def _last(connection: Connection) -> int:
    return connection.scalar(select(func.max(subscription.c.id))) or 0


def make(sealed_under: AESGCM, wanted: Iterable[tuple[int, Mapping[str, str]]]) -> dict[int, bytes]:
    """A fresh one for each, sealed; none for keys that are none. What takes time: in no transaction."""
    made: dict[int, bytes] = {}
    for id_, address in wanted:
        with suppress(BadKey, KeyError):
            point, material = make_keying(decode(address["p256dh"]), decode(address["auth"]))
            nonce = secrets.token_bytes(_NONCE)
            made[id_] = nonce + point + sealed_under.encrypt(nonce, material, _bound(point, address))
    return made


def keep(connection: Connection, generation: int, made: Mapping[int, bytes]) -> None:
    """Stores them, but for who has left meanwhile; of two for one generation the first stays."""
    here = select(subscription.c.id).where(subscription.c.id.in_(made)).with_for_update(read=True, key_share=True)
    rows = [{"id": id_, "generation": generation, "sealed": made[id_]} for id_ in connection.scalars(here)]
    if rows:
        connection.execute(_KEEP, rows)


_LOAD = "SELECT subscription_id, sealed FROM keying WHERE generation = ? AND subscription_id IN ({values})"

_KEEP = text(
    "INSERT INTO keying (subscription_id, generation, sealed) VALUES (:id, :generation, :sealed) "
    "ON CONFLICT (subscription_id) DO UPDATE SET generation = excluded.generation, sealed = excluded.sealed "
    "WHERE keying.generation < excluded.generation"
)


def _bound(point: bytes, address: Mapping[str, str]) -> bytes:
    return point + f"{address['p256dh']} {address['auth']}".encode()


def _open(sealed_under: AESGCM, sealed: bytes, address: Mapping[str, str]) -> Keying | None:
    point = sealed[_NONCE : _NONCE + _POINT]
    try:
        material = sealed_under.decrypt(sealed[:_NONCE], sealed[_NONCE + _POINT :], _bound(point, address))
    except (InvalidTag, KeyError):
        return None
    return Keying(point, material)
