"""The chain of the log and its signed heads, and what is wrong with them. Pure: rows of a database and lines of a file alike.

Each entry's hash covers its number, all that it says, and the hash of the one before. So a changed entry does not fit
its own hash, a removed one leaves a gap in the numbers, a moved one does not fit its place. Whoever can write may make
all hashes anew, and cut the end off: signed heads say how long the log was and how it ended.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from geo.columns import microseconds

GENESIS = bytes(32)
_PURPOSE = b"lookout audit head 1\n"  # what is signed is nothing else that this key could sign


@dataclass(frozen=True, slots=True)
class Entry:
    """One act. `source` None: written before the log kept it; its number is then not under its hash."""

    number: int
    at: datetime
    actor: str
    source: str | None
    action: str
    incident_id: int | None
    message_id: int | None
    detail: str
    previous: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """That the log ended with entry `number`, whose hash is `hash`, at that time: signed with Ed25519 (RFC 8032)."""

    number: int
    hash: bytes
    at: datetime
    signature: bytes = b""


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing wrong: which entry, in a machine's word (altered, removed, moved, cut, rewritten, head) and in a person's."""

    number: int
    what: str
    said: str


def digest(entry: Entry) -> bytes:
    """SHA-256. JSON keeps the fields apart: no two different entries read the same."""
    said: list[str | int | None] = [entry.actor, entry.action, entry.incident_id, entry.message_id, entry.detail]
    if entry.source is not None:
        said = [entry.number, entry.source, *said]
    words = json.dumps([microseconds(entry.at), *said], separators=(",", ":"))
    return hashlib.sha256(entry.previous + words.encode()).digest()


def sign(key: Ed25519PrivateKey, head: Head) -> bytes:
    """The signature of a head (its own is not looked at)."""
    return key.sign(_signed(head))


def check(entries: Iterable[Entry], heads: Sequence[Head], public_key: Ed25519PublicKey) -> list[Breach]:
    """Everything wrong, by number; nothing if it is whole. One pass; heads of one log, in any order."""
    good, found = _genuine(heads, public_key)
    wanted: dict[int, list[Head]] = {}
    for head in good:
        wanted.setdefault(head.number, []).append(head)
    last, expected = 0, GENESIS
    for entry in entries:
        found += _breaches(entry, last, expected)
        found += [_rewritten(head) for head in wanted.pop(entry.number, ()) if head.hash != entry.hash]
        last, expected = max(last, entry.number), entry.hash
    longest = max((head for head in good if head.number > last), key=lambda head: head.number, default=None)
    if longest is not None:
        found.append(_cut(last, longest))
    return sorted(dict.fromkeys(found), key=lambda breach: breach.number)


def _breaches(entry: Entry, last: int, expected: bytes) -> list[Breach]:
    found = []
    if entry.number <= last:
        found.append(Breach(entry.number, "moved", f"entry {entry.number} stands after entry {last}"))
    gap = entry.number > last + 1
    if gap and (entry.source is not None or entry.previous != expected):  # the first rows could be numbered with gaps
        found.append(Breach(last + 1, "removed", f"{_span(last + 1, entry.number - 1)} missing"))
    if entry.hash != digest(entry):
        found.append(Breach(entry.number, "altered", f"entry {entry.number} was altered"))
    elif entry.previous != expected and not found:
        said = f"entry {entry.number} does not follow entry {last}: one of the two was replaced"
        found.append(Breach(entry.number, "moved", said))
    return found


def _genuine(heads: Sequence[Head], public_key: Ed25519PublicKey) -> tuple[list[Head], list[Breach]]:
    good, found = [], []
    for head in dict.fromkeys(heads):
        with suppress(InvalidSignature):
            public_key.verify(head.signature, _signed(head))
            good.append(head)
            continue
        found.append(Breach(head.number, "head", f"the head of entry {head.number} is not signed by this key"))
    return good, found


def _rewritten(head: Head) -> Breach:
    said = f"entry {head.number} is not the one that was signed at {head.at:%Y-%m-%d %H:%M:%S}: it or one before was rewritten"
    return Breach(head.number, "rewritten", said)


def _cut(last: int, head: Head) -> Breach:
    said = f"{_span(last + 1, head.number)} cut off: the log was that long at {head.at:%Y-%m-%d %H:%M:%S}"
    return Breach(last + 1, "cut", said)


def _span(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"


def _signed(head: Head) -> bytes:
    return _PURPOSE + json.dumps([head.number, head.hash.hex(), microseconds(head.at)]).encode()
