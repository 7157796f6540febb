"""The pages about figures show those that were measured, and no others."""

from __future__ import annotations

import pytest

from benchmarks import table

PAGES = pytest.mark.parametrize("page", [table.MATCHING, table.FANOUT, table.CHAOS], ids=lambda page: page.name)


@PAGES
def test_the_tables_of_the_page_are_those_of_the_results(page):
    assert page.renewed(page.results()) == page.path.read_text()


@PAGES
def test_every_goal_is_in_the_table_with_its_verdict(page):
    results = page.results()
    shown = page.tables(results)
    for row in results["rows"]:
        if row["goal"]:
            assert f"| {row['name']} |" in shown
            assert isinstance(row["reached"], bool)
