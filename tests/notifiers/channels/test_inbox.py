from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, delete, event, insert, select

from notifiers.channels.inbox import Inbox
from notifiers.model import Result, Subscription
from notifiers.tables import inbox, metadata, notice, recipient, subscription

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
PEOPLE = [Subscription(10 + number, number, "inbox", "inbox", {}) for number in (1, 2, 3)]


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    event.listen(engine, "connect", lambda driver, _: driver.execute("PRAGMA foreign_keys = ON"))
    with engine.begin() as connection:
        metadata.create_all(connection)
        for person in PEOPLE:
            enrol(connection, person)
        told = {"kind": "alert", "status": "Test", "state": "planned", "area_digest": "", "reach": 3, "sealed": b""}
        times = {"expires_at": NOW, "approved_at": NOW}
        connection.execute(
            insert(notice).values(id=7, incident_id=1, incident="i", version=1, number=1, **told, **times)
        )
        yield connection


def enrol(connection, person):
    connection.execute(
        insert(recipient).values(
            id=person.recipient_id,
            public_id=str(person.id),
            token_hash=b"",
            kind="partner",
            test=True,
            created_at=NOW,
        )
    )
    consent = {"consent_how": "h", "consent_words": "w", "consented_at": NOW, "language": "en"}
    place = {"channel": "inbox", "origin": "inbox", "address": "{}", "address_hash": b"%d" % person.id}
    connection.execute(insert(subscription).values(id=person.id, recipient_id=person.recipient_id, **place, **consent))


def rows(connection):
    columns = (inbox.c.recipient_id, inbox.c.subscription_id, inbox.c.notice_id, inbox.c.arrived_at)
    return [tuple(row) for row in connection.execute(select(*columns).order_by(inbox.c.id))]


async def test_a_send_is_done_at_once():
    channel = Inbox()
    assert (await channel.send(await channel.prepare(None, PEOPLE), PEOPLE[0])).result is Result.SENT


def test_what_is_recorded_as_sent_lies_in_the_inbox(connection):
    Inbox().settle(connection, 7, PEOPLE, NOW)
    assert rows(connection) == [(1, 11, 7, NOW), (2, 12, 7, NOW), (3, 13, 7, NOW)]


def test_a_repeat_adds_nothing(connection):
    Inbox().settle(connection, 7, PEOPLE[:2], NOW)
    Inbox().settle(connection, 7, PEOPLE, NOW.replace(hour=13))
    assert [row[3].hour for row in rows(connection)] == [12, 12, 13]


def test_whoever_left_meanwhile_gets_no_row_and_breaks_nothing(connection):
    connection.execute(delete(recipient).where(recipient.c.id == 2))
    Inbox().settle(connection, 7, PEOPLE, NOW)
    assert [row[0] for row in rows(connection)] == [1, 3]


def test_nobody_sent_is_nothing_written(connection):
    Inbox().settle(connection, 7, [], NOW)
    assert rows(connection) == []
