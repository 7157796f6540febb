"""The table on disk: as it was, mapped and not changed by what happens after, and refused when it is not whole."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from table_holds import check, rows_by_id

from geo import packing, snapshot
from geo.index import RecipientIndex

WORLD = shapely.box(-180, -90, 180, 90)

pytestmark = pytest.mark.usefixtures("path")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "people.index"


@pytest.fixture
def index(monkeypatch):
    """With everything that a table may have: overflow pages, radii, several places, labels, free pages."""
    monkeypatch.setattr(packing, "SHIFT", 3)
    rng = np.random.default_rng(1)
    index = RecipientIndex.build(np.arange(900), *rng.uniform(-1, 1, (2, 900)), rng.choice([0.0, 50.0], 900), seq=41)
    index.move(np.repeat(np.arange(1000, 1030), 3), *rng.uniform(-1, 1, (2, 90)))
    index.move(np.arange(200), *rng.uniform(0, 0.1, (2, 200)))
    index.remove(np.arange(0, 200, 3))
    index.label(np.arange(900), np.arange(900) % 5)
    return index


def test_a_restored_index_is_the_one_that_was_written(index, file):
    index.snapshot(file)
    restored = RecipientIndex.restore(file)
    check(restored._pages)
    assert rows_by_id(restored._pages) == rows_by_id(index._pages)
    assert restored.seq == 41
    assert len(restored) == len(index)
    assert restored.within(WORLD).tolist() == index.within(WORLD).tolist()
    slots = index._pages.directory.slots(np.arange(1100, dtype=np.uint32))
    assert restored._pages.directory.codes[slots].tolist() == index._pages.directory.codes[slots].tolist()


def test_an_empty_index_is_restored_empty(file):
    RecipientIndex().snapshot(file)
    restored = RecipientIndex.restore(file)
    assert len(restored) == restored.count(WORLD) == restored.seq == 0
    restored.move_one(1, 2.0, 3.0)
    check(restored._pages)


def test_changes_after_restoring_leave_the_file_as_it_is_also_until_the_table_is_packed(index, file):
    index.snapshot(file)
    before, restored = file.read_bytes(), RecipientIndex.restore(file)
    rng = np.random.default_rng(2)
    for start in range(0, 6000, 500):
        restored.move(np.arange(start, start + 500), *rng.uniform(-1, 1, (2, 500)))
        check(restored._pages)
    assert file.read_bytes() == before
    assert len(RecipientIndex.restore(file)) == len(index)


def test_a_file_that_is_replaced_while_mapped_does_no_harm(index, file):
    index.snapshot(file)
    restored = RecipientIndex.restore(file)
    RecipientIndex().snapshot(file)
    assert restored.within(WORLD).tolist() == index.within(WORLD).tolist()


def test_nobody_else_may_read_the_file_and_nothing_else_is_left_behind(index, file):
    index.snapshot(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_a_snapshot_that_cannot_be_finished_leaves_the_older_one(index, file, monkeypatch):
    index.snapshot(file)
    before = file.read_bytes()
    monkeypatch.setattr(snapshot.os, "fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        index.snapshot(file)
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("kept", [0, 10, 30, 5000, snapshot.HEADER, -1])
def test_a_file_that_was_cut_off_is_refused(index, file, kept):
    index.snapshot(file)
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(ValueError, match=r"not a snapshot|header is damaged|bytes instead of"):
        RecipientIndex.restore(file)


def test_a_file_with_any_written_byte_changed_is_refused(index, file):
    index.snapshot(file)
    whole = bytearray(file.read_bytes())
    rng = np.random.default_rng(1)
    written = [*range(200), *rng.choice(np.flatnonzero(np.frombuffer(whole, np.uint8)), 60).tolist()]
    for at in written:
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        with pytest.raises(ValueError, match="index"):
            RecipientIndex.restore(file)


def test_a_file_of_something_else_or_of_another_version_is_refused(index, file, monkeypatch):
    file.write_bytes(b"SQLite format 3\0" * 9000)
    with pytest.raises(ValueError, match="not a snapshot"):
        RecipientIndex.restore(file)
    with monkeypatch.context() as patch:
        patch.setattr(snapshot, "VERSION", 2)
        index.snapshot(file)
    with pytest.raises(ValueError, match="of version 2"):
        RecipientIndex.restore(file)


def test_a_file_that_is_not_there_is_no_snapshot(file):
    with pytest.raises(FileNotFoundError):
        RecipientIndex.restore(file)
