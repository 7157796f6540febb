"""A large demo's people are kept for the next one, and nothing else of it is."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

import numpy as np
import pytest

from alerts.demo import people, settling, warm, world
from alerts.outfit import prepare
from alerts.settings import Settings
from geo.shapes import from_circle
from notifiers.transactions import writing

AREA = from_circle(-104.99, 39.74, 9_000.0)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def settled(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    settings = Settings(data=tmp_path / "first", sandbox_push_port=28_431)
    engine = prepare(settings)
    drawn = people.draw(AREA, 300, np.random.default_rng(1))
    roll = settling._enrol(settings, engine, drawn, NOW)
    before = warm.snapshot(settings)
    with writing(engine) as connection:
        world.found(connection, world.jurisdiction_around(AREA), AREA, NOW, 60)
    engine.dispose()
    warm.keep(before, settings, AREA, drawn, roll)
    before.close()
    return drawn, roll


def count(database, table: str) -> int:
    with sqlite3.connect(database) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_the_next_demo_finds_the_same_people_without_the_cast(settled, tmp_path):
    drawn, roll = settled
    kept = warm.find(AREA, 300)
    (tmp_path / "second").mkdir()
    kept.restore(tmp_path / "second")
    again, behind = kept.load()
    database = tmp_path / "second" / "lookout.db"
    assert count(database, "recipient") == drawn.consent.sum() == again.consent.sum()
    assert count(database, "agency") == count(database, "credential") == 0
    assert (kept.push_port, behind.rows, behind.tokens) == (28_431, roll.rows, roll.tokens)


def test_other_people_are_not_found(settled):
    assert warm.find(AREA, 301) is None
    assert warm.find(from_circle(-104.99, 39.74, 9_001.0), 300) is None
