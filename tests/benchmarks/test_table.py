"""The pages about figures show those that were measured, and no others."""

from __future__ import annotations

import pytest

from benchmarks import fanout, matching, table

PAGES = pytest.mark.parametrize(
    ("page", "people"),
    [(table.MATCHING, matching.PEOPLE), (table.FANOUT, fanout.PEOPLE)],
    ids=lambda one: str(one)[:20],
)


def _results(page, people):
    results = page.results()
    if results["people"] != people:
        pytest.skip(f"the results are of a short run over {results['people']:,} people")
    return results


@PAGES
def test_the_tables_of_the_page_are_those_of_the_results(page, people):
    assert page.renewed(_results(page, people)) == page.path.read_text()


@PAGES
def test_every_goal_is_in_the_table_with_its_verdict(page, people):
    results = _results(page, people)
    shown = page.tables(results)
    for row in results["rows"]:
        if row["goal"]:
            assert f"| {row['name']} |" in shown
            assert isinstance(row["reached"], bool)
