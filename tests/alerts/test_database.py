import re
import sqlite3
import struct
from dataclasses import replace

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, insert, text
from sqlalchemy.exc import IntegrityError

from alerts import tables
from alerts.database import (
    MIGRATIONS,
    BadUrl,
    WrongMode,
    is_current,
    make_engine,
    migrate,
    newest_migration,
    settle_mode,
)
from alerts.migrations.metadata import METADATA
from alerts.settings import Mode
from notifiers import latency, sets
from notifiers.sets import SETS, Sets
from notifiers.transactions import reading, writing


def test_the_migrations_make_the_tables_that_the_code_declares(services):
    with reading(services.engine) as connection:
        context = MigrationContext.configure(connection, opts={"target_metadata": METADATA})
        assert compare_metadata(context, METADATA) == []


def test_the_migrations_make_the_same_on_postgresql(postgresql):
    engine = make_engine(postgresql)
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"target_metadata": METADATA})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_url_of_postgresql_is_understood_as_people_write_it(scheme):
    engine = make_engine(f"{scheme}://somebody:secret@db.example:6432/lookout?sslmode=require")
    assert engine.driver == "psycopg"
    assert engine.url.query == {"sslmode": "require"}


@pytest.mark.parametrize("url", ["mysql://me:secret@db.example/x", "postgresql+asyncpg://me:secret@db.example/x", "x"])
def test_another_database_is_refused_without_a_word_of_its_password(url):
    with pytest.raises(BadUrl) as refused:
        make_engine(url)
    assert "secret" not in str(refused.value)


def test_the_migrations_keep_every_constraint_and_autoincrement(services):
    fresh = create_engine("sqlite://")
    METADATA.create_all(fresh)
    assert schema(fresh) == schema(services.engine)


def schema(engine) -> dict[str, list[str]]:
    """Every table and index with the lines of its statement, whatever their order."""
    listed = text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%'")
    with reading(engine) as connection:
        rows = connection.execute(listed).all()
    return {row.name: sorted(lines(row.sql)) for row in rows}


def lines(statement: str) -> list[str]:
    """Of a statement; a column that was added later stands on its neighbour's line and gets one of its own."""
    parts = re.split(r"\n|, (?=[a-z_]+ [A-Z])", statement)
    return [part.strip(" ,\t") for part in parts]


def test_a_migrated_database_is_known_to_be_without_asking_alembic(services):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert newest_migration() == ScriptDirectory.from_config(config).get_current_head()
    assert is_current(services.engine)


def test_batches_that_held_their_ids_themselves_keep_them_there_and_back(tmp_path):
    engine = create_engine(
        f"sqlite:///{tmp_path}/old.db"
    )  # without foreign keys: of what is beside a batch nothing is here
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0031")
        needed = [row.name for row in connection.exec_driver_sql("PRAGMA table_info(batch)") if row.notnull]
        given = ", ".join("7" if name == "id" else "x'0102'" if name == "subscription_ids" else "0" for name in needed)
        connection.exec_driver_sql(f"INSERT INTO batch ({', '.join(needed)}) VALUES ({given})")
        command.upgrade(config, "0026")
        moved = connection.exec_driver_sql("SELECT batch_id, subscription_ids FROM batch_ids").all()
        command.downgrade(config, "0031")
        back = connection.exec_driver_sql("SELECT id, subscription_ids FROM batch").all()
    engine.dispose()
    assert moved == back == [(7, b"\x01\x02")]


