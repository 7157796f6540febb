from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.packing import bitmap, members, pack, pack_set, unpack, unpack_set

ids_in_any_order = st.lists(st.integers(1, 2**32 - 1), max_size=1000).map(lambda ids: np.array(ids, np.uint32))
ids_that_ascend = st.sets(st.integers(1, 100_000), max_size=1000).map(lambda ids: np.array(sorted(ids), np.uint32))


@given(ids=ids_in_any_order | ids_that_ascend)
def test_what_is_packed_comes_back_in_its_order(ids):
    back = unpack(pack(ids), len(ids))
    assert back.dtype == np.uint32
    assert np.array_equal(back, ids)


@given(ids=ids_in_any_order)
def test_it_never_takes_more_than_four_bytes_an_id(ids):
    assert len(pack(ids)) <= 4 * len(ids)


@given(ids=ids_in_any_order)
def test_what_was_stored_unpacked_before_can_be_read(ids):
    assert np.array_equal(unpack(ids.astype("<u4").tobytes(), len(ids)), ids)


@given(ids=ids_in_any_order)
def test_a_set_comes_back_whether_an_older_version_stored_it_or_this_one(ids):
    found = bitmap(ids)
    assert members(unpack_set(pack_set(found))).tolist() == sorted(set(ids.tolist()))
    assert unpack_set(found.serialize()) == found


def test_a_set_of_which_most_are_in_takes_less_than_a_bit_each():
    chosen = np.flatnonzero(np.random.default_rng(1).random(100_000) < 0.9).astype(np.uint32)
    assert len(pack_set(bitmap(chosen))) < 100_000 / 8


def test_neighbours_take_less_than_a_byte_each():
    chosen = np.flatnonzero(np.random.default_rng(1).random(60_000) < 1 / 27)[:1000].astype(np.uint32)
    assert len(pack(chosen)) < 1000


@pytest.mark.parametrize("stored", [b"", b"\xff\xff\xff", pack(np.arange(1, 999, dtype=np.uint32))])
def test_what_is_not_the_ids_of_so_many_is_no_list_of_ids(stored):
    with pytest.raises(ValueError, match="ids"):
        unpack(stored, 1000)
