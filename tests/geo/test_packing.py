"""A table packed from columns: the same with the helper and without, small, and true to what geo.pages promises."""

from __future__ import annotations

import numpy as np
import pytest
from table_holds import check, rows_by_id, strangers

from geo import compiled, compiled_table
from geo.hilbert import COARSE, FINE, hilbert
from geo.packing import packed
from geo.people import People


def crowd(count, seed=1, *, radii=False):
    """In a few towns, on all sides of the globe, with many in one place."""
    rng = np.random.default_rng(seed)
    towns = np.array([(-180, 0), (180, 90), (0, -90), (-118.2, 34), (2.35, 48.86)], float)[rng.integers(0, 5, count)]
    lon, lat = (towns + rng.normal(0, 0.2, (count, 2)).round(rng.integers(1, 6))).T
    own_m = rng.choice([0.0, 100.0, 5e4], count) if radii else None
    return People.checked(rng.permutation(count), lon, np.clip(lat, -90, 90), own_m)


def columns(pages):
    named = {
        name: getattr(pages, name)
        for name in ("ids", "lon", "lat", "radius_m", "more", "fill", "box", "reach_m", "key")
    }
    levels = {
        f"{kind} {i}": column for i, level in enumerate(pages.levels) for kind, column in zip("br", level, strict=True)
    }
    return {**named, **levels, "block_of": pages.directory.block_of, "rows": pages.directory.rows}


@pytest.mark.parametrize("count", [0, 1, 3, 4, 300, 20_000])
@pytest.mark.parametrize("radii", [False, True])
def test_both_ways_pack_the_same_table(count, radii, monkeypatch):
    if compiled.kernel is None:
        pytest.skip("no compiled helper here")
    with_helper = columns(packed(crowd(count, radii=radii)))
    monkeypatch.setattr(compiled, "kernel", None)
    for name, column in columns(packed(crowd(count, radii=radii))).items():
        assert np.array_equal(with_helper[name], column), name


@pytest.mark.parametrize("shift", [2, 8])
@pytest.mark.parametrize("count", [0, 1, 700, 3000])
def test_everybody_is_in_the_table_and_in_their_territory(path, shift, count):
    people = crowd(count, radii=count % 3 == 1)
    pages = packed(people, shift)
    check(pages)
    assert not strangers(pages)
    assert sorted(rows_by_id(pages)) == sorted(people.ids.tolist())


def test_an_id_stands_at_several_places_and_ids_may_be_far_apart(path):
    ids = [5, 7, 5, 2**32 - 1, 5, 7, 0]
    pages = packed(People.checked(ids, np.arange(7), np.zeros(7), None), 2)
    check(pages)
    assert rows_by_id(pages)[5] == [(0, 0, 0), (2, 0, 0), (4, 0, 0)]
    assert (pages.layout.recipients, pages.layout.positions) == (4, 7)


def test_a_person_takes_at_most_27_bytes_ids_included(path):
    assert packed(crowd(500_000)).nbytes / 500_000 <= 27


@pytest.mark.parametrize("bits", [COARSE, FINE])
def test_the_helper_walks_the_same_curve(bits):
    if compiled.kernel is None:
        pytest.skip("no compiled helper here")
    people = crowd(50_000)
    assert np.array_equal(compiled_table.keys(compiled.kernel, people, bits), hilbert(people.lon, people.lat, bits))


def test_the_helper_sorts_a_coarse_curve_too():
    """As for more people than fit here: 16 bits a coordinate leave 32 for the row."""
    if compiled.kernel is None:
        pytest.skip("no compiled helper here")
    people, pairs, scratch = crowd(3000), np.zeros(3000, np.uint64), np.zeros(3000, np.uint64)
    at = compiled_table.at
    found = compiled.kernel.lookout_sort(at(people.lon), at(people.lat), 3000, COARSE, at(pairs), at(scratch))
    ordered = pairs if found == at(pairs) else scratch
    assert np.array_equal(ordered >> np.uint64(32), np.sort(hilbert(people.lon, people.lat, COARSE)))
    assert sorted((ordered & np.uint64(2**32 - 1)).tolist()) == list(range(3000))
