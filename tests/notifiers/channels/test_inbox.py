from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, delete, event, insert, select

from channels.contract import Arrived, Bench, ChannelContract, How
from notifiers.channels.inbox import Inbox
from notifiers.model import Result, Subscription
from notifiers.tables import inbox, metadata, notice, recipient, subscription

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
PEOPLE = [Subscription(10 + number, number, "inbox", "inbox", {}) for number in (1, 2, 3)]


NO_WIRE = "nothing leaves the house: the transaction that records it is the delivery"
THE_NOTICE = "the row names the notice, which stays sealed; the reader's page opens it (tests/alerts/api)"


class InboxBench(Bench):
    """The receiver is the table; what is settled lies in it."""

    name = "inbox"
    cannot = {
        "test_it_says_what_the_notice_says_in_the_readers_language": THE_NOTICE,
        "test_a_notice_that_is_not_real_says_so": THE_NOTICE,
        "test_a_bad_address_is_refused_and_never_raises": "an inbox has no address: it is the recipient's own",
        "test_a_refused_connection_is_unsent": NO_WIRE,
        "test_what_may_not_leave_any_more_does_not": NO_WIRE,
        "test_no_answer_after_the_request_is_in_doubt": NO_WIRE,
        "test_an_address_that_is_no_more_is_gone": NO_WIRE,
        "test_a_message_that_is_not_wanted_is_refused": NO_WIRE,
        "test_our_fault_is_ours": NO_WIRE,
        "test_later_is_later": NO_WIRE,
        "test_retry_after_is_heard": NO_WIRE,
        "test_it_works_again_once_the_receiver_does": NO_WIRE,
        "test_a_cancelled_send_is_over_at_once_and_leaves_the_next_one_clean": NO_WIRE,
    }

    async def open(self, directory):
        self.engine = opened(range(1, 41))
        self.channel = Inbox()

    async def close(self):
        self.engine.dispose()

    def address(self, number):
        return {}

    def bad_addresses(self):
        return []

    async def misbehave(self, how: How | None):
        raise AssertionError(NO_WIRE)

    def settle(self, notice, sent):
        with self.engine.begin() as connection:
            self.channel.settle(connection, 7, sent, NOW)

    async def arrived(self):
        with self.engine.begin() as connection:
            return [Arrived(row[1], "", str(row[2])) for row in rows(connection)]


class TestInbox(ChannelContract):
    bench_class = InboxBench


def opened(numbers):
    """A database with a notice, and with people of these numbers."""
    engine = create_engine("sqlite://")
    event.listen(engine, "connect", lambda driver, _: driver.execute("PRAGMA foreign_keys = ON"))
    with engine.begin() as connection:
        metadata.create_all(connection)
        for number in numbers:
            enrol(connection, Subscription(number, number, "inbox", "inbox", {}))
        told = {"kind": "alert", "status": "Test", "state": "planned", "area_digest": "", "reach": 3, "sealed": b""}
        times = {"expires_at": NOW, "approved_at": NOW}
        connection.execute(
            insert(notice).values(id=7, incident_id=1, incident="i", version=1, number=1, **told, **times)
        )
    return engine


@pytest.fixture
def connection():
    with opened(()).begin() as connection:
        for person in PEOPLE:
            enrol(connection, person)
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
