"""The curve goes through every cell once, from neighbour to neighbour."""

from __future__ import annotations

import numpy as np

from geo.hilbert import hilbert, hilbert_order

CELL_LON, CELL_LAT = 360 / 2**16, 180 / 2**16


def test_one_block_of_cells_is_walked_from_neighbour_to_neighbour():
    x, y = (column.ravel() for column in np.meshgrid(np.arange(256), np.arange(256)))
    along = hilbert((x + 0.5) * CELL_LON - 180, (y + 0.5) * CELL_LAT - 90)
    order = np.argsort(along)
    steps = np.abs(np.diff(x[order])) + np.abs(np.diff(y[order]))
    assert (steps == 1).all()
    assert sorted((along - along.min()).tolist()) == list(range(256 * 256))


def test_the_walk_goes_on_across_the_middle_of_the_map():
    x, y = (column.ravel() + 2**15 - 128 for column in np.meshgrid(np.arange(256), np.arange(256)))
    along = hilbert((x + 0.5) * CELL_LON - 180, (y + 0.5) * CELL_LAT - 90)
    order = np.argsort(along)
    follow = np.diff(along[order]) == 1
    steps = np.abs(np.diff(x[order])) + np.abs(np.diff(y[order]))
    assert (steps[follow] == 1).all()
    assert follow.sum() > 65_000


def test_the_corners_of_the_map_have_their_place_and_equals_keep_their_order():
    corners = np.array([(-180, -90), (180, 90), (180, -90), (-180, 90), (-180, -90)], float)
    order = hilbert_order(corners[:, 0], corners[:, 1]).tolist()
    assert order == [0, 4, 3, 1, 2]
