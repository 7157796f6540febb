"""Where partners' people are, told in bulk: stored block by block, each line for itself, by its own partner alone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from cast import BOTH, DENVER, FAR_AWAY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts import partners
from alerts.errors import TooLarge
from alerts.service import locations, people
from geo import store as positions
from geo import tables as geo_tables
from notifiers import addresses, persons, subscriptions
from notifiers.subscriptions import Enrolment, NewSubscription
from notifiers.tables import batch
from notifiers.transactions import writing

pytestmark = BOTH


@pytest.fixture
def example(house):
    with writing(house.services.engine) as connection:
        return partners.add(connection, "Example", house.clock())


@pytest.fixture
def other(house):
    with writing(house.services.engine) as connection:
        return partners.add(connection, "Other", house.clock())


@pytest.fixture
def enrol(house):
    """People of a partner under these ids, far away."""

    def enrol_them(partner, *own_ids):
        secret, now = addresses.secret(house.services.vault), house.clock()
        inbox = NewSubscription("inbox", {}, "en", "app", "I agree.", now, now)
        them = [
            Enrolment("partner", True, partner.name, [inbox], persons.keyed_hash(secret, partner.name, own_id))
            for own_id in own_ids
        ]
        with writing(house.services.engine) as connection:
            done = subscriptions.enrol(connection, them, secret=secret, now=now)
            rows = [positions.Position(one.recipient_id, *FAR_AWAY) for one in done]
            positions.place(connection, rows, now)
        return [one.recipient_id for one in done]

    return enrol_them


@pytest.fixture
def tell(house, example):
    def tell_lines(*lines, partner=example, **more):
        raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        return locations.take(house.services, partner, b"\n".join(raw), **more)

    return tell_lines


def line(person="u-1", place=DENVER, **more):
    return {"person": person, "lon": place[0], "lat": place[1]} | more


def stored(house, kind="device"):
    return {row.recipient_id: (row.lon, row.lat) for row in house.rows(geo_tables.position) if row.kind == kind}


def counts(report):
    return report.lines, report.stored, report.unchanged, report.rejected


def test_who_is_told_of_is_there_on_the_map_and_in_the_store(house, example, enrol, tell):
    one, two = enrol(example, "u-1", "u-2")
    assert counts(tell(line("u-1"), line("u-2", FAR_AWAY))) == (2, 2, 0, 0)
    assert stored(house) == {one: DENVER, two: FAR_AWAY}
    assert stored(house, "home") == {one: FAR_AWAY, two: FAR_AWAY}
    near = house.services.index.nearest(DENVER, 1)
    assert near.tolist() == [one]


def test_who_comes_into_an_active_area_is_told_once(house, example, enrol, tell, in_force):
    enrol(example, "u-1", "u-2")
    in_force()
    for _ in range(2):
        tell(line("u-1"), line("u-1", FAR_AWAY, kind="followed", number=1))
    assert [row.size for row in house.rows(batch)] == [1]


def test_a_wrong_line_refuses_itself_alone(house, example, enrol, tell):
    enrol(example, "u-1", "u-2")
    report = tell(line("u-1"), b"{", line("u-9"), line("u-2", (200, 0)), line("u-2"))
    assert counts(report) == (5, 2, 0, 3)
    assert [(fault.line, fault.problem.type) for fault in sorted(report.faults, key=lambda one: one.line)] == [
        (2, "json"),
        (3, "person.unknown"),
        (4, "lon.range"),
    ]


def test_on_demand_a_wrong_line_refuses_all(house, example, enrol, tell):
    enrol(example, "u-1")
    for wrong in (b"{", line("u-9")):
        assert counts(tell(line("u-1"), wrong, strict=True)) == (2, 0, 0, 1)
    assert stored(house) == {}
    assert counts(tell(line("u-1"), strict=True)) == (1, 1, 0, 0)


def test_a_partner_means_only_its_own_people(house, example, other, enrol, tell):
    enrol(example, "u-1")
    [theirs] = enrol(other, "u-1")
    tell(line("u-1"))
    assert theirs not in stored(house)
    assert counts(tell(line("u-1"), partner=replace(other, name="Third"))) == (1, 0, 0, 1)
    tell(line("u-1", (1.0, 1.0)), partner=other)
    assert stored(house)[theirs] == (1.0, 1.0)
    assert sorted(stored(house).values()) == [DENVER, (1.0, 1.0)]


def test_who_left_stays_gone_and_the_partner_learns_of_it(house, example, enrol, tell):
    [one] = enrol(example, "u-1")
    people.leave(house.services, one)
    report = tell(line("u-1"))
    assert [fault.problem.type for fault in report.faults] == ["person.left"]
    assert house.rows(geo_tables.position) == []
    assert len(house.services.index) == 0


def test_what_is_older_than_what_is_stored_changes_nothing(house, example, enrol, tell):
    [one] = enrol(example, "u-1")
    now = house.clock()
    tell(line(at=now.isoformat()))
    earlier = (now - timedelta(minutes=5)).isoformat()
    assert counts(tell(line(place=FAR_AWAY, at=earlier))) == (1, 0, 1, 0)
    assert stored(house) == {one: DENVER}


def test_the_same_body_again_changes_nothing(house, example, enrol, tell):
    enrol(example, "u-1", "u-2")
    at = house.clock().isoformat()
    body = [line("u-1", at=at), line("u-2", at=at)]
    assert counts(tell(*body)) == (2, 2, 0, 0)
    before = house.services.index.seq
    rows = house.rows(geo_tables.position)
    assert counts(tell(*body)) == (2, 0, 2, 0)
    assert house.rows(geo_tables.position) == rows
    assert house.services.index.seq == before


def test_of_several_lines_about_a_place_the_newest_counts(house, example, enrol, tell):
    [one] = enrol(example, "u-1")
    now = house.clock()
    times = [(now - timedelta(seconds=age)).isoformat() for age in (10, 5, 20)]
    report = tell(*(line(place=(float(n), 1.0), at=at) for n, at in enumerate(times)))
    assert counts(report) == (3, 1, 2, 0)
    assert stored(house) == {one: (1.0, 1.0)}


def test_blocks_are_one_body(house, example, enrol, tell, monkeypatch):
    monkeypatch.setattr(locations, "BLOCK", 3)
    own_ids = [f"u-{n}" for n in range(10)]
    ids = enrol(example, *own_ids)
    report = tell(*(line(own_id, (n / 10, 2.0)) for n, own_id in enumerate(own_ids)), b"", b"nothing")
    assert counts(report) == (11, 10, 0, 1)
    assert report.faults[0].line == 12
    assert stored(house) == {one: (n / 10, 2.0) for n, one in enumerate(ids)}


def test_more_lines_than_the_limit_are_refused_before_anything_is_stored(house, example, enrol, tell, monkeypatch):
    enrol(example, "u-1")
    monkeypatch.setattr(locations, "MAX_LINES", 2)
    with pytest.raises(TooLarge, match="at most 2 lines"):
        tell(*[line("u-1")] * 4)
    assert stored(house) == {}


EVENT = st.tuples(st.sampled_from(["u-1", "u-2"]), st.integers(0, 5), st.integers(0, 600))  # who, where, seconds ago


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(EVENT, min_size=1, max_size=12, unique_by=lambda one: (one[0], one[2])), cut=st.integers(1, 5))
def test_in_whatever_order_and_bodies_it_comes_the_newest_stays(house, example, enrol, tell, events, cut):
    now = house.clock()
    tag = str(now.timestamp())
    ids = dict(zip(("u-1", "u-2"), enrol(example, tag + "u-1", tag + "u-2"), strict=True))
    lines = [
        line(tag + who, (float(where), 0.0), at=(now - timedelta(seconds=age)).isoformat())
        for who, where, age in events
    ]
    for start in range(0, len(lines), cut):
        tell(*lines[start : start + cut])
    newest = {who: where for who, where, _ in sorted(events, key=lambda one: -one[2])}
    found = stored(house)
    assert {who: found.get(ids[who], (None,))[0] for who in newest} == {who: float(w) for who, w in newest.items()}
