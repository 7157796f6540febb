from __future__ import annotations

import threading

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from notifiers.transactions import reading, writing


@pytest.fixture(params=["as in service", "as the driver does it"])
def any_engine(request, engine, tmp_path):
    made = engine
    if request.param != "as in service":
        made = create_engine(f"sqlite:///{tmp_path}/other.sqlite", connect_args={"timeout": 10})
    with writing(made) as connection:
        connection.execute(text("CREATE TABLE counter (value INTEGER)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))
    yield made
    made.dispose()


def value(engine) -> int:
    with reading(engine) as connection:
        return connection.scalar(text("SELECT value FROM counter"))


def test_read_and_write_of_many_threads_lose_no_update(any_engine):
    def add() -> None:
        for _ in range(10):
            with writing(any_engine) as connection:
                now = connection.scalar(text("SELECT value FROM counter"))
                connection.execute(text("UPDATE counter SET value = :value"), {"value": now + 1})

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value(any_engine) == 40


def test_a_block_that_raises_leaves_nothing(any_engine):
    with pytest.raises(ZeroDivisionError), writing(any_engine) as connection:
        connection.execute(text("UPDATE counter SET value = 9"))
        raise ZeroDivisionError
    assert value(any_engine) == 0


def test_who_reads_sees_one_moment(engine):
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE counter (value INTEGER)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))
    with reading(engine) as reader:
        assert reader.scalar(text("SELECT value FROM counter")) == 0
        with writing(engine) as connection:
            connection.execute(text("UPDATE counter SET value = 1"))
        assert reader.scalar(text("SELECT value FROM counter")) == 0
    assert value(engine) == 1


def test_the_writer_lock_is_taken_before_anything_is_read(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path}/x.sqlite", connect_args={"timeout": 0})
    with writing(engine), pytest.raises(OperationalError, match="locked"), writing(engine):
        pass