def test_outcomes_stored_at_full_length_are_the_same_there_and_back(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path}/old.db")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    dense = struct.pack("<32I", *([0] * 9 + [700, 3] + [0] * 21))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0045")
        needed = [row.name for row in connection.exec_driver_sql("PRAGMA table_info(batch)") if row.notnull]
        values = dict.fromkeys(needed, "0") | {"id": "7", "size": "16", "latency": f"x'{dense.hex()}'"}
        values |= dict.fromkeys(SETS, "x''") | {"sent": "x'0f80'"}
        connection.exec_driver_sql(f"INSERT INTO batch ({', '.join(values)}) VALUES ({', '.join(values.values())})")
        before = connection.exec_driver_sql("SELECT sent, gone, latency FROM batch").one()
        command.upgrade(config, "0046")
        stored = connection.exec_driver_sql("SELECT * FROM batch").one()
        command.downgrade(config, "0045")
        back = connection.exec_driver_sql("SELECT sent, gone, latency FROM batch").one()
    engine.dispose()
    assert sets.load(16, stored) == Sets(16, sent=0x800F)
    assert latency.added([stored.latency]).counts[9:11] == (700, 3)
    assert back == before


def test_migrating_again_changes_nothing(services):
    migrate(services.engine)
    with reading(services.engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1


def test_positions_from_before_there_were_several_places_are_kept(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path}/old.db")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        old = "INSERT INTO position (recipient_id, kind, lon, lat, radius_m, seq, moved_at) VALUES "
        connection.exec_driver_sql(old + "(1, 'home', 1.5, 2.5, 700.0, 3, 1000), (1, 'device', 5.0, 6.0, 0.0, 4, 2000)")
    migrate(engine)
    with reading(engine) as connection:
        rows = connection.exec_driver_sql(
            "SELECT kind, number, lon, seq, moved_at, expires_at FROM position ORDER BY seq"
        ).all()
    engine.dispose()
    assert [tuple(row) for row in rows] == [
        ("home", 0, 1.5, 3, 1000, None),
        ("device", 0, 5.0, 4, 2000, 86_400_002_000),
    ]


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("foreign_keys", 1), ("secure_delete", 1), ("synchronous", 2), ("busy_timeout", 10_000)],
)
def test_sqlite_is_told_what_we_rely_on(services, pragma, value):
    with reading(services.engine) as connection:
        assert connection.scalar(text(f"PRAGMA {pragma}")) == value


def test_a_sandbox_never_goes_live(services):
    live = replace(services.settings, mode=Mode.LIVE)
    with pytest.raises(WrongMode, match="sandbox for good"):
        settle_mode(services.engine, live)


def test_a_database_moved_to_another_directory_keeps_its_mode(services, tmp_path):
    elsewhere = replace(services.settings, data=tmp_path / "elsewhere", mode=Mode.LIVE)
    with pytest.raises(WrongMode):
        settle_mode(services.engine, elsewhere)
    assert not (tmp_path / "elsewhere" / "mode").exists()


def test_a_new_database_in_a_live_directory_cannot_be_a_sandbox(services, tmp_path):
    (services.settings.data / "mode").write_text("live\n")
    with pytest.raises(WrongMode, match="live for good"):
        settle_mode(services.engine, services.settings)


def test_a_failed_transaction_leaves_nothing(services):
    with pytest.raises(IntegrityError), writing(services.engine) as connection:
        connection.execute(insert(tables.officer).values(name="A", role="operator", created_at=services.clock()))
        connection.execute(insert(tables.officer).values(name="B", role="king", created_at=services.clock()))
    with reading(services.engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM officer")) == 0


def test_writers_wait_for_each_other(services):
    other = make_engine(services.settings.engine_url)
    with writing(services.engine), pytest.raises(Exception, match="locked"), other.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 10")
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    other.dispose()


def test_what_is_deleted_is_overwritten_in_the_file(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path / 'x.db'}")
    with writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE t (a TEXT)")
        connection.exec_driver_sql("INSERT INTO t VALUES ('a secret to be forgotten')")
    with writing(engine) as connection:
        connection.exec_driver_sql("DELETE FROM t")
    engine.dispose()
    sqlite3.connect(tmp_path / "x.db").execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"a secret to be forgotten" not in (tmp_path / "x.db").read_bytes()
