"""Changes in place: where people go, what a table does when it is full or empty, and that each change is whole."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from table_holds import check, rows_by_id, strangers

from geo import index as index_module
from geo import moving, packing
from geo.index import RecipientIndex

WORLD = shapely.box(-180, -90, 180, 90)

pytestmark = pytest.mark.usefixtures("path")


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch):
    monkeypatch.setattr(packing, "SHIFT", 3)


def town(rng, count, lon, lat):
    return lon + rng.uniform(-0.1, 0.1, count), lat + rng.uniform(-0.1, 0.1, count)


def widths(pages):
    west, south, east, north = pages.box[pages.fill > 0].T
    return (east - west + north - south).sum()


def test_when_all_of_two_towns_change_places_no_page_reaches_from_one_to_the_other(monkeypatch):
    monkeypatch.setattr(packing, "SHIFT", 7)
    rng = np.random.default_rng(1)
    here, there = town(rng, 10_000, 3, 3), town(rng, 10_000, 23, 23)
    index = RecipientIndex.build(np.arange(20_000), *np.concatenate([here, there], axis=1))
    pages = index._pages
    for some in np.array_split(rng.permutation(20_000), 20):
        back = np.where(some < 10_000, 23.0, 3.0)
        index.move(some, *(side + rng.uniform(-0.1, 0.1, len(some)) for side in (back, back)))
    assert index._pages is pages
    check(pages)
    wide = (pages.fill > 0) & (pages.box[:, 2] - pages.box[:, 0] > 1)
    assert len(np.unique(pages.home[wide])) <= 1  # of those who stood at the border between the towns


def test_a_full_territory_leans_on_its_neighbours_before_it_takes_another_page(path, monkeypatch):
    if path == "numpy":
        pytest.skip("only the helper leans")
    monkeypatch.setattr(packing, "SHIFT", 7)
    rng = np.random.default_rng(1)
    index = RecipientIndex.build(np.arange(30_000), *town(rng, 30_000, 3, 3), np.full(30_000, 5.0))
    pages, wide = index._pages, widths(index._pages)
    for some in np.array_split(rng.permutation(30_000), 15):
        index.move(some, *town(rng, len(some), 3, 3), np.full(len(some), 7.0))
    assert index._pages is pages
    check(pages)
    assert pages.used - pages.layout.spare <= 1.02 * pages.primary
    assert widths(pages) <= 1.1 * wide
    assert strangers(pages).total() < 100  # who happened to stay in the box of their page


def test_a_crowd_in_one_place_spreads_over_the_pages_of_that_place(path):
    """All keys are equal: borders between territories coincide, and whoever comes finds room on any of them."""
    index = RecipientIndex.build(np.arange(500), np.full(500, 1.0), np.full(500, 2.0))
    for _ in range(4):
        index.move(np.arange(100), np.full(100, 8.0), np.full(100, 9.0))
        index.move(np.arange(100), np.full(100, 1.0), np.full(100, 2.0))
        check(index._pages)
    assert rows_by_id(index._pages) == {one: [(1.0, 2.0, 0.0)] for one in range(500)}


def test_who_stays_near_is_written_over_and_takes_no_page():
    rng = np.random.default_rng(1)
    lon, lat = town(rng, 3000, 0, 0)
    index = RecipientIndex.build(np.arange(3000), lon, lat)
    used, where = index._pages.used, index._pages.directory.rows.copy()
    for _ in range(5):
        index.move(np.arange(3000), lon, lat)
    assert index._pages.used == used
    assert np.array_equal(index._pages.directory.rows, where)


def test_a_full_table_is_packed_afresh_and_nobody_is_lost():
    rng = np.random.default_rng(1)
    index = RecipientIndex.build(np.arange(500), *town(rng, 500, 0, 0), np.full(500, 3.0))
    index.label([3, 700], [9, 8])
    first = index._pages
    for start in range(500, 5000, 100):
        index.move(np.arange(start, start + 100), *town(rng, 100, 50, 50))
    assert index._pages is not first
    check(index._pages)
    assert sorted(rows_by_id(index._pages)) == list(range(5000))
    assert index._pages.directory.codes[index._pages.directory.slots(np.array([3, 700, 4]))].tolist() == [9, 8, 0]


def test_single_moves_fill_a_table_and_have_it_packed_too():
    index = RecipientIndex()
    for one in range(400):
        index.move_one(one, one % 7, one % 5, one % 3)
    check(index._pages)
    assert rows_by_id(index._pages) == {one: [(one % 7, one % 5, one % 3)] for one in range(400)}


def test_a_table_that_became_mostly_empty_is_packed_afresh():
    index = RecipientIndex.build(np.arange(1000), np.zeros(1000), np.zeros(1000))
    index.remove(np.arange(100, 1000))
    assert index._pages.used < 20
    index.remove(np.arange(100))
    index.remove(np.arange(100))
    assert len(index) == index.count(WORLD) == index._pages.layout.positions == 0
    check(index._pages)


def test_overflow_pages_that_became_empty_are_used_again():
    rng = np.random.default_rng(1)
    index = RecipientIndex.build(np.arange(4000), *town(rng, 4000, 0, 0))
    pages, used = index._pages, []
    for where in (5, -5) * 6:
        index.move(np.arange(300), *town(rng, 300, where, where))
        used.append(pages.used)
    assert index._pages is pages
    assert used[-1] <= used[1] + 2
    check(pages)


def test_a_packing_that_fails_leaves_a_table_that_goes_on(monkeypatch):
    index = RecipientIndex.build(np.arange(50), np.zeros(50), np.zeros(50))
    with monkeypatch.context() as patch:
        patch.setattr(moving, "packed", lambda *_: (_ for _ in ()).throw(MemoryError))
        with pytest.raises(MemoryError):
            index.move(np.arange(1000, 2000), np.ones(1000), np.zeros(1000))
    check(index._pages)
    index.move_one(3, 1.0, 1.0)
    index.move(np.arange(1000, 2000), np.ones(1000), np.zeros(1000))
    check(index._pages)
    assert len(index) == index.count(WORLD) == 1050


def test_the_places_of_one_person_are_never_split_between_turns(monkeypatch):
    monkeypatch.setattr(index_module, "TURN", 2)
    index = RecipientIndex.build(np.arange(30), np.zeros(30), np.zeros(30))
    seen, turn = [], index._turn

    def noting():
        seen.append({one: len(places) for one, places in rows_by_id(index._pages).items()})
        return turn()

    monkeypatch.setattr(index, "_turn", noting)
    index.move(np.repeat(np.arange(30), 5), np.arange(150) % 5, np.arange(150) % 7)
    assert len(seen) > 5
    assert {count for places in seen for count in places.values()} == {1, 5}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ((1, float("nan"), 0), "finite longitude"),
        ((1, 0, 91), "latitude"),
        ((1, 0, 0, -1), "at least 0"),
        ((1, 0, 0, float("inf")), "at least 0"),
        ((-1, 0, 0), "an id must be"),
        ((2**32, 0, 0), "an id must be"),
        ((1.5, 0, 0), "whole numbers"),
    ],
)
def test_a_single_move_that_is_no_position_is_refused(row, why):
    index = RecipientIndex.build([1], [1], [1])
    with pytest.raises(ValueError, match=why):
        index.move_one(*row)
    assert rows_by_id(index._pages) == {1: [(1, 1, 0)]}


def test_a_single_move_wraps_and_knows_new_people_radii_and_several_places():
    index = RecipientIndex.build([1, 1], [1, 2], [1, 2])
    index.move_one(1, 190.0, 5.0)
    index.move_one(np.uint32(9), np.float64(3.0), 4)
    index.move_one(70_000, 3.0, 4.0, 5.0)
    assert rows_by_id(index._pages) == {1: [(-170.0, 5.0, 0.0)], 9: [(3.0, 4.0, 0.0)], 70_000: [(3.0, 4.0, 5.0)]}


@pytest.mark.parametrize(
    ("ids", "codes", "why"),
    [
        ([1], [2**16], "label must be"),
        ([1], [-1], "label must be"),
        ([1, 2], [1], "one length"),
        ([1], [0.5], "one length"),
    ],
)
def test_labels_that_are_none_are_refused(ids, codes, why):
    with pytest.raises(ValueError, match=why):
        RecipientIndex().label(ids, codes)
