"""Whom a partner means by its own id: known again, brought up to date, and gone for good once they left."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from notifiers import persons, subscriptions, tables
from notifiers.subscriptions import Enrolment, Refusal
from notifiers.transactions import reading, writing

MAIL = {"email": "ann@example.org"}


@pytest.fixture
def enrol(world):
    def enrol_one(*new, own_id="u-1", partner="Example", test=False):
        hash_ = persons.keyed_hash(world.secret, partner, own_id)
        person = Enrolment("partner", test, partner, new, hash_)
        with writing(world.engine) as connection:
            [done] = subscriptions.enrol(connection, [person], secret=world.secret, now=world.notice().sent_at)
        return done

    return enrol_one


def leave(world, **who):
    with writing(world.engine) as connection:
        return subscriptions.leave(connection, now=world.notice().sent_at, **who)


def rows(world, table):
    with reading(world.engine) as connection:
        return connection.execute(select(table)).all()


def test_a_person_is_enrolled_once_under_an_id(world, enrol):
    first = enrol(world.subscription("email", MAIL))
    again = enrol(world.subscription("email", MAIL), world.subscription("inbox"))
    assert (again.recipient_id, again.known, again.added, again.refused) == (first.recipient_id, True, 1, ())
    assert (again.public_id, again.token) == (first.public_id, "")
    assert len(rows(world, tables.recipient)) == 1
    assert [row.channel for row in rows(world, tables.subscription)] == ["email", "inbox"]


def test_the_inbox_of_a_person_is_one_however_often_it_is_imported(world, enrol):
    enrol(world.subscription("inbox"))
    assert enrol(world.subscription("inbox")).added == 0
    assert len(rows(world, tables.subscription)) == 1


def test_language_and_exercises_are_brought_up_to_date(world, enrol):
    enrol(world.subscription("email", MAIL))
    enrol(world.subscription("email", MAIL, language="es"), test=True)
    assert [row.language for row in rows(world, tables.subscription)] == ["es"]
    assert [row.test for row in rows(world, tables.recipient)] == [True]


def test_another_persons_address_is_refused(world, enrol):
    enrol(world.subscription("email", MAIL))
    other = enrol(world.subscription("email", MAIL), own_id="u-2")
    assert (other.recipient_id, other.refused) == (None, (Refusal(0, "known"),))


def test_the_same_id_of_another_partner_is_another_person(world, enrol):
    one, two = enrol(world.subscription("inbox")), enrol(world.subscription("inbox"), partner="Other")
    assert one.recipient_id != two.recipient_id
    hashes = [persons.keyed_hash(world.secret, name, "u-1") for name in ("Example", "Other")]
    with reading(world.engine) as connection:
        assert persons.find(connection, hashes) == dict(zip(hashes, (one.recipient_id, two.recipient_id), strict=True))


def test_who_left_stays_gone_even_under_a_new_address_or_inbox(world, enrol):
    first = enrol(world.subscription("email", MAIL))
    leave(world, recipient_id=first.recipient_id)
    back = enrol(world.subscription("email", {"email": "new@example.org"}), world.subscription("inbox"))
    assert (back.recipient_id, back.added) == (None, 0)
    assert back.refused == (Refusal(0, "gone"), Refusal(1, "gone"))
    assert rows(world, tables.recipient) == rows(world, tables.subscription) == rows(world, tables.person) == []


def test_one_channel_that_was_left_stays_gone_while_the_person_stays(world, enrol):
    enrol(world.subscription("email", MAIL), world.subscription("inbox"))
    inbox = next(row.id for row in rows(world, tables.subscription) if row.channel == "inbox")
    leave(world, subscription_id=inbox)
    again = enrol(world.subscription("email", MAIL), world.subscription("inbox"))
    assert again.refused == (Refusal(1, "left"),)
    assert [row.channel for row in rows(world, tables.subscription)] == ["email"]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # what lies in the file
def test_the_partners_id_is_not_in_the_database(world, enrol, tmp_path):
    done = enrol(world.subscription("email", MAIL), own_id="customer-4711")
    leave(world, recipient_id=done.recipient_id)
    world.engine.dispose()
    assert all(b"customer-4711" not in path.read_bytes() for path in tmp_path.glob("lookout.sqlite*"))


def test_thousands_are_known_again_at_once(world):
    people = [
        Enrolment("partner", False, "P", [world.subscription("push")], persons.keyed_hash(world.secret, "P", str(n)))
        for n in range(6_000)
    ]
    for known in (False, True):
        with writing(world.engine) as connection:
            done = subscriptions.enrol(connection, people, secret=world.secret, now=world.notice().sent_at)
        assert {one.known for one in done} == {known}
    with reading(world.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(tables.recipient)) == 6_000
