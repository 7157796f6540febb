"""What a provider is given so that it can tell us later what became of a send: batch and position, sealed. Pure.

The seal is the only thing of ours that a provider holds (in a callback's address, in a bounce's), and all that a report
needs to find its place: there is no table from a provider's ids to ours, and nobody can make up a seal or read one.
Whoever gets a message may see its own seal; all they can do with it is to report about themselves.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from notifiers.vault import Vault

KEY_NAME = "subscriptions"  # in the vault, with the other secrets that outlive every alert
LENGTH = 37
_PLACE_BYTES = 7  # 5 of the batch, 2 of the position
_PURPOSE = [b"receipt"]


@dataclass(frozen=True, slots=True)
class Place:
    """A send in the ledger."""

    batch_id: int
    position: int


class Seals:
    """Makes and reads seals: AES-SIV (RFC 5297) of the place, the same for every attempt at one version.

    37 small letters and digits (base32, RFC 4648): mail servers may change the case of an address, and the local part
    of one has room for 64.
    """

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESSIV(secret)

    def seal(self, batch_id: int, position: int) -> str:
        place = batch_id.to_bytes(5, "big") + position.to_bytes(2, "big")
        return base64.b32encode(self._cipher.encrypt(place, _PURPOSE)).decode().rstrip("=").lower()

    def open(self, seal: str) -> Place | None:
        """The place of a seal that we made; None for any other text."""
        if len(seal) != LENGTH or not seal.isascii():
            return None
        try:
            place = self._cipher.decrypt(base64.b32decode(f"{seal.upper()}==="), _PURPOSE)
        except (binascii.Error, InvalidTag):
            return None
        if len(place) != _PLACE_BYTES:
            return None
        return Place(int.from_bytes(place[:5], "big"), int.from_bytes(place[5:], "big"))


def seals(vault: Vault) -> Seals:
    """With this installation's secret, made at first use."""
    return Seals(vault.derive(KEY_NAME, "receipts"))
