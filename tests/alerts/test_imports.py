"""A roll into the store: people with positions, refused addresses in the report."""

from __future__ import annotations

import io

from alerts import imports, roll
from geo import store as positions
from notifiers import addresses, subscriptions
from notifiers.tables import recipient, subscription
from notifiers.transactions import reading, writing

HEADER = "person,lon,lat,channel,email,consent_how,consented_at,consent_words\n"
ANA = "1,-121.5,38.6,email,ana@example.org,web form,2026-01-02T03:04:05+01:00,Yes please\n"
BEN = "2,-121.6,38.7,email,ben@example.org,web form,2026-01-02T03:04:05+01:00,Yes please\n"


def enrol(house, text):
    services = house.services
    rows = roll.read(io.StringIO(text), services.clock())
    secret = addresses.secret(services.vault)
    return imports.enrol(services.engine, rows, partner="Example", secret=secret, now=services.clock())


def test_people_are_enrolled_with_position_and_consent(house):
    report = enrol(house, HEADER + ANA + BEN)
    assert (report.people, report.subscriptions, report.rejected) == (2, 2, [])
    assert [row.consent_words for row in house.rows(subscription)] == ["Yes please"] * 2
    with reading(house.services.engine) as connection:
        assert positions.load_all(connection).lon.tolist() == [-121.5, -121.6]


def test_an_address_that_is_known_or_came_twice_is_rejected_with_its_line(house):
    enrol(house, HEADER + ANA)
    report = enrol(house, HEADER + ANA + BEN)
    assert report.people == 1
    assert report.rejected == [roll.Rejected(2, ("this address is enrolled already",))]


def test_who_left_stays_gone_whatever_is_imported(house):
    enrol(house, HEADER + ANA)
    [row] = house.rows(recipient)
    with writing(house.services.engine) as connection:
        subscriptions.leave(connection, recipient_id=row.id, now=house.clock())
    report = enrol(house, HEADER + ANA)
    assert report.people == 0
    assert report.rejected == [roll.Rejected(2, ("this address left, and stays gone",))]
    assert house.rows(recipient) == []
