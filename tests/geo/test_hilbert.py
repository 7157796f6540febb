"""The curve goes through every cell once, from neighbour to neighbour."""

from __future__ import annotations

import numpy as np
import pytest

from geo.hilbert import COARSE, FINE, bits_for, hilbert, hilbert_order


def along(x, y, bits):
    return hilbert((x + 0.5) * 360 / 2**bits - 180, (y + 0.5) * 180 / 2**bits - 90, bits).astype(np.int64)


@pytest.mark.parametrize("bits", [COARSE, FINE])
def test_one_block_of_cells_is_walked_from_neighbour_to_neighbour(bits):
    x, y = (column.ravel() for column in np.meshgrid(np.arange(256), np.arange(256)))
    keys = along(x, y, bits)
    order = np.argsort(keys)
    steps = np.abs(np.diff(x[order])) + np.abs(np.diff(y[order]))
    assert (steps == 1).all()
    assert sorted((keys - keys.min()).tolist()) == list(range(256 * 256))


@pytest.mark.parametrize("bits", [COARSE, FINE])
def test_the_walk_goes_on_across_the_middle_of_the_map(bits):
    x, y = (column.ravel() + 2 ** (bits - 1) - 128 for column in np.meshgrid(np.arange(256), np.arange(256)))
    keys = along(x, y, bits)
    order = np.argsort(keys)
    follow = np.diff(keys[order]) == 1
    steps = np.abs(np.diff(x[order])) + np.abs(np.diff(y[order]))
    assert (steps[follow] == 1).all()
    assert follow.sum() > 65_000


@pytest.mark.parametrize("bits", [COARSE, FINE])
def test_the_corners_of_the_map_have_their_place_and_equals_keep_their_order(bits):
    corners = np.array([(-180, -90), (180, 90), (180, -90), (-180, 90), (-180, -90)], float)
    order, keys = hilbert_order(corners[:, 0], corners[:, 1], bits)
    assert order.tolist() == [0, 4, 3, 1, 2]
    assert keys.tolist() == sorted(hilbert(corners[:, 0], corners[:, 1], bits).tolist())


def test_a_key_and_a_row_share_64_bits():
    assert [bits_for(count) for count in (0, 1, 2**24, 2**24 + 1, 2**32)] == [FINE, FINE, FINE, COARSE, COARSE]
