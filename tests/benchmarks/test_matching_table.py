"""The page about matching shows the figures that were measured, and no others."""

from __future__ import annotations

import json

import pytest

from benchmarks import matching, table


def _results():
    results = json.loads(table.RESULT.read_text())
    if results["people"] != matching.PEOPLE:
        pytest.skip(f"the results are of a short run over {results['people']:,} people")
    return results


def test_the_tables_of_the_page_are_those_of_the_results():
    page = table.PAGE.read_text()
    assert table.with_tables(page, _results()) == page


def test_every_goal_is_in_the_table_with_its_verdict():
    shown = table.tables(_results())
    for row in _results()["rows"]:
        if row["goal"]:
            assert f"| {row['name']} |" in shown
            assert isinstance(row["reached"], bool)
