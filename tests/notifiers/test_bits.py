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
    assert bits.unpack(stored) == bits.unpack(bits.roomy(stored)) == bits.of(positions)
    assert len(stored) <= (1 + (size + 7) // 8 if positions else 0)


@given(st.lists(st.tuples(st.integers(0, 999), st.integers(1, 400)), max_size=9))
def test_runs_of_any_length_anywhere_survive_it_too(runs):
    wanted = bits.of_runs(runs) & bits.full(1000)
    stored = bits.pack(wanted, 1000)
    assert bits.unpack(bits.roomy(stored)) == wanted
    assert len(stored) <= 1 + 4 * len(runs)


@pytest.mark.parametrize(
    ("positions", "longest"),
    [
        (range(1000), 1),
        (range(250, 506), 5),
        ([*range(500), 510, 512, 515], 4),
        (set(range(1000)) - {3, 400, 777}, 17),
        (range(0, 1000, 2), 126),
    ],
)
def test_what_is_usual_takes_a_few_bytes(positions, longest):
    assert len(bits.pack(bits.of(positions), 1000)) <= longest


@given(position_sets, st.integers(0, 1100))
def test_the_first_few_are_the_lowest(positions, count):
    assert list(bits.positions(bits.first(bits.of(positions), count))) == sorted(positions)[:count]


def test_a_position_outside_the_batch_cannot_be_stored():
    with pytest.raises(OverflowError):
        bits.pack(bits.of([8]), 8)


def test_stored_order_is_little():
    assert bits.plain(bits.of([0, 9]), 16) == b"\x01\x02"
    assert bits.pack(bits.of([0, 9]), 16) == b"\x00\x01\x02"
    assert bits.pack(bits.of([8, 10]), 16) == b"\x01\x05"
