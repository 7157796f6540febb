"""`python -m benchmarks.table`: puts the figures of `results/matching.json` into docs/matching.md, between its two marks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.report import RESULTS, number

RESULT = RESULTS / "matching.json"
PAGE = Path(__file__).parent.parent / "docs" / "matching.md"
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


def tables(results: dict[str, Any]) -> str:
    """All rows with a goal, then one row an area, as Markdown."""
    rows: Rows = {row["name"]: row for row in results["rows"]}
    return "\n\n".join((_said(results), _goals(rows), _ours(rows), _peers(rows)))


def with_tables(page: str, results: dict[str, Any]) -> str:
    """The page with these tables in the place of those that it has."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{tables(results)}\n\n{END}{rest.partition(END)[2]}"


def _said(results: dict[str, Any]) -> str:
    on = results["machine"]
    libraries = ", ".join(f"{name} {version}" for name, version in on["libraries"].items())
    return (
        f"{results['people']:,} people; one core of {on['cores']} ({on['cpu']}), {on['memory_gib']} GiB; "
        f"Python {on['python']}, {libraries}; {on['measured_at'][:10]}."
    )


def _goals(rows: Rows) -> str:
    lines = [
        f"| {row['name']} | {number(row['value'])} {row['unit']} | {row['goal']} | "
        f"{'yes' if row['reached'] else '**no**'} | {row['note']} |"
        for row in rows.values()
        if row["goal"]
    ]
    return "\n".join(["| | measured | goal | reached | |", "|---|---|---|---|---|", *lines])


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


def main() -> None:
    PAGE.write_text(with_tables(PAGE.read_text(), json.loads(RESULT.read_text())))


if __name__ == "__main__":
    main()
