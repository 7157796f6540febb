from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers import bits

position_sets = st.sets(st.integers(0, 999))


@given(position_sets)
def test_positions_come_back_ascending(positions):
    assert list(bits.positions(bits.of(positions))) == sorted(positions)


@given(position_sets, st.integers(1000, 1008))
def test_a_set_survives_being_stored(positions, size):
    stored = bits.pack(bits.of(positions), size)
    assert len(stored) == ((size + 7) // 8 if positions else 0)
    assert bits.unpack(stored) == bits.of(positions)


@given(position_sets, st.integers(0, 1100))
def test_the_first_few_are_the_lowest(positions, count):
    assert list(bits.positions(bits.first(bits.of(positions), count))) == sorted(positions)[:count]


def test_a_position_outside_the_batch_cannot_be_stored():
    with pytest.raises(OverflowError):
        bits.pack(bits.of([8]), 8)


def test_stored_order_is_little():
    assert bits.pack(bits.of([0, 9]), 16) == b"\x01\x02"
