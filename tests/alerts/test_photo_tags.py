"""Tags: the same picture is known again by them, and nothing can be read out of them."""

from __future__ import annotations

import random
from math import comb

import pytest

from alerts import photo_tags

SECRET = bytes(range(64))


def flipped(bits: bytes, count: int, rng: random.Random) -> bytes:
    whole = int.from_bytes(bits)
    for bit in rng.sample(range(256), count):
        whole ^= 1 << bit
    return whole.to_bytes(32)


def known_again(count: int, rounds: int = 60) -> float:
    rng = random.Random(count)
    pairs = [(one := rng.randbytes(32), flipped(one, count, rng)) for _ in range(rounds)]
    return sum(photo_tags.alike(*(photo_tags.make(bits, SECRET) for bits in pair)) for pair in pairs) / rounds


@pytest.mark.parametrize("count", [0, 6, 12])
def test_what_is_very_like_is_always_known_again(count: int) -> None:
    assert known_again(count) == 1


@pytest.mark.parametrize("count", [20, 24, 31])
def test_what_is_less_like_is_known_as_often_as_is_said(count: int) -> None:
    one = comb(256 - count, photo_tags.SAMPLE) / comb(256, photo_tags.SAMPLE)
    assert known_again(count) == pytest.approx(1 - (1 - one) ** photo_tags.TAGS, abs=0.2)


def test_what_is_unlike_is_never_known() -> None:
    assert known_again(100) == 0


def test_tags_of_another_key_have_nothing_in_common() -> None:
    bits = bytes(range(32))
    assert not photo_tags.alike(photo_tags.make(bits, SECRET), photo_tags.make(bits, SECRET[::-1]))
    assert not photo_tags.alike(b"", b"")


def test_tags_hold_nothing_of_the_hash() -> None:
    bits = random.Random(1).randbytes(32)
    tags = photo_tags.make(bits, SECRET)
    assert len(tags) == len({tags[n : n + 8] for n in range(0, len(tags), 8)}) * 8
    assert not any(bits[n : n + 4] in tags for n in range(29))
