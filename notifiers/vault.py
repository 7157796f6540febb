"""The vault: one key an incident, in its own directory outside the database and its backups.

What is sealed under a key is as gone as the key: destroying it at the end of an alert takes every copy with it, in
free pages, write-ahead logs and backups. AES-256-GCM (NIST SP 800-38D), a random 96-bit nonce a blob, the key's name
as associated data so that a blob opens under no other incident's key.
"""

from __future__ import annotations

import os
import re
import secrets
import threading
import time
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
FORMAT = b"\x01"  # the first byte of every blob, so that another cipher can follow one day
MEMORY_S = 1.0  # how long a key may be used from memory without looking whether its file is still there
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class KeyGone(Exception):
    """The key of that name does not exist (any more): what is sealed under it cannot be read by anyone."""


class Damaged(ValueError):
    """The blob is not what was sealed under that name: cut, changed, or sealed under another."""


class Vault:
    """Keys as files of mode 0600. Safe for threads and for several processes on one directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._memory: dict[str, tuple[float, bytes]] = {}
        self._lock = threading.Lock()

    def create(self, name: str) -> None:
        """A new random key, on disk for good when this returns. FileExistsError if there is one of that name."""
        path = self._path(name)
        draft = path.with_name(f".{name}.{secrets.token_hex(8)}")
        try:
            _write_new(draft, secrets.token_bytes(KEY_BYTES))
            os.link(draft, path)  # appears whole or not at all, and never over another
        finally:
            draft.unlink(missing_ok=True)
        _sync_directory(self._directory)

    def seal(self, name: str, content: bytes) -> bytes:
        """`content` encrypted under that key; KeyGone without one."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return FORMAT + nonce + AESGCM(self._key(name)).encrypt(nonce, content, name.encode())

    def open(self, name: str, blob: bytes) -> bytes:
        """What was sealed; KeyGone without the key, Damaged if it is not what was sealed under that name."""
        key = self._key(name)
        nonce = blob[1 : 1 + NONCE_BYTES]
        if blob[:1] != FORMAT or len(nonce) != NONCE_BYTES:
            raise Damaged("not a sealed blob")
        try:
            return AESGCM(key).decrypt(nonce, blob[1 + NONCE_BYTES :], name.encode())
        except InvalidTag:
            raise Damaged("the blob was not sealed under this name") from None

    def derive(self, name: str, purpose: str) -> bytes:
        """A secret of 64 bytes for one purpose (HKDF, RFC 5869) under a key that is made at first use."""
        if not self.exists(name):
            with suppress(FileExistsError):
                self.create(name)
        return HKDF(SHA256(), 64, salt=None, info=purpose.encode()).derive(self._key(name))

    def secret(self, name: str, purpose: str) -> bytes:
        """As `derive`, of a key that is there: KeyGone without one, so that no key comes back that was destroyed."""
        return HKDF(SHA256(), 64, salt=None, info=purpose.encode()).derive(self._key(name))

    def destroy(self, name: str) -> None:
        """Overwrites and removes the key, for good when this returns; nothing happens where there is none."""
        path = self._path(name)
        with self._lock:
            self._memory.pop(name, None)
            with suppress(FileNotFoundError):
                _overwrite(path)
                path.unlink()
        _sync_directory(self._directory)

    def exists(self, name: str) -> bool:
        return self._path(name).exists()

    def names(self) -> list[str]:
        """The names of all keys there are, sorted."""
        return sorted(path.name for path in self._directory.iterdir() if _NAME.fullmatch(path.name))

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("a key's name is 1 to 64 letters, digits, - or _")
        return self._directory / name

    def _key(self, name: str) -> bytes:
        """From memory if its file was there a second ago, else from the file, so that every process forgets in time."""
        now = time.monotonic()
        with self._lock:
            seen_at, key = self._memory.get(name, (-MEMORY_S, b""))
            if now - seen_at < MEMORY_S:
                return key
            self._memory.pop(name, None)
            key = self._read(name)
            self._memory[name] = (now, key)
            self._forget_unused(now)
            return key

    def _read(self, name: str) -> bytes:
        try:
            key = self._path(name).read_bytes()
        except FileNotFoundError:
            raise KeyGone(name) from None
        if len(key) != KEY_BYTES or key == bytes(KEY_BYTES):  # overwritten a moment ago, about to be removed
            raise KeyGone(name)
        return key

    def _forget_unused(self, now: float) -> None:
        for name in [name for name, (seen_at, _) in self._memory.items() if now - seen_at >= MEMORY_S]:
            del self._memory[name]


def _write_new(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _overwrite(path: Path) -> None:
    """Zeroes in place, so that the key is not left in the blocks that unlinking only gives back."""
    with path.open("r+b", buffering=0) as file:
        file.write(bytes(KEY_BYTES))
        os.fsync(file.fileno())


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
