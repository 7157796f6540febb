"""A roll into the store: people with positions, refused addresses in the report, and nobody twice."""

from __future__ import annotations

import io

import pytest

from alerts import imports, roll, roll_csv
from geo import store as positions
from geo import tables as geo_tables
from notifiers import addresses, subscriptions
from notifiers.tables import recipient, subscription
from notifiers.transactions import reading, writing

HEADER = "person,lon,lat,kind,channel,email,consent_how,consented_at,consent_words\n"
ANA = "1,-121.5,38.6,,email,ana@example.org,web form,2026-01-02T03:04:05+01:00,Yes please\n"
BEN = "2,-121.6,38.7,,email,ben@example.org,web form,2026-01-02T03:04:05+01:00,Yes please\n"


@pytest.fixture
def enrol(house):
    def enrol_text(text, partner="Example", **more):
        services = house.services
        rows = roll.people(roll_csv.read(io.StringIO(text)), services.clock())
        secret = addresses.secret(services.vault)
        return imports.enrol(services.engine, rows, partner=partner, secret=secret, now=services.clock(), **more)

    return enrol_text


def counts(report):
    return report.people, report.updated, report.subscriptions, len(report.rejected)


def test_people_are_enrolled_with_position_and_consent(house, enrol):
    assert counts(enrol(HEADER + ANA + BEN)) == (2, 0, 2, 0)
    assert [row.consent_words for row in house.rows(subscription)] == ["Yes please"] * 2
    with reading(house.services.engine) as connection:
        assert positions.load_all(connection).lon.tolist() == [-121.5, -121.6]


def test_the_same_roll_again_doubles_nobody(house, enrol):
    enrol(HEADER + ANA + BEN)
    assert counts(enrol(HEADER + ANA + BEN)) == (0, 2, 0, 0)
    assert len(house.rows(recipient)) == len(house.rows(subscription)) == len(house.rows(geo_tables.position)) == 2


def test_who_comes_again_is_where_the_new_roll_says_and_has_what_it_adds(house, enrol):
    enrol(HEADER + ANA)
    moved = ANA.replace("-121.5", "-100")
    inbox = moved.replace("email,ana@example.org", "inbox,")
    follows = moved.replace("38.6,,", "38.6,device,")
    assert counts(enrol(HEADER + moved + inbox + follows)) == (0, 1, 1, 0)
    assert {(row.kind, row.lon) for row in house.rows(geo_tables.position)} == {("home", -100.0), ("device", -100.0)}
    assert sorted(row.channel for row in house.rows(subscription)) == ["email", "inbox"]


def test_rows_of_a_person_that_stand_apart_are_one_person(house, enrol):
    report = enrol(HEADER + ANA + BEN + ANA.replace("email,ana@example.org", "inbox,"))
    assert counts(report) == (2, 0, 3, 0)
    assert len(house.rows(recipient)) == 2


def test_another_persons_address_is_rejected_with_its_line(house, enrol):
    enrol(HEADER + ANA)
    report = enrol(HEADER + BEN + ANA.replace("1,", "3,", 1))
    assert counts(report) == (1, 0, 1, 1)
    assert report.rejected == [roll.Rejected(3, ("this address is enrolled already, for another person",))]


def test_the_same_id_of_another_partner_is_another_person(house, enrol):
    enrol(HEADER + ANA)
    assert counts(enrol(HEADER + BEN.replace("2,", "1,", 1), partner="Other")) == (1, 0, 1, 0)
    assert len(house.rows(recipient)) == 2


@pytest.mark.parametrize("again", [ANA, ANA.replace("email,ana@example.org", "inbox,")])
def test_who_left_stays_gone_whatever_is_imported(house, enrol, again):
    enrol(HEADER + ANA)
    [row] = house.rows(recipient)
    with writing(house.services.engine) as connection:
        subscriptions.leave(connection, recipient_id=row.id, now=house.clock())
        positions.forget(connection, [row.id])
    report = enrol(HEADER + again)
    assert report.people == report.updated == 0
    assert report.rejected == [roll.Rejected(2, ("this person left, and stays gone",))]
    assert house.rows(recipient) == house.rows(geo_tables.position) == []


def test_an_address_that_left_stays_gone_under_another_id(house, enrol):
    enrol(HEADER + ANA)
    [row] = house.rows(recipient)
    with writing(house.services.engine) as connection:
        subscriptions.leave(connection, recipient_id=row.id, now=house.clock())
    report = enrol(HEADER + ANA.replace("1,", "9,", 1))
    assert report.rejected == [roll.Rejected(2, ("this address left, and stays gone",))]


def test_blocks_are_one_roll(house, enrol, monkeypatch):
    monkeypatch.setattr(imports, "BLOCK", 3)
    rows = [ANA.replace("1,", f"{n},", 1).replace("ana@", f"ana{n}@") for n in range(10)]
    told = []
    report = enrol(HEADER + "".join(rows + rows[:1]), progress=lambda so_far: told.append(so_far.people))
    assert counts(report) == (10, 1, 10, 0)
    assert told == [3, 6, 9, 10]


def test_how_far_it_came_is_known_when_the_file_breaks_off(enrol, monkeypatch):
    monkeypatch.setattr(imports, "BLOCK", 1)
    so_far = imports.Report()
    with pytest.raises(roll.NotARoll):
        enrol(HEADER + ANA + BEN + ANA.replace("Yes", '"Yes'), report=so_far)
    assert so_far.people == 1
