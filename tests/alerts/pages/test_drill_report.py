"""The report of a drill: from the ledger's own counts, for its officers and operators, and for drills alone."""

from __future__ import annotations

import csv
import io

import pytest
from cast import DENVER
from hypothesis import given
from hypothesis import strategies as st
from test_console import approve, at, form, submit  # noqa: F401 fixtures

from alerts import drills
from alerts.pages.drill_report import COLUMNS, wait
from alerts.tables import incident
from notifiers.latency import BUCKETS, EDGES_MS, Latency


@pytest.fixture
def drill(house, submit, approve):  # noqa: F811 fixtures
    """The page of an exercise that was let go."""
    house.enrol([DENVER] * 3)
    path = submit()
    approve(path)
    return path


def test_the_report_says_how_long_each_step_took_and_who_took_part(house, signed_in, drill):
    page = signed_in("submitter").get(drill + "/drill").text
    for told in (
        "Submission to approval",
        "50 % sent",
        "not reached",
        "still running",
        house.approver.name,
        "approved",
    ):
        assert told in page


def test_after_the_end_it_is_on_the_alert_s_page_and_in_the_history_and_names_no_child(house, signed_in, drill):
    officer, operator = signed_in("submitter"), signed_in("operator")
    officer.post(drill + "/cancel")
    assert f'href="{drill}/drill"' in officer.get(drill).text
    [token] = {row.token for row in house.rows(incident)}
    assert f"/operations/history/{token}/drill" in operator.get("/operations/history").text
    page = operator.get(f"/operations/history/{token}/drill").text
    assert "Cancel" in page
    assert "Robin" not in page + officer.get(drill + "/drill").text


def test_json_and_csv_say_the_same(signed_in, drill):
    officer = signed_in("submitter")
    [message] = officer.get(drill + "/drill.json").json()["messages"]
    head, *rows = csv.reader(io.StringIO(officer.get(drill + "/drill.csv").text))
    assert tuple(head) == COLUMNS
    told = dict(zip(head, rows[0], strict=True))
    assert (told["channel"], told["planned"]) == ("all", "3")
    assert float(told["to_approved_s"]) == message["to_approved_s"]
    assert message["lanes"][0]["reached"][0] == {"share": 50, "above_s": None, "within_s": None}


def test_what_is_real_has_no_drill_report(house, signed_in, drill):
    from sqlalchemy import update

    from notifiers.transactions import writing

    with writing(house.services.engine) as connection:
        connection.execute(update(incident).values(status="Actual"))
    assert signed_in("submitter").get(drill + "/drill").status_code == 404


def test_a_stranger_sees_no_report(signed_in, drill):
    assert signed_in("stranger").get(drill + "/drill").status_code == 404


@given(st.lists(st.integers(1, 50_000), min_size=1, max_size=60), st.integers(0, 20))
def test_the_edges_hold_the_time_at_which_so_many_of_the_planned_were_sent(waits_ms, failed):
    counts = [0] * BUCKETS
    for wait_ms in waits_ms:
        counts[next(place for place, edge in enumerate(EDGES_MS) if wait_ms <= edge)] += 1
    planned = len(waits_ms) + failed
    for one in drills.reached(planned, Latency(tuple(counts))):
        rank = -(-one.share * planned // 100)
        if rank > len(waits_ms):
            assert (one.above_s, one.within_s) == (None, None)
        else:
            assert one.above_s < sorted(waits_ms)[rank - 1] / 1000 <= one.within_s


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "—"), (0.0123, "12 ms"), (4.096, "4.1 s"), (125, "2 min 5 s"), (11_000, "3 h 3 min")]
)
def test_a_wait_in_words(seconds, words):
    assert wait(seconds) == words
