"""On which side of a few edges people are, beside shapely: those in doubt are left to it."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from drawn import holed, star

from geo.bounds import Boxes
from geo.edges import Edges


@pytest.mark.parametrize("seed", range(20))
def test_boxes_that_no_edge_meets_are_wholly_inside_or_outside(seed):
    rng = np.random.default_rng(seed)
    area = holed(rng, star(rng, (0, 0), 3))
    west, south = rng.uniform(-3, 3, (2, 500))
    boxes = Boxes(west, south, west + rng.exponential(0.2, 500), south + rng.exponential(0.2, 500))
    met = Edges.of(area).meet(boxes).any(axis=1)
    assert not (~met & shapely.intersects(area.boundary, shapely.box(*boxes))).any()
    assert (met & ~shapely.dwithin(area.boundary, shapely.box(*boxes), 1e-6)).sum() == 0


@pytest.mark.parametrize("seed", range(20))
def test_people_across_an_odd_number_of_edges_are_on_the_other_side(seed):
    rng = np.random.default_rng(seed)
    area = holed(rng, star(rng, (0, 0), 3))
    x, y = rng.uniform(-3, 3, (2, 10, 1)) + rng.uniform(0, 0.5, (2, 10, 256))
    x[:, 0], y[:, 0] = shapely.get_coordinates(area)[0]
    boxes = Boxes(x.min(axis=1), y.min(axis=1), x.max(axis=1), y.max(axis=1))
    edges, (anchor_x, anchor_y) = Edges.of(area), boxes.middle()
    crossed, doubt = edges.parted(edges.meet(boxes), x, y, anchor_x, anchor_y)
    inside = crossed != shapely.intersects_xy(area, anchor_x, anchor_y)[:, None]
    assert doubt[:, 0].all()
    assert doubt[:, 1:].sum() == 0
    assert (inside == shapely.intersects_xy(area, x, y))[~doubt].all()
