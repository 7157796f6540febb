"""A million browsers, each with a key pair and an authentication secret of its own that follow from one seed and a number.

So the sending side is told the public halves, and the receiver can decrypt any body it keeps without being told a thing.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context

from cryptography.hazmat.primitives.asymmetric import ec

from notifiers.channels.web_push_crypto import encode, point_of

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (FIPS 186-5)
_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Browser:
    """What one of them holds."""

    key: ec.EllipticCurvePrivateKey = field(repr=False)
    auth: bytes = field(repr=False)


def browser(seed: bytes, number: int) -> Browser:
    """The same for the same number, whoever asks."""
    drawn = hmac.digest(seed, b"%d" % number, "sha512")
    scalar = int.from_bytes(drawn[:40]) % (_ORDER - 1) + 1
    return Browser(ec.derive_private_key(scalar, ec.SECP256R1()), drawn[48:])


def address(seed: bytes, base_url: str, number: int) -> dict[str, str]:
    """What it would give to who wants to push to it."""
    one = browser(seed, number)
    return {
        "endpoint": f"{base_url}/{number}",
        "p256dh": encode(point_of(one.key.public_key())),
        "auth": encode(one.auth),
    }


def addresses(seed: bytes, base_url: str, count: int) -> list[dict[str, str]]:
    """Those of all numbers below `count`, made on every core."""
    with get_context("spawn").Pool() as pool:
        return pool.map(partial(address, seed, base_url), range(count), chunksize=_AT_ONCE)
