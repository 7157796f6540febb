"""A large demo's people are kept for the next one, and nothing else of it is."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime

import numpy as np
import pytest

from alerts.demo import people, settling, warm
from alerts.outfit import prepare
from alerts.settings import Settings
from geo.shapes import from_circle

AREA = from_circle(-104.99, 39.74, 9_000.0)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def drawn(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    some = people.draw(AREA, 300, np.random.default_rng(1))
    warm.keep(AREA, some, 28_431, NOW)
    return some


def count(database, table: str) -> int:
    with sqlite3.connect(database) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_the_next_demo_finds_the_same_people_without_a_cast(drawn, tmp_path):
    kept = warm.find(AREA, 300)
    (tmp_path / "second").mkdir()
    kept.restore(tmp_path / "second")
    again, roll = kept.load()
    database = tmp_path / "second" / "lookout.db"
    assert (kept.push_port, again.lon.tolist()) == (28_431, drawn.lon.tolist())
    assert count(database, "recipient") == drawn.consent.sum()
    assert count(database, "subscription") == roll.subscriptions == sum(map(len, roll.rows.values()))
    assert count(database, "agency") == count(database, "credential") == 0


def test_a_demo_that_finds_them_makes_only_the_cast(drawn, tmp_path):
    settings, kept = Settings(data=tmp_path / "second"), warm.find(AREA, 300)
    settings.data.mkdir()
    kept.restore(settings.data)
    engine = prepare(settings)
    settled = settling.settle(settings, engine, AREA, 300, NOW, kept)
    settled.complete()
    engine.dispose()
    assert count(settings.data / "lookout.db", "recipient") == drawn.consent.sum()
    assert count(settings.data / "lookout.db", "agency") == 2


def test_those_near_the_alert_are_there_at_once_and_the_others_in_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(settling._Later, "start", lambda later: None)
    settings = Settings(data=tmp_path / "first")
    engine = prepare(settings)
    settled = settling.settle(settings, engine, AREA, 300, NOW, None)
    close = settled.people.close & settled.people.consent
    assert 0 < count(settings.data / "lookout.db", "recipient") == close.sum()
    later = settled.complete.__self__
    threading.Thread.start(later)
    later.complete()
    engine.dispose()
    assert count(settings.data / "lookout.db", "recipient") == settled.people.consent.sum()


def test_other_people_are_not_found(drawn):
    assert warm.find(AREA, 301) is None
    assert warm.find(from_circle(-104.99, 39.74, 9_001.0), 300) is None
