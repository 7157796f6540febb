"""Readers beside writers: whatever moves, everybody is seen once, every time."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
import shapely
from table_holds import check

from geo import index as index_module
from geo import packing
from geo.index import RecipientIndex
from geo.shapes import Circle, Shape

COUNT = 600


@pytest.fixture(autouse=True)
def _small_pages_and_turns(monkeypatch):
    monkeypatch.setattr(packing, "SHIFT", 3)
    monkeypatch.setattr(index_module, "TURN", 16)


def in_bulk(index, rng):
    some = rng.permutation(COUNT)[: 1 + rng.integers(60)]
    index.move(some, *rng.uniform(-1, 1, (2, len(some))))


def at_several_places(index, rng):
    some = np.repeat(rng.permutation(COUNT)[:20], rng.integers(1, 4))
    index.move(some, *rng.uniform(-1, 1, (2, len(some))))


def singly(index, rng):
    for one in rng.permutation(COUNT)[:10].tolist():
        index.move_one(one, *rng.uniform(-1, 1, 2).tolist())


def with_others_who_come_and_go(index, rng):
    """So many that the table is packed afresh, larger and smaller."""
    others = np.arange(COUNT, 5 * COUNT)
    index.move(others, *rng.uniform(5, 6, (2, len(others))))
    index.remove(others)


@pytest.mark.parametrize("change", [in_bulk, at_several_places, singly, with_others_who_come_and_go])
def test_readers_see_everybody_once_while_all_move(path, change):
    """Everybody only ever moves inside the areas; each reader must count all of them every time."""
    rng = np.random.default_rng(1)
    index = RecipientIndex.build(np.arange(COUNT), *rng.uniform(-1, 1, (2, COUNT)))
    areas = [shapely.box(-1, -1, 1, 1), Shape(circles=(Circle(0, 0, 160_000),))]
    over, wrong, asked = threading.Event(), [], [0, 0]

    def read(number):
        try:
            while not over.is_set():
                asked[number] += 1
                ids = index.within(areas[number]).tolist()
                if sorted(ids) != list(range(COUNT)):
                    wrong.append(ids)
        except BaseException as failed:
            wrong.append(failed)
            raise

    readers = [threading.Thread(target=read, args=(number,)) for number in range(2)]
    for reader in readers:
        reader.start()
    while min(asked) < 25 and not wrong:
        change(index, rng)
    over.set()
    for reader in readers:
        reader.join()
    assert not wrong


def test_writers_in_several_threads_do_not_undo_each_other(path):
    """Each thread has people of its own; in the end all are where their thread last put them."""
    index = RecipientIndex()

    def write(number):
        rng, mine = np.random.default_rng(number), np.arange(number, 400, 4)
        for _ in range(15):
            index.move(mine, *rng.uniform(-1, 1, (2, len(mine))))
            index.remove(mine[::3])
            for one in mine.tolist():
                index.move_one(one, float(number * 10), float(one % 90))

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    for number in range(4):
        found = index.within(shapely.box(number * 10 - 1, -1, number * 10 + 1, 90))
        assert sorted(found.tolist()) == list(range(number, 400, 4))


def test_whoever_waits_for_the_lock_is_next(monkeypatch):
    """A change of many takes a turn at a time: a question is answered after one of them, not after all."""
    index = RecipientIndex.build(np.arange(COUNT), np.zeros(COUNT), np.zeros(COUNT))
    step, counts, area = index_module.step, [], shapely.box(0.5, 0.5, 2, 2)

    def slow_step(*args):
        time.sleep(0.003)
        return step(*args)

    monkeypatch.setattr(index_module, "step", slow_step)
    writer = threading.Thread(target=index.move, args=(np.arange(COUNT), np.ones(COUNT), np.ones(COUNT)))
    writer.start()
    while writer.is_alive():
        counts.append(index.count(area))
    turns = COUNT // index_module.TURN
    assert len(set(counts)) > turns / 2


def test_a_snapshot_written_while_all_move_singly_is_whole(path, tmp_path):
    index, over = RecipientIndex.build(np.arange(COUNT), np.zeros(COUNT), np.zeros(COUNT)), threading.Event()

    def write():
        rng = np.random.default_rng(1)
        while not over.is_set():
            singly(index, rng)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(10):
            index.snapshot(tmp_path / "index")
            restored = RecipientIndex.restore(tmp_path / "index")
            check(restored._pages)
            assert len(restored) == COUNT
    finally:
        over.set()
        for writer in writers:
            writer.join()
