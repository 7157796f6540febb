"""The heads of the log, signed: every hour into the database, a file beside it and the server's own log; the newest each
second into a file, so that an end cut off is found also before the hour is over.

The key is Ed25519, made from one in the keys' directory: who can write the database alone cannot sign.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Connection, Engine, insert, select

from alerts import audit
from alerts.audit_chain import Head, sign
from alerts.tables import audit_head
from geo.columns import from_microseconds, microseconds
from notifiers.transactions import reading, writing
from notifiers.vault import Vault

log = structlog.get_logger()

KEY_NAME = "audit-signing"
EVERY = timedelta(hours=1)
HEADS, TAIL = "audit-heads.jsonl", "audit-tail.json"  # in the data directory


def signing_key(vault: Vault) -> Ed25519PrivateKey:
    """Made at first use; the same on every machine that uses these keys."""
    return Ed25519PrivateKey.from_private_bytes(vault.derive(KEY_NAME, "ed25519")[:32])


def public_key(vault: Vault) -> bytes:
    """32 bytes (RFC 8032): what evidence is verified with."""
    return signing_key(vault).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def sign_hourly(
    engine: Engine, vault: Vault, folder: Path, now: datetime, may: Callable[[Connection], bool]
) -> Head | None:
    """A new head, if the log has grown and the last is an hour old; kept in the table, in a file, and printed."""
    with reading(engine) as connection:
        if not _is_due(connection, now):
            return None
    with writing(engine) as connection:
        if not may(connection) or not _is_due(connection, now):
            return None
        head = _signed(connection, vault, now)
        connection.execute(
            insert(audit_head).values(number=head.number, hash=head.hash, at=head.at, signature=head.signature)
        )
    with (folder / HEADS).open("a") as file:
        file.write(dumps(head) + "\n")
        file.flush()
        os.fsync(file.fileno())
    log.info("audit_head", **to_json(head))
    return head


class Tail:
    """The newest entry, signed, in a file that is always whole; looked at each second, written when there is one."""

    def __init__(self, engine: Engine, vault: Vault, folder: Path) -> None:
        self._engine, self._vault, self._path = engine, vault, folder / TAIL
        self._number = 0

    def keep(self, now: datetime) -> None:
        with reading(self._engine) as connection:
            if audit.newest(connection)[0] <= self._number:  # fewer than before is for `verify` to tell
                return
            head = _signed(connection, self._vault, now)
        draft = self._path.with_name(f".{TAIL}.{os.getpid()}")
        draft.write_text(dumps(head) + "\n")
        draft.replace(self._path)
        self._number = head.number


def list_stored(connection: Connection) -> list[Head]:
    """The heads in the table."""
    rows = connection.execute(select(audit_head).order_by(audit_head.c.id))
    return [Head(row.number, row.hash, row.at, row.signature) for row in rows]


def list_kept(folder: Path) -> list[Head]:
    """The heads in the files; a last line that a crash cut short is none."""
    return [*_read(folder / HEADS), *_read(folder / TAIL)]


def all_heads(engine: Engine, folder: Path) -> Sequence[Head]:
    """All that is known of how the log ended, wherever it is kept."""
    kept = list_kept(folder)  # before the log is read: it only grows
    with reading(engine) as connection:
        return tuple(dict.fromkeys((*list_stored(connection), *kept)))


def to_json(head: Head) -> dict[str, Any]:
    return {
        "number": head.number,
        "hash": head.hash.hex(),
        "at": microseconds(head.at),
        "signature": head.signature.hex(),
    }


def from_json(found: Any) -> Head:
    """KeyError, TypeError or ValueError for what is no head."""
    at = from_microseconds(int(found["at"]))
    return Head(int(found["number"]), bytes.fromhex(found["hash"]), at, bytes.fromhex(found["signature"]))


def dumps(head: Head) -> str:
    return json.dumps(to_json(head), separators=(",", ":"))


def _signed(connection: Connection, vault: Vault, now: datetime) -> Head:
    head = Head(*audit.newest(connection), now)
    return replace(head, signature=sign(signing_key(vault), head))


def _is_due(connection: Connection, now: datetime) -> bool:
    last = connection.execute(select(audit_head).order_by(audit_head.c.id.desc()).limit(1)).one_or_none()
    number, _ = audit.newest(connection)
    return number > 0 and (last is None or (last.number < number and last.at + EVERY <= now))


def _read(path: Path) -> Iterator[Head]:
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            yield from_json(json.loads(line))
        except (KeyError, TypeError, ValueError):
            log.warning("audit_head_unreadable", file=path.name)
