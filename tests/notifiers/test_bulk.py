from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from notifiers.bulk import insert_rows
from notifiers.tables import left, person, recipient
from notifiers.transactions import reading, writing

AT = datetime(2026, 1, 1, tzinfo=UTC)


def row(number: int, **changes) -> dict:
    values = {"public_id": f"r{number}", "token_hash": b"\0\xff{},\\" + bytes([number]), "kind": 'a "b", {c}'}
    return values | {"test": number % 2 == 0, "created_at": AT, **changes}


@pytest.mark.parametrize("count", [1, 2, 7])
def test_rows_come_in_as_they_are_and_in_their_order(engine, count):
    rows = [row(number) for number in range(count)]
    with writing(engine) as connection:
        insert_rows(connection, recipient, rows)
    with reading(engine) as connection:
        found = connection.execute(select(*(recipient.c[name] for name in rows[0])).order_by(recipient.c.id))
        assert [one._asdict() for one in found] == rows


def test_nothing_is_inserted_where_there_is_nothing(engine):
    with writing(engine) as connection:
        insert_rows(connection, recipient, [])
        assert connection.scalars(select(recipient.c.id)).all() == []


def test_as_many_rows_as_were_given_though_all_are_the_same(engine):
    same = {"channel": "push", "address_hash": b"x", "left_at": AT}
    with pytest.raises(IntegrityError), writing(engine) as connection:
        insert_rows(connection, left, [same, same])


def test_a_broken_promise_is_told_as_by_any_statement(engine):
    with pytest.raises(IntegrityError), writing(engine) as connection:
        insert_rows(connection, person, [{"hash": b"x", "recipient_id": 7}])
