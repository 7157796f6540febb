"""The log as evidence: JSON lines with the key, every entry and every signed head, verified without the database.

The file names its own key, so whoever verifies it compares that with the key that the house has published.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from alerts import audit_heads
from alerts.audit_chain import Breach, Entry, Head, check
from geo.columns import from_microseconds, microseconds


class NoEvidence(ValueError):
    """The file is not what `write` wrote; the message says where."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a file held: its public key (32 bytes), the entries in its order, the heads."""

    public_key: bytes
    entries: tuple[Entry, ...]
    heads: tuple[Head, ...]

    def check(self) -> list[Breach]:
        """Everything wrong with it."""
        return check(self.entries, self.heads, Ed25519PublicKey.from_public_bytes(self.public_key))


def write(public_key: bytes, entries: Iterable[Entry], heads: Iterable[Head]) -> Iterator[str]:
    """Line by line, without line ends."""
    yield _line({"type": "key", "algorithm": "Ed25519", "public_key": public_key.hex()})
    for entry in entries:
        yield _line({"type": "entry"} | _entry_json(entry))
    for head in heads:
        yield _line({"type": "head"} | audit_heads.to_json(head))


def read(lines: Iterable[str]) -> Evidence:
    """NoEvidence for a line that is none, or a file without its key."""
    key, entries, heads = b"", list[Entry](), list[Head]()
    for number, line in enumerate(lines, 1):
        try:
            found = json.loads(line)
            match found["type"]:
                case "key":
                    key = bytes.fromhex(found["public_key"])
                case "entry":
                    entries.append(_entry(found))
                case "head":
                    heads.append(audit_heads.from_json(found))
                case _:
                    raise NoEvidence(f"line {number} is of no known type")
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise NoEvidence(f"line {number} cannot be read") from error
    if len(key) != 32:
        raise NoEvidence("it does not say which key signed it")
    return Evidence(key, tuple(entries), tuple(heads))


def _entry_json(entry: Entry) -> dict[str, Any]:
    named = {name: getattr(entry, name) for name in Entry.__slots__}
    return named | {"at": microseconds(entry.at), "previous": entry.previous.hex(), "hash": entry.hash.hex()}


def _entry(found: dict[str, Any]) -> Entry:
    given = {name: found[name] for name in Entry.__slots__}
    at, hashes = (
        from_microseconds(int(given["at"])),
        {name: bytes.fromhex(given[name]) for name in ("previous", "hash")},
    )
    return Entry(**given | {"at": at, "number": int(given["number"])} | hashes)


def _line(words: dict[str, Any]) -> str:
    return json.dumps(words, separators=(",", ":"))
