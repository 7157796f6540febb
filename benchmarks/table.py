"""`python -m benchmarks.table`: puts the figures of `results/<name>.json` into docs/<name>.md, between its two marks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.report import RESULTS, number

DOCS = Path(__file__).parent.parent / "docs"
BEGIN, END = "<!-- figures: benchmarks/table.py -->", "<!-- end of figures -->"
PEERS = (
    "STRtree, predicate",
    "STRtree at its best",
    "PostGIS, table in random order",
    "PostGIS, clustered and warm",
    "geopandas sjoin",
    "SQLite R*Tree",
    "rtree alone",
)

Rows = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Page:
    """docs/<page or name>.md and the results that it shows, by `tables`, as Markdown."""

    name: str
    tables: Callable[[dict[str, Any]], str]
    page: str = ""

    @property
    def path(self) -> Path:
        return DOCS / f"{self.page or self.name}.md"

    def results(self) -> dict[str, Any]:
        return dict(json.loads((RESULTS / f"{self.name}.json").read_text()))

    def renewed(self, results: dict[str, Any]) -> str:
        """The page with the tables of these results in the place of those that it has."""
        before, _, rest = self.path.read_text().partition(BEGIN)
        return f"{before}{BEGIN}\n\n{self.tables(results)}\n\n{END}{rest.partition(END)[2]}"


def of_matching(results: dict[str, Any]) -> str:
    """All rows with a goal, then one row an area."""
    rows = _by_name(results)
    on = results["machine"]
    said = f"{results['people']:,} people; one core of {on['cores']} ({on['cpu']}), {_machine(on)}"
    return "\n\n".join((said, _goals(rows), _ours(rows), _peers(rows)))


def of_fanout(results: dict[str, Any]) -> str:
    """All rows with a goal, then those that only tell."""
    rows = _by_name(results)
    on = results["machine"]
    said = f"{results['people']:,} people; {on['cores']} cores ({on['cpu']}), {_machine(on)}"
    under = f"{on['settings']}. Load average of the machine before: {on['load_before']}."
    return "\n\n".join((said, under, _goals(rows), _figures(rows)))


def of_chaos(results: dict[str, Any]) -> str:
    """All rows with a goal, then those that only tell."""
    rows = _by_name(results)
    on = results["machine"]
    said = f"{results['people']:,} people; {on['cores']} cores ({on['cpu']}), {_machine(on)}"
    return "\n\n".join((said, _goals(rows), _figures(rows)))


def _by_name(results: dict[str, Any]) -> Rows:
    return {row["name"]: row for row in results["rows"]}


def _machine(on: dict[str, Any]) -> str:
    libraries = ", ".join(f"{name} {version}" for name, version in on["libraries"].items())
    return f"{on['memory_gib']} GiB; Python {on['python']}, {libraries}; {on['measured_at'][:10]}."


def _goals(rows: Rows) -> str:
    lines = [
        f"| {row['name']} | {number(row['value'])} {row['unit']} | {row['goal']} | "
        f"{'yes' if row['reached'] else '**no**'} | {row['note']} |"
        for row in rows.values()
        if row["goal"]
    ]
    return "\n".join(["| | measured | goal | reached | |", "|---|---|---|---|---|", *lines])


def _figures(rows: Rows) -> str:
    lines = [
        f"| {row['name']} | {number(row['value'])} {row['unit']} | {row['note']} |"
        for row in rows.values()
        if not row["goal"]
    ]
    return "\n".join(["| | measured | |", "|---|---|---|", *lines])


def _ours(rows: Rows) -> str:
    """Milliseconds for the ids of an area, and how many times their copy that is."""
    kinds = ("people inside", "ids", "ids, no helper", "copy of these ids", "ids, all in the caches")
    head = (
        "| area | people inside | ids, ms | without helper, ms | copy of these ids, ms | in the caches, times the copy |"
        "\n|---|---|---|---|---|---|"
    )
    return "\n".join([head, *(_line(rows, area, kinds) for area in _areas(rows))])


def _peers(rows: Rows) -> str:
    """How many times ours each peer takes."""
    head = f"| times ours | {' | '.join(PEERS)} |\n|---{'|---' * len(PEERS)}|"
    return "\n".join([head, *(_line(rows, area, PEERS) for area in _areas(rows))])


def _line(rows: Rows, area: str, kinds: tuple[str, ...]) -> str:
    found = [rows.get(f"{area}: {kind}", {"value": None}) for kind in kinds]
    return f"| {area} | {' | '.join(number(row['value']) for row in found)} |"


def _areas(rows: Rows) -> list[str]:
    return [name.removesuffix(": people inside") for name in rows if name.endswith(": people inside")]


MATCHING = Page("matching", of_matching)
FANOUT = Page("fanout", of_fanout)
CHAOS = Page("chaos", of_chaos, "reliability")


def main() -> None:
    for page in (MATCHING, FANOUT, CHAOS):
        page.path.write_text(page.renewed(page.results()))


if __name__ == "__main__":
    main()
