import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.receipts import LENGTH, Place, Seals, seals

SEALS = Seals(bytes(range(64)))


@given(st.integers(0, 2**40 - 1), st.integers(0, 65_535))
def test_a_seal_is_read_back_whatever_its_case(batch_id, position):
    sealed = SEALS.seal(batch_id, position)
    assert SEALS.open(sealed) == SEALS.open(sealed.upper()) == Place(batch_id, position)


def test_a_seal_fits_an_address_and_a_url_and_is_always_the_same():
    sealed = SEALS.seal(4_000_000_000, 999)
    assert re.fullmatch(r"[a-z2-7]{37}", sealed)
    assert (len(sealed), sealed) == (LENGTH, SEALS.seal(4_000_000_000, 999))


def test_seals_of_neighbours_have_nothing_in_common():
    first, second = SEALS.seal(7, 1), SEALS.seal(7, 2)
    assert sum(a == b for a, b in zip(first, second, strict=True)) < 12


@pytest.mark.parametrize("text", ["", "x", "a" * 37, "ä" * 37, "1" * 37, "a" * 36 + "\n", "a" * 400])
def test_what_we_did_not_make_is_nothing(text):
    assert SEALS.open(text) is None


@given(st.integers(0, 35), st.sampled_from("abcdefgh234567"))
def test_a_changed_seal_is_nothing(at, letter):
    sealed = SEALS.seal(12, 34)
    changed = sealed[:at] + letter + sealed[at + 1 :]
    assert (SEALS.open(changed) is None) == (changed != sealed)


def test_the_seal_of_another_house_is_nothing():
    assert SEALS.open(Seals(os.urandom(64)).seal(1, 1)) is None


def test_a_house_keeps_its_secret(vault):
    assert seals(vault).open(seals(vault).seal(3, 4)) == Place(3, 4)
