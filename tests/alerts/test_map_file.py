"""A server starts from its file of the map only if the file tells this very store's own past."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text, update

from alerts.database import make_engine
from alerts.map_file import MapFile, build
from alerts.tables import map_file
from geo import RecipientIndex
from geo import store as positions
from geo.tables import position_sequence
from notifiers.transactions import reading, writing

PEOPLE = 500
LOCK = threading.Lock()


def put(engine: Engine, ids, seed: int = 1) -> None:
    rng = random.Random(seed)
    with writing(engine) as connection:
        rows = [positions.Position(one, rng.uniform(-106, -104), rng.uniform(39, 41), 0.0) for one in ids]
        positions.place(connection, rows, datetime.now(UTC))


def forget(engine: Engine, ids) -> None:
    with writing(engine) as connection:
        positions.forget(connection, list(ids))


def places(index: RecipientIndex) -> set[tuple[int, float, float]]:
    pages = index._pages
    rows = [
        slice(page << pages.layout.shift, (page << pages.layout.shift) + fill) for page, fill in enumerate(pages.fill)
    ]
    return {
        place
        for at in rows
        for place in zip(pages.ids[at].tolist(), pages.lon[at].tolist(), pages.lat[at].tolist(), strict=True)
    }


def caught_up(engine: Engine, index: RecipientIndex) -> RecipientIndex:
    with reading(engine) as connection:
        changed = positions.changes_since(connection, index.seq)
    index.remove(changed.removed)
    index.move(changed.ids, changed.lon, changed.lat, changed.radius_m)
    index.seq = changed.seq
    return index


@pytest.fixture
def folder(tmp_path, empty_database) -> Path:
    shutil.copy(empty_database, tmp_path / "lookout.db")
    return tmp_path


@pytest.fixture
def engine(folder):
    engine = make_engine(f"sqlite:///{folder}/lookout.db")
    put(engine, range(1, PEOPLE + 1))
    yield engine
    engine.dispose()


def kept(engine: Engine, folder: Path, **changes) -> MapFile:
    return MapFile(engine, folder, **({"leavers_s": 60.0, "least": 1} | changes))


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if "people-" in path.name)


def copied(engine: Engine, folder: Path) -> None:
    """As a backup has it: closed, so that all of it stands in the one file."""
    engine.dispose()
    shutil.copy(folder / "lookout.db", folder / "copy.db")


def saved(engine: Engine, folder: Path) -> MapFile:
    file = kept(engine, folder)
    file.save(file.load(), LOCK)
    assert len(files(folder)) == 1
    return file


def test_the_next_start_has_the_file_and_then_what_changed_meanwhile(engine, folder):
    saved(engine, folder)
    put(engine, [1, 2, PEOPLE + 1], seed=2)
    forget(engine, [3])
    index = kept(engine, folder).load()
    assert index.seq < build(engine).seq
    assert len(index) == PEOPLE
    assert places(caught_up(engine, index)) == places(build(engine))


def test_an_older_copy_of_the_database_does_not_know_the_file(engine, folder):
    copied(engine, folder)
    put(engine, [7], seed=9)
    saved(engine, folder)
    copy = make_engine(f"sqlite:///{folder}/copy.db")
    put(copy, range(8, 20), seed=3)
    put(copy, range(8, 20), seed=4)  # by now its sequence is beyond the file's
    assert places(kept(copy, folder).load()) == places(build(copy))
    assert files(folder) == []


def test_a_copy_that_knows_the_file_and_went_on_by_itself_is_caught_up_rightly(engine, folder):
    saved(engine, folder)
    copied(engine, folder)
    put(engine, range(1, 50), seed=5)
    copy = make_engine(f"sqlite:///{folder}/copy.db")
    forget(copy, range(1, 30))
    put(copy, range(30, 90), seed=6)
    index = kept(copy, folder).load()
    assert index.seq < build(copy).seq
    assert places(caught_up(copy, index)) == places(build(copy))


def test_another_database_in_the_same_directory_builds_its_own_map(engine, folder, empty_database):
    saved(engine, folder)
    shutil.copy(empty_database, folder / "other.db")
    other = make_engine(f"sqlite:///{folder}/other.db")
    put(other, range(1, 4), seed=7)
    assert len(kept(other, folder).load()) == 3


@pytest.mark.parametrize("harm", ["cut", "flip", "empty", "gone"])
def test_a_damaged_file_is_not_used(engine, folder, harm):
    saved(engine, folder)
    path = folder / files(folder)[0]
    content = path.read_bytes()
    half = len(content) // 2
    wrong = {"cut": content[:half], "flip": content[:65_600] + b"\xff\xfe" + content[65_602:], "empty": b""}
    path.unlink() if harm == "gone" else path.write_bytes(wrong[harm])
    index = kept(engine, folder).load()
    assert index.seq == build(engine).seq
    assert places(index) == places(build(engine))
    assert files(folder) == []


def test_a_store_that_went_back_is_not_believed_to_be_the_files(engine, folder):
    saved(engine, folder)
    with writing(engine) as connection:
        connection.execute(update(position_sequence).values(seq=0))
    assert kept(engine, folder).load().seq == 0


def test_two_servers_on_one_directory_keep_a_file_each_and_start_from_the_newest(engine, folder):
    first, second = saved(engine, folder), kept(engine, folder)
    put(engine, [5], seed=8)
    second.save(build(engine), LOCK)
    assert len(files(folder)) == 2
    put(engine, [6], seed=8)
    first.save(build(engine), LOCK)
    assert len(files(folder)) == 2
    assert kept(engine, folder).load().seq == build(engine).seq


def test_who_left_is_not_in_the_file_for_longer_than_was_said(engine, folder):
    file = saved(engine, folder)
    forget(engine, [11])
    index, now_s = build(engine), time.monotonic()
    file.look(index, LOCK, busy=False, now_s=now_s + 59)
    assert 11 in RecipientIndex.restore(folder / files(folder)[0]).within(everywhere())
    file.look(index, LOCK, busy=False, now_s=now_s + 61)
    assert 11 not in RecipientIndex.restore(folder / files(folder)[0]).within(everywhere())


def test_while_an_alert_is_active_the_file_is_removed_rather_than_written(engine, folder):
    file = saved(engine, folder)
    forget(engine, [11])
    file.look(build(engine), LOCK, busy=True, now_s=time.monotonic() + 61)
    assert files(folder) == []
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(map_file)) == 0


def test_a_file_of_a_day_ago_is_too_old_for_leavers_at_once(engine, folder):
    saved(engine, folder)
    with writing(engine) as connection:
        day = 86_400 * 1_000_000
        connection.execute(text(f"UPDATE map_file SET written_at = written_at - {day}"))
    forget(engine, [11])
    again = kept(engine, folder)
    index = caught_up(engine, again.load())
    again.look(index, LOCK, busy=False, now_s=time.monotonic())
    assert 11 not in RecipientIndex.restore(folder / files(folder)[0]).within(everywhere())


def test_few_people_are_kept_in_no_file(engine, folder):
    file = kept(engine, folder, least=PEOPLE + 1)
    file.save(file.load(), LOCK)
    file.look(build(engine), LOCK, busy=False, now_s=time.monotonic() + 1_000)
    assert files(folder) == []


def test_a_file_that_cannot_be_written_costs_only_time(engine, folder, tmp_path):
    file = MapFile(engine, tmp_path / "not there", leavers_s=60.0, least=1)
    file.save(build(engine), LOCK)
    assert places(kept(engine, folder).load()) == places(build(engine))


def test_changes_wait_for_no_disk_while_the_file_is_written(engine, folder, monkeypatch):
    file, index, free = kept(engine, folder), build(engine), []
    sync = os.fsync

    def slow_disk(number):
        free.append(LOCK.acquire(timeout=2))
        index.move_one(1, 0.0, 0.0)
        LOCK.release()
        sync(number)

    monkeypatch.setattr(os, "fsync", slow_disk)
    file.save(index, LOCK)
    assert free[0]
    assert all(free)


def test_a_file_of_a_server_that_never_came_back_is_removed_as_well(engine, folder):
    saved(engine, folder)  # by one that is gone
    put(engine, [5], seed=8)
    newer = kept(engine, folder)
    newer.save(build(engine), LOCK)
    forget(engine, [11])
    index, now_s = caught_up(engine, build(engine)), time.monotonic()
    newer.look(index, LOCK, busy=False, now_s=now_s + 61)
    assert len(files(folder)) == 1
    assert 11 not in RecipientIndex.restore(folder / files(folder)[0]).within(everywhere())


def test_a_server_whose_file_another_took_writes_its_own_again(engine, folder):
    first = saved(engine, folder)
    second = kept(engine, folder)
    index = second.load()
    put(engine, [5], seed=8)
    second.save(caught_up(engine, index), LOCK)
    first.look(build(engine), LOCK, busy=False, now_s=time.monotonic())
    assert len(files(folder)) == 2


def test_killed_at_any_moment_of_writing_the_next_start_is_right(engine, folder):
    for number in range(4):
        command = [sys.executable, "-c", WRITING, str(engine.url), str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            time.sleep(0.05 + 0.037 * number)
            process.send_signal(signal.SIGKILL)
        assert places(kept(engine, folder).load()) == places(build(engine))
        assert not list(folder.glob(".people-*"))


WRITING = """
import sys, threading
from pathlib import Path
from alerts.database import make_engine
from alerts.map_file import MapFile, build
engine = make_engine(sys.argv[1])
print(flush=True)
while True:
    file = MapFile(engine, Path(sys.argv[2]), leavers_s=60.0, least=1)
    file.save(build(engine), threading.Lock())
"""


def everywhere():
    import shapely

    return shapely.box(-180, -90, 180, 90)
