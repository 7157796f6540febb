"""No flipped bit is ever accepted with other content: each is refused, or gives the very content that was signed.

`LOOKOUT_FLIPS` is how many bits of each message (20,000 in `make soak`): two of IPAWS, one of ours, one by authority.
"""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime

import pytest
from desk import FIXTURES
from signing import embedded, keyed, sign

from alerts.errors import Refused
from alerts.signature import verify
from alerts.signature_make import make
from alerts.signature_trust import Trust

FLIPS = int(os.environ.get("LOOKOUT_FLIPS", "200"))
OURS = make("lookout.example", datetime(2026, 1, 15, tzinfo=UTC)).sign(
    (FIXTURES / "alerts" / "cap_polygon_and_circle.xml").read_bytes()
)


def flip(body: bytes, bit: int) -> bytes:
    changed = bytearray(body)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def survivors(body: bytes, trust: Trust, bits: list[int]) -> int:
    """How many flips were accepted: with the same content, or this fails."""
    content, accepted = verify(body, trust).content, 0
    for bit in bits:
        said = outcome(flip(body, bit), trust)
        assert said in {"refused", content}, bit
        accepted += said == content
    return accepted


def outcome(body: bytes, trust: Trust) -> bytes | str:
    """The content, or that it was refused with a reason; anything else is a crash."""
    try:
        return verify(body, trust).content
    except Refused as refused:
        return "refused" if refused.problems else "refused without a reason"


def chosen(body: bytes, count: int) -> list[int]:
    """Half anywhere in the message, half in its last kilobytes, where the signature stands."""
    rng, size = random.Random(len(body)), len(body) * 8
    from_ = max(0, size - 8 * 3_500)
    return [rng.randrange(from_ if n % 2 else 0, size) for n in range(count)]


@pytest.mark.timeout(0 if FLIPS > 200 else 120)
@pytest.mark.parametrize("name", ["ipaws-signed-alert.xml", "ipaws-signed-cancel.xml", "ours"])
def test_a_flipped_bit_is_refused_or_changes_nothing(sample, name: str) -> None:
    body = OURS if name == "ours" else sample(name)
    bits = chosen(body, FLIPS)
    accepted = survivors(body, Trust("source", (embedded(body),)), bits)
    assert accepted < len(bits) // 4  # in names and spaces of KeyInfo, which nobody signs


@pytest.mark.timeout(0 if FLIPS > 200 else 120)
def test_under_an_authority_too() -> None:
    root = keyed("Root", ca=True)
    body = sign((FIXTURES / "alerts" / "cap_county.xml").read_bytes(), keyed("Signer", root))
    survivors(body, Trust("source", (root.certificate,)), chosen(body, FLIPS))


PIECES = (b"<?a b?>", b"<!--x-->", b"&#13;", b"<![CDATA[x]]>", b' xml:id="a"', b' xmlns:q="u"', b"<ds:Object/>", b"&x;")


def bend(body: bytes, rng: random.Random) -> bytes:
    """The body with a piece put in, left out, doubled or moved."""
    at, other = rng.randrange(len(body)), rng.randrange(len(body))
    end = min(len(body), at + rng.randrange(1, 60))
    tags = [place + 1 for place in range(len(body)) if body[place] == ord(">")]
    after = rng.choice(tags)
    bent = (
        body[:at] + rng.choice(PIECES) + body[at:],
        body[:after] + rng.choice(PIECES) + body[after:],
        body[:at] + body[end:],
        body[:other] + body[at:end] + body[other:],
    )
    return rng.choice(bent)


@pytest.mark.timeout(0 if FLIPS > 200 else 120)
def test_whatever_is_put_in_left_out_or_doubled_is_refused_or_changes_nothing() -> None:
    rng, trust = random.Random(5), Trust("source", (embedded(OURS),))
    content = verify(OURS, trust).content
    said = [outcome(bend(OURS, rng), trust) for _ in range(FLIPS)]
    assert {one for one in said if one != "refused"} <= {content}
    assert "refused" in said
