"""A reach counted on the map is the one that the database would tell: for anybody, at any time."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from geo.index import RecipientIndex
from geo.shapes import Shape
from notifiers import eligibility, labels, subscriptions
from notifiers import refusing as refused
from notifiers.combinations import Combinations
from notifiers.eligibility import Audience, Reach
from notifiers.labels import Labels
from notifiers.subscriptions import Enrolment
from notifiers.tables import recipient, subscription
from notifiers.transactions import reading, writing

SQUARE = Shape(shapely.MultiPolygon([shapely.box(-105.5, 39.5, -104.5, 40.5)]))
WAYS = st.tuples(st.sampled_from(["push", "mail", "inbox"]), st.sampled_from(["en", "es", "fr-CA"]), st.booleans())
PEOPLE = st.lists(st.tuples(st.booleans(), st.lists(WAYS, min_size=1, max_size=4)), min_size=1, max_size=12)

CLASSES = st.sampled_from(["abduction", "endangered"])
REFUSING = st.lists(st.sets(CLASSES), max_size=12)
EVERYBODY = Audience(tests_only=False)
AUDIENCES = st.builds(Audience, st.booleans(), st.one_of(st.just(""), CLASSES))


def now():
    return datetime.now(UTC)


@pytest.fixture
def crowd(world):
    """Enrols people (takes part in tests, ways) in the square; their map and labels."""
    index, known = RecipientIndex(), Labels()

    def enrol(people):
        new = [Enrolment("public", test, "", [way(*one) for one in ways]) for test, ways in people]
        with writing(world.engine) as connection:
            done = subscriptions.enrol(connection, new, secret=world.secret, now=now())
        ids = np.array([one.recipient_id for one in done], np.uint32)
        index.move(ids, np.linspace(-105.4, -104.6, len(ids)), np.full(len(ids), 40.0))
        return ids

    def way(channel, language, confirmed):
        return world.subscription(channel, None, language=language, confirmed_at=now() if confirmed else None)

    return index, known, enrol


def counted(world, index, known, audience=EVERYBODY):
    with reading(world.engine) as connection:
        return known.reach(connection, index, SQUARE, audience)


def asked(world, index, audience=EVERYBODY):
    with reading(world.engine) as connection:
        return eligibility.reach(connection, index.within(SQUARE), audience)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=PEOPLE, retired=st.sets(st.integers(0, 30)), audience=AUDIENCES, refusing=REFUSING)
def test_the_count_on_the_map_is_that_of_the_database(world, crowd, people, retired, audience, refusing):
    index, known, enrol = crowd
    ids = enrol(people)
    with writing(world.engine) as connection:
        first = connection.scalar(subscription.select().with_only_columns(subscription.c.id).limit(1))
        subscriptions.retire(connection, [first + one for one in retired], "410", now())
        for number, classes in enumerate(refusing[: len(ids)]):
            refused.write(connection, int(ids[number]), classes)
    known.read(world.engine, index, ids)
    known.read_all(world.engine, index)
    assert counted(world, index, known, audience) == asked(world, index, audience)


def test_nothing_is_counted_before_everybody_was_read(world, crowd):
    index, known, enrol = crowd
    known.read(world.engine, index, enrol([(False, [("push", "en", True)])]))
    assert counted(world, index, known) is None
    known.read_all(world.engine, index)
    assert counted(world, index, known) == Reach(1, {("push", "en"): 1})


def test_labels_of_another_life_on_a_restored_map_count_for_nothing(world, crowd, tmp_path):
    index, known, enrol = crowd
    index.label(enrol([(False, [("push", "en", True)])] * 2), np.array([9, 9], np.uint16))
    index.snapshot(tmp_path / "map")
    restored = RecipientIndex.restore(tmp_path / "map")
    assert counted(world, restored, known) is None
    known.read_all(world.engine, restored)
    assert counted(world, restored, known) == asked(world, restored)


def test_who_came_since_is_not_guessed_but_read(world, crowd):
    index, known, enrol = crowd
    known.read_all(world.engine, index)
    ids = enrol([(False, [("push", "en", True)])])
    assert counted(world, index, known) is None
    known.read(world.engine, index, ids)
    assert counted(world, index, known).recipients == 1


def test_who_left_altogether_is_nobody_to_be_told_even_while_still_on_the_map(world, crowd):
    index, known, enrol = crowd
    ids = enrol([(True, [("push", "en", True), ("inbox", "es", True)])])
    known.read_all(world.engine, index)
    with writing(world.engine) as connection:
        subscriptions.leave(connection, recipient_id=int(ids[0]), now=now())
    known.read(world.engine, index, ids)
    assert counted(world, index, known) == Reach(0)


def test_who_comes_when_every_code_is_given_is_asked_for_by_name(world, crowd, monkeypatch):
    index, known, enrol = crowd
    monkeypatch.setattr(known, "_combinations", Combinations(labels.BEYOND))
    monkeypatch.setattr(known._combinations, "_most", 2)
    enrol([(False, [("push", language, True)]) for language in ("en", "es", "fr", "de", "en")])
    known.read_all(world.engine, index)
    assert counted(world, index, known) == asked(world, index)
    assert len(known._beyond) == 2


def test_an_older_reading_never_overwrites_a_newer_one(world, crowd, monkeypatch):
    """A block is read and put on the map under one lock: a change that is read meanwhile waits, and comes after it."""
    index, known, enrol = crowd
    ids = enrol([(False, [("push", "en", True)])])
    seen, label = threading.Event(), index.label

    def late(*given):
        if not seen.is_set():
            with writing(world.engine) as connection:
                subscriptions.retire(connection, [1], "410", now())
            seen.set()
            threading.Thread(target=known.read, args=(world.engine, index, ids)).start()
        label(*given)

    monkeypatch.setattr(index, "label", late)
    known.read_all(world.engine, index)
    with known._lock:
        pass
    for _ in range(200):
        if counted(world, index, known) == Reach(0):
            break
        threading.Event().wait(0.01)
    assert counted(world, index, known) == Reach(0)


def test_an_enrolment_for_tests_that_changes_is_counted_as_it_is_now(world, crowd):
    index, known, enrol = crowd
    ids = enrol([(False, [("push", "en", True)])])
    known.read_all(world.engine, index)
    with writing(world.engine) as connection:
        connection.execute(update(recipient).values(test=True))
    known.read(world.engine, index, ids)
    assert counted(world, index, known, Audience(tests_only=True)).recipients == 1


def test_a_person_in_two_places_counts_once(world, crowd):
    index, known, enrol = crowd
    ids = enrol([(False, [("push", "en", True)])])
    index.move(np.repeat(ids, 2), np.array([-105.0, -105.1]), np.array([40.0, 40.1]))
    known.read_all(world.engine, index)
    assert counted(world, index, known) == Reach(1, {("push", "en"): 1})


def test_a_reach_is_told_by_channel_and_language():
    reach = Reach(3, {("push", "en"): 2, ("push", "es"): 1, ("inbox", "en"): 3})
    assert (reach.by_channel, reach.by_language) == ({"push": 3, "inbox": 3}, {"en": 5, "es": 1})
    assert reach.by_channel_and_language == {"push": {"en": 2, "es": 1}, "inbox": {"en": 3}}
    assert reach.subscriptions == 6


def test_an_empty_area_reaches_nobody(world, crowd):
    index, known, enrol = crowd
    enrol([(False, [("push", "en", True)])])
    known.read_all(world.engine, index)
    nowhere = Shape(shapely.MultiPolygon([shapely.box(0, 0, 1, 1)]))
    with reading(world.engine) as connection:
        assert known.reach(connection, index, nowhere, EVERYBODY) == Reach(0)
