"""By what a photo is known again after its alert has ended, when nothing that tells of the child may be left. Pure.

A PDQ hash is a blurred sketch of the picture, so it goes with the incident's key. What stays are tags: each a keyed
hash (HMAC, RFC 2104) of 64 of the 256 bits, another 64 for each tag. Two pictures with one tag in common agree in those
64 bits. From a tag nobody gets the bits back, with the key in hand neither: there are 2^64 to try. The price is that
only what is very like is known again: of two hashes that differ in d bits at random, one tag in 1,024 agrees with a
chance of 100 % up to d = 16, 92 % at 20, 50 % at 24, 7 % at 31. What saving it again changes: docs/photos.md.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache

import numpy as np

from alerts.pdq import BITS

KEY_NAME = "photos"  # in the vault: who destroys it has forgotten every photo
PURPOSE = "tags of photos"
TAGS, TAG_BYTES, SAMPLE = 1_024, 8, 64


def make(bits: bytes, secret: bytes) -> bytes:
    """The tags of a hash, one after the other: 8 KiB."""
    unpacked = np.unpackbits(np.frombuffer(bits, np.uint8))
    samples = np.packbits(unpacked[_samples()], axis=1)
    parts = (hmac.digest(secret, n.to_bytes(2) + one.tobytes(), "sha256") for n, one in enumerate(samples))
    return b"".join(part[:TAG_BYTES] for part in parts)


def alike(one: bytes, other: bytes) -> bool:
    """Whether they have a tag in common, at the same place."""
    if not len(one) == len(other) == TAGS * TAG_BYTES:
        return False
    return bool((np.frombuffer(one, np.uint64) == np.frombuffer(other, np.uint64)).any())


@lru_cache
def _samples() -> np.ndarray[tuple[int, int], np.dtype[np.intp]]:
    """Which bits each tag is of: chosen once, by hashes of their numbers, the same on every machine."""
    size = TAGS * BITS * 8
    stream = np.frombuffer(hashlib.shake_256(b"bits of a tag").digest(size), np.dtype(">u8")).reshape(TAGS, BITS)
    return np.argsort(stream, axis=1, kind="stable")[:, :SAMPLE]
