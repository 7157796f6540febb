from __future__ import annotations

import pytest
from sqlalchemy import func, select

from notifiers import subscriptions, tables
from notifiers.eligibility import Audience
from notifiers.subscriptions import Enrolment, Refusal
from notifiers.transactions import reading, writing

MAIL = {"email": "Ann@Example.org"}


def enrol(world, *people):
    with writing(world.engine) as connection:
        return subscriptions.enrol(connection, people, secret=world.secret, now=people[0].subscriptions[0].consented_at)


def person(*subscriptions_, test=False) -> Enrolment:
    return Enrolment("public", test, "", subscriptions_)


def leave(world, **who):
    with writing(world.engine) as connection:
        return subscriptions.leave(connection, now=world.notice().sent_at, **who)


def count(world, table) -> int:
    with reading(world.engine) as connection:
        return connection.scalar(select(func.count()).select_from(table))


def test_who_enrols_is_found_by_public_id_and_token(world):
    (one,) = enrol(world, person(world.subscription("push")))
    with reading(world.engine) as connection:
        assert subscriptions.find_recipient(connection, one.public_id, one.token) == one.recipient_id
        assert subscriptions.find_recipient(connection, one.public_id, one.token + "x") is None
        assert subscriptions.find_recipient(connection, "nobody", one.token) is None


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # what lies in the file
def test_neither_token_nor_left_address_lies_in_the_database(world, tmp_path):
    (one,) = enrol(world, person(world.subscription("email", MAIL)))
    leave(world, recipient_id=one.recipient_id)
    with writing(world.engine) as connection:
        connection.exec_driver_sql("SELECT 1")
    with world.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("VACUUM")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("lookout.sqlite*"))
    assert one.token.encode() not in stored
    assert b"example.org" not in stored.lower()


def test_an_address_is_one_subscription_whatever_its_case(world):
    enrol(world, person(world.subscription("email", MAIL)))
    (again,) = enrol(world, person(world.subscription("email", {"email": " ann@example.ORG "})))
    assert (again.recipient_id, again.refused) == (None, (Refusal(0, "known"),))
    assert count(world, tables.recipient) == 1


def test_one_row_that_is_refused_does_not_refuse_the_others(world):
    good, bare = world.subscription("push"), world.subscription("push", consent_words=" ")
    broken = world.subscription("push", {"endpoint": "nowhere"})
    (one,) = enrol(world, person(bare, good, broken, good))
    assert one.recipient_id is not None
    assert {(refusal.place, refusal.reason) for refusal in one.refused} == {
        (0, "consent"),
        (2, "address"),
        (3, "known"),
    }
    assert count(world, tables.subscription) == 1


def test_whoever_left_stays_gone(world):
    (one,) = enrol(world, person(world.subscription("email", MAIL)))
    assert leave(world, recipient_id=one.recipient_id) == one.recipient_id
    (back,) = enrol(world, person(world.subscription("email", MAIL)))
    assert back.refused == (Refusal(0, "left"),)
    assert count(world, tables.recipient) == count(world, tables.subscription) == 0


def test_leaving_one_channel_keeps_the_others(world):
    (one,) = enrol(world, person(world.subscription("email", MAIL), world.subscription("inbox")))
    with reading(world.engine) as connection:
        mail, inbox = subscriptions.eligible(
            connection, [one.recipient_id], Audience(tests_only=False)
        ).subscription_ids
    assert leave(world, subscription_id=int(mail)) is None
    assert leave(world, subscription_id=int(inbox)) == one.recipient_id
    assert leave(world, subscription_id=int(inbox)) is None


def test_ids_are_never_given_again(world):
    (first,) = enrol(world, person(world.subscription("push")))
    leave(world, recipient_id=first.recipient_id)
    (second,) = enrol(world, person(world.subscription("push")))
    assert second.recipient_id > first.recipient_id
    with reading(world.engine) as connection:
        assert subscriptions.load(connection, [1]) == []
        assert [one.id for one in subscriptions.load(connection, [1, 2])] == [2]


def test_only_the_confirmed_the_living_and_the_present_are_loaded(world):
    (one,) = enrol(world, person(world.subscription("push"), world.subscription("push", confirmed_at=None)))
    with writing(world.engine) as connection:
        assert [found.id for found in subscriptions.load(connection, [1, 2])] == [1]
        subscriptions.retire(connection, [1], "410", world.notice().sent_at)
        assert subscriptions.load(connection, [1, 2]) == []
        assert len(subscriptions.eligible(connection, [one.recipient_id], Audience(tests_only=False))) == 0


def test_a_subscription_does_not_show_its_address_in_logs(world):
    enrol(world, person(world.subscription("email", MAIL)))
    with reading(world.engine) as connection:
        assert "Example" not in repr(subscriptions.load(connection, [1]))


@pytest.mark.parametrize("people", [0, 1, 12_000])
def test_any_number_enrols_in_order(world, people):
    enrolled = world.enrol(people, ("push", "inbox"))
    assert [one.recipient_id for one in enrolled] == list(range(1, people + 1))
    assert count(world, tables.subscription) == 2 * people
