"""Random pairs of area and population: the index answers as the oracles do, whole and after moves, on both paths.

2,000 pairs in the normal run; LOOKOUT_PAIRS says another number (100,000 in `make soak`).
"""

from __future__ import annotations

import os

import drawn
import numpy as np
import pytest

from geo import RecipientIndex, compiled, packing

PAIRS = int(os.environ.get("LOOKOUT_PAIRS", "2000"))
AT_ONCE = 100
HELPERS = (None,) if compiled.kernel is None else (compiled.kernel, None)


@pytest.mark.parametrize("first", range(0, PAIRS, AT_ONCE))
def test_areas_take_whom_the_oracle_says(first, monkeypatch):
    for seed in range(first, first + AT_ONCE):
        pair = drawn.draw(seed)
        monkeypatch.setattr(packing, "SHIFT", (2, 4, 6, 8)[seed // len(drawn.KINDS) % 4])
        index = moved_index(pair, seed) if seed % 3 else RecipientIndex.build(np.arange(len(pair.lon)), *place(pair))
        answers = []
        for helper in HELPERS:
            monkeypatch.setattr(compiled, "kernel", helper)
            answers.append(index.within(pair.area).tolist())
        monkeypatch.setattr(compiled, "kernel", HELPERS[0])
        assert answers[0] == answers[-1], seed  # also in the same order
        check(answers[0], pair, seed)


def place(pair):
    return pair.lon, pair.lat, pair.own_m


def moved_index(pair, seed):
    """Everybody somewhere else first, and in few places: then pages overflow."""
    rng = np.random.default_rng(seed)
    count = len(pair.lon)
    start = rng.integers(0, count, count)
    index = RecipientIndex.build(np.arange(count), pair.lon[start], pair.lat[start])
    order = rng.permutation(count)
    for rows in np.array_split(order, 3):
        index.move(rows, *(None if column is None else column[rows] for column in place(pair)))
    return index


def check(answer, pair, seed):
    assert len(set(answer)) == len(answer), seed
    found = np.zeros(len(pair.lon), bool)
    found[answer] = True
    wrong = found != pair.inside
    if pair.open_ is not None:
        wrong &= ~pair.open_
    assert not wrong.any(), (seed, np.flatnonzero(wrong), pair.area)
