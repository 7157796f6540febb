"""What tests share: a sandbox house in a temporary directory with two agencies and the cast, and people around Denver.

The cast is fixed: the submitter and the approver of one agency, the stranger from another, the operator of the house.
Everything is the real thing: SQLite file, vault, map, watch, gazetteer; the fan-out runs at once, in process.
"""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cast import Clock, House, record, square


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """In CI what failed is run once more, and the summary counts it: most tests here have real servers, processes and
    browsers, which on a busy machine now and then miss their moment. What Hypothesis found fails again, from its store.
    """
    for item in items:
        if os.environ.get("CI"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session", autouse=True)
def logs() -> None:
    """As in production: the library's own default prints the values of every frame, which takes seconds."""
    from alerts.logs import configure

    configure("json", "warning")


@pytest.fixture(scope="session")
def gazetteer():
    from geo.places import Gazetteer

    return Gazetteer.load()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory) -> Path:
    """A migrated database, made once and copied for every house."""
    from alerts.database import make_engine, migrate

    path = tmp_path_factory.mktemp("template") / "lookout.db"
    engine = make_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """A private PostgreSQL, once in each process that runs tests; `model` is a migrated database to be copied."""
    import postgres

    from alerts.database import make_engine, migrate

    try:
        postgres.find_binaries()
    except postgres.Missing as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))
    with postgres.running() as running:
        url = running.create()
        engine = make_engine(url)
        migrate(engine)
        engine.dispose()
        running.rename(url, "model")
        yield running


@pytest.fixture
def postgresql(cluster) -> Iterator[str]:
    """The URL of a migrated database on PostgreSQL, for one test."""
    url = cluster.create("model")
    yield url
    cluster.drop(url)


@pytest.fixture
def database_url(request) -> str:
    """Of a migrated database; empty: the SQLite file of the data directory. Tests for both engines say so (`cast.BOTH`)."""
    return request.getfixturevalue("postgresql") if getattr(request, "param", "sqlite") == "postgresql" else ""


@pytest.fixture
def services(tmp_path, empty_database, gazetteer, database_url) -> Iterator[Any]:
    """Services on a data directory of their own; the fan-out is called where a test says."""
    from alerts.database import make_engine, settle_mode
    from alerts.services import Services
    from alerts.settings import Settings
    from geo.index import RecipientIndex
    from geo.watch import Watch
    from notifiers.vault import Vault

    settings = Settings(data=tmp_path / "data", sandbox_push_port=9, database_url=database_url, countdown_s=0.0)
    settings.data.mkdir()
    shutil.copy(empty_database, settings.data / "lookout.db")
    engine = make_engine(settings.engine_url)
    settle_mode(engine, settings)
    index = RecipientIndex.build(np.zeros(0, np.uint32), np.zeros(0), np.zeros(0))
    yield Services(settings, engine, Vault(settings.keys_directory), index, Watch(), gazetteer, clock=Clock())
    engine.dispose()


@pytest.fixture
def house(services) -> House:
    """The house with its cast; notices are fanned out at once, and arrivals planned at once."""
    from alerts.service.arrivals import follow
    from notifiers import fanout

    built = House(services, None, None, None, None, services.clock)

    def fan_out(notice_id: int) -> None:
        built.fanned_out.append(notice_id)
        fanout.run(services.engine, services.vault, services.index, notice_id, partial(follow, built.services))

    def arrivals(notice_id: int, recipient_ids: Sequence[int]) -> None:
        fanout.plan_for(services.engine, notice_id, recipient_ids)

    built.services = replace(services, fan_out=fan_out, arrivals=arrivals)
    _cast(built)
    return built


def _cast(house: House) -> None:
    from alerts import agencies
    from alerts.agencies import OFFICER, OPERATOR
    from notifiers.transactions import writing

    services, now = house.services, house.clock()
    colorado, utah = services.gazetteer.get("008000"), services.gazetteer.get("049000")
    with writing(services.engine) as connection:
        own = {"programme": "us-amber", "now": now}
        mine = agencies.add_agency(
            connection, code="CBI", name="Colorado Example", sender="cbi@agency.example", jurisdiction=colorado, **own
        )
        theirs = agencies.add_agency(
            connection, code="UBI", name="Utah Example", sender="ubi@agency.example", jurisdiction=utah, **own
        )
        for who, agency in (("submitter", mine), ("approver", mine), ("stranger", theirs), ("operator", None)):
            roles = OFFICER if agency else OPERATOR
            person = agencies.add_officer(connection, name=who.capitalize(), roles=roles, agency=agency, now=now)
            setattr(house, who, person)
            house.keys[who] = agencies.issue_key(connection, person.id, now)


@pytest.fixture
def app(house):
    from alerts.api.app import create_app

    return create_app(house.services)


@pytest.fixture
def client(app):
    """A client of the API, in process; failures inside the server come back as 500, as they would for real."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the client wants another HTTP library one day; this one is what we ship
        from fastapi.testclient import TestClient

    with TestClient(app, raise_server_exceptions=False) as found:
        yield found


@pytest.fixture
def make_record():
    return record


@pytest.fixture
def make_square():
    return square
