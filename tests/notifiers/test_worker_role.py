"""The rights that docs/postgresql.md gives to machines that only send are enough for a worker, and for little else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scripted import Scripted, planned, tally, until, working
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError

from alerts.database import make_engine, migrate
from notifiers.channels.inbox import Inbox
from notifiers.model import Outcome, Result
from notifiers.tables import recipient
from notifiers.transactions import reading, writing

LEFT = Outcome(Result.GONE, "21610", left=True)
PAGE = Path(__file__).parents[2] / "docs" / "postgresql.md"
pytestmark = pytest.mark.parametrize("url", ["postgresql"], indirect=True)


@pytest.fixture
def worker_engine(engine, url):
    """Connected as the role that the page makes."""
    statements = re.findall(r"```sql\n(.*?)```", PAGE.read_text(), re.DOTALL)[1].split(";")
    name = url.rpartition("?")[0].rpartition("/")[2]
    with writing(engine) as connection:
        for statement in filter(str.strip, statements):
            connection.exec_driver_sql(statement.replace("DATABASE lookout ", f"DATABASE {name} "))
    made = make_engine(url.replace("lookout@", "lookout_worker@"), worker=True)
    yield made
    made.dispose()
    with writing(engine) as connection:
        connection.exec_driver_sql("DROP OWNED BY lookout_worker")
        connection.exec_driver_sql("DROP ROLE lookout_worker")


async def test_a_worker_with_these_rights_sends_retires_repeats_and_delivers_to_inboxes(world, worker_engine):
    migrate(worker_engine)
    push = Scripted(lambda id_, _try: Outcome(Result.GONE, "410") if id_ % 3 == 0 else Outcome(Result.SENT, "201"))
    notice_id = planned(world, 30, ("push", "inbox"))
    async with working(world, push, Inbox(), engine=worker_engine):
        await until(lambda: not tally(world, notice_id).open and not tally(world, notice_id, "inbox").open)
    done = tally(world, notice_id)
    assert (done.sent + done.gone, tally(world, notice_id, "inbox").sent) == (30, 30)
    assert done.gone > 0


@pytest.mark.parametrize("told", [LEFT, Outcome(Result.REFUSED, "400")])
async def test_it_also_lets_go_who_left_at_the_carrier_and_counts_who_was_refused(world, worker_engine, told):
    notice_id = planned(world, 3, ("push", "inbox"))
    async with working(world, Scripted(lambda _id, _try: told), Inbox(), engine=worker_engine):
        await until(lambda: not tally(world, notice_id).open and not tally(world, notice_id, "inbox").open)
    assert tally(world, notice_id).sent == 0


async def test_the_last_subscription_of_who_left_takes_the_person_with_it(world, worker_engine):
    notice_id = planned(world, 3)
    async with working(world, Scripted(lambda _id, _try: LEFT), engine=worker_engine):
        await until(lambda: tally(world, notice_id).gone == 3)
    with reading(world.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(recipient)) == 0


@pytest.mark.parametrize("table", ["officer", "incident", "credential", "partner_key", "audit", "photo"])
def test_it_reads_nothing_of_authorities_and_cases(worker_engine, table):
    with pytest.raises(ProgrammingError, match="permission denied"), reading(worker_engine) as connection:
        connection.execute(text(f"SELECT * FROM {table}"))
