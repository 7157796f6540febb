"""What is shown while an area is drawn is what the fan-out then plans, by channel and language."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from batches import list_ids
from cast import DENVER, square
from sqlalchemy import select

from alerts.schedule import Schedule
from alerts.service import decide, reach
from alerts.service.arrivals import follow
from geo import store as positions
from notifiers import addresses, subscriptions
from notifiers.eligibility import Audience
from notifiers.subscriptions import Enrolment, NewSubscription
from notifiers.tables import subscription
from notifiers.transactions import reading, writing

RETIRE = """
import sys
from datetime import UTC, datetime
from alerts.database import make_engine
from notifiers import subscriptions
from notifiers.eligibility import Audience
from notifiers.transactions import writing
with writing(make_engine(sys.argv[1])) as connection:
    subscriptions.retire(connection, [int(one) for one in sys.argv[2:]], "410", datetime.now(UTC))
"""


def populate(house, seed, count=120):
    """People in and around the square: any mix of channels, languages, confirmations and enrolment for tests."""
    committed(house, seed, count)
    follow(house.services)


def committed(house, seed, count=120):
    """As another process leaves them: in the store, not yet on this server's map; their ids."""
    rng, now = np.random.default_rng(seed), house.clock()

    def way(person, number):
        channel = ["inbox", "email", "web_push"][number]
        address = [{}, {"email": f"p{seed}-{person}@example.org"}, push(f"{seed}-{person}")][number]
        language = str(rng.choice(["en", "es", "vi"]))
        return NewSubscription(channel, address, language, "test", "I agree.", now, now if rng.random() < 0.8 else None)

    people = [
        Enrolment("partner", bool(rng.random() < 0.5), "tests", [way(n, k) for k in range(3) if rng.random() < 0.6])
        for n in range(count)
    ]
    with writing(house.services.engine) as connection:
        done = subscriptions.enrol(connection, people, secret=addresses.secret(house.services.vault), now=now)
        here = [one.recipient_id for one in done if one.recipient_id]
        places = np.array(DENVER) + rng.uniform(-0.15, 0.15, (len(here), 2))
        rows = [positions.Position(one, *place) for one, place in zip(here, places.tolist(), strict=True)]
        positions.place(connection, rows, now)
    return [one.recipient_id for one in done if one.recipient_id]


def push(name):
    keys = {"p256dh": "A" * 87, "auth": "A" * 22}
    return {"endpoint": f"http://127.0.0.1:9/{name}", **keys}


def planned(house):
    """(channel, language) of every subscription in a batch."""
    with reading(house.services.engine) as connection:
        ids = np.concatenate(list_ids(connection))
        asked = select(subscription.c.channel, subscription.c.language).where(subscription.c.id.in_(ids.tolist()))
        return Counter(tuple(row) for row in connection.execute(asked))


def previewed(house, status):
    return reach.preview(house.services, square(0.2), status=status).reach


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("status", ["Exercise", "Actual"])
def test_the_preview_is_what_is_planned(house, submitted, seed, status):
    populate(house, seed)
    house.services.labels.read_all(house.services.engine, house.services.index)
    shown = previewed(house, status)
    left = submitted(status=status)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    assert planned(house) == shown.by_way
    assert left.reach == shown.recipients > 0


def test_a_preview_for_tests_shows_only_those_who_take_part(house):
    populate(house, 1)
    by_asking = {status: previewed(house, status) for status in ("Actual", "Exercise", "Test", "System")}
    house.services.labels.read_all(house.services.engine, house.services.index)
    assert {status: previewed(house, status) for status in by_asking} == by_asking
    assert by_asking["Test"] == by_asking["System"] == by_asking["Exercise"]
    assert by_asking["Exercise"].recipients < by_asking["Actual"].recipients


def test_who_is_retired_by_another_process_is_not_shown_and_not_told(house, submitted):
    populate(house, 2)
    services = house.services
    services.labels.read_all(services.engine, services.index)
    before = previewed(house, "Exercise")
    gone = [str(row.id) for row in house.rows(subscription)][::3]
    subprocess.run([sys.executable, "-c", RETIRE, services.settings.engine_url, *gone], check=True)
    follow(services)
    shown = previewed(house, "Exercise")
    left = submitted()
    decide.approve(services, house.approver, left.id, left.content_hash)
    assert planned(house) == shown.by_way != before.by_way


def test_an_import_a_moment_ago_is_counted_at_submission_and_at_approval(house, submitted):
    first = committed(house, 6)
    left = submitted(status="Actual")
    assert 0 < left.reach <= len(first)
    assert left.reach == previewed(house, "Actual").recipients
    committed(house, 7, count=12)
    assert decide.approve(house.services, house.approver, left.id, left.content_hash).reach > left.reach


def test_an_unsubscription_is_seen_by_the_next_count(house):
    house.enrol([DENVER])
    services = house.services
    follow(services)
    services.labels.read_all(services.engine, services.index)
    with writing(services.engine) as connection:
        subscriptions.retire(connection, [1], "410", house.clock())
    with reading(services.engine) as connection:  # the map has not heard of it yet: the store is asked
        area = reach.place(services, reach.read_blocks(services, square(0.2)))
        assert reach.count(services, connection, area, Audience(tests_only=True)).recipients == 0


def test_the_schedule_reads_everybodys_label_once(house, monkeypatch):
    populate(house, 4)
    Schedule(house.services).read_labels()
    assert house.services.labels.complete
    monkeypatch.setattr(house.services.labels, "read_all", lambda *_: pytest.fail("they were read already"))
    Schedule(house.services).read_labels()


def test_the_counted_preview_asks_the_database_for_nobody(house, monkeypatch):
    populate(house, 3)
    services = house.services
    services.labels.read_all(services.engine, services.index)
    expected = previewed(house, "Exercise")
    monkeypatch.setattr("notifiers.eligibility.reach", lambda *_args, **_more: pytest.fail("the database was asked"))
    assert previewed(house, "Exercise") == expected
