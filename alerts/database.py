"""The engine, what SQLite and PostgreSQL must be told, the schema, and what a data directory is for good."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select, text

from alerts.settings import Mode, Settings
from alerts.tables import house
from notifiers.transactions import reading, writing

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_MS = 10_000
STATEMENT_TIMEOUT_MS = 60_000
SERVER_CONNECTIONS = 20  # of PostgreSQL: requests, the schedule and the fan-out at the same time
WORKER_CONNECTIONS = 2  # a worker has one thread at the database
POOL_TIMEOUT_S = 5.0
_CHAIN = re.compile(r'^(?:down_)?revision = "(\w+)"', re.MULTILINE)  # of a migration: its own number, the one before
_POSTGRESQL = frozenset({"postgresql", "postgres", "postgresql+psycopg"})
# A server or a network that is gone without a word is given up: libpq waits for ever by itself.
_DEAD_WITHIN_SECONDS = {
    "connect_timeout": 3,
    "keepalives_idle": 3,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 6_000,
}
# Who was stopped or cut off in the middle of a transaction loses it, so that others need not wait for its locks.
_OPTIONS = {
    "statement_timeout": STATEMENT_TIMEOUT_MS,
    "lock_timeout": BUSY_TIMEOUT_MS,
    "idle_in_transaction_session_timeout": BUSY_TIMEOUT_MS,
    "tcp_keepalives_idle": 3,
    "tcp_keepalives_interval": 1,
    "tcp_keepalives_count": 3,
}
# A claim is to read the first row of an index that has the order of leaving. Before the statistics know of a new
# fan-out PostgreSQL takes it for a few rows, and would sort all of them at every claim.
_WORKER_OPTIONS = _OPTIONS | {"enable_sort": "off"}


class BadUrl(ValueError):
    """The URL is of no database that we speak to; the message holds nothing of it but its scheme."""


class WrongMode(Exception):
    """The data directory was made for the other mode: a sandbox never goes live, a live house is never a sandbox."""


def make_engine(url: str, *, worker: bool = False) -> Engine:
    """An engine for `url`. SQLite runs in WAL with full synchronisation (what is committed survives a power cut),
    foreign keys on, freed pages overwritten, and transactions begun by us, not by the driver.

    On PostgreSQL each connection is looked at before it is used: one that died is replaced by a new one, and all others
    of that time with it. A `worker` has fewer, and does not look first: it tries again whatever fails, and every look is
    one more wait in each of its turns. It only asks for what the ledger asks. BadUrl for any other database.
    """
    if not url.startswith("sqlite"):
        return _make_postgresql(url, worker=worker)
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _make_postgresql(url: str, *, worker: bool) -> Engine:
    scheme, separator, rest = url.partition("://")
    if scheme not in _POSTGRESQL or not separator:
        raise BadUrl(f"no database that Lookout can use: {scheme.partition('+')[0][:32]}; say sqlite or postgresql")
    options = " ".join(f"-c {name}={value}" for name, value in (_WORKER_OPTIONS if worker else _OPTIONS).items())
    return create_engine(
        f"postgresql+psycopg://{rest}",
        pool_pre_ping=not worker,
        pool_size=WORKER_CONNECTIONS if worker else SERVER_CONNECTIONS,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_S,
        connect_args={**_DEAD_WITHIN_SECONDS, "application_name": "lookout", "options": options},
    )


def _prepare(dbapi_connection: Any, _record: Any) -> None:
    # The driver would begin transactions by itself, and late: reads outside, no BEGIN IMMEDIATE.
    dbapi_connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
        "temp_store = MEMORY",  # no temporary file may hold what was sealed
    ):
        dbapi_connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest version (Alembic); nothing happens when it is there already."""
    if is_current(engine):
        return
    from alembic import command  # half a second to import: not at every start
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with writing(engine) as connection:  # two servers that start at once: the second waits, then finds it done
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(engine: Engine) -> bool:
    """Whether the schema's version is that of the newest migration."""
    if not inspect(engine).has_table("alembic_version"):
        return False
    with reading(engine) as connection:
        return bool(connection.scalar(text("SELECT version_num FROM alembic_version")) == newest_migration())


def newest_migration() -> str:
    """The one that no other follows, told from the files without importing Alembic; their numbers need not ascend."""
    found = [_CHAIN.findall(file.read_text()) for file in (MIGRATIONS / "versions").glob("[0-9]*.py")]
    (last,) = {one[0] for one in found} - {one[1] for one in found if len(one) > 1}
    return str(last)


def settle_mode(engine: Engine, settings: Settings) -> None:
    """Make the data directory what `settings.mode` says, or raise WrongMode when it is the other already.

    It is written twice, as a file and as a row, so that neither a copied database nor a copied directory forgets it.
    """
    path = settings.data / "mode"
    settings.data.mkdir(parents=True, exist_ok=True)
    with writing(engine) as connection:
        row = connection.scalar(select(house.c.mode))
        written = path.read_text().strip() if path.exists() else None
        for found in (row, written):
            if found not in (None, settings.mode.value):
                raise WrongMode(f"this data directory is {found} for good, it cannot be used as {settings.mode}")
        if row is None:
            connection.execute(insert(house).values(id=1, mode=Mode(settings.mode).value))
        if written is None:
            path.write_text(f"{settings.mode}\n")
