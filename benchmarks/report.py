"""Rows of figures with their goals, the machine they were measured on, a table for people and JSON for programs."""

from __future__ import annotations

import json
import math
import os
import platform
import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
LIBRARIES = ("numpy", "shapely", "pyproj", "rtree", "geopandas", "antimeridian")


@dataclass(frozen=True, slots=True)
class Row:
    """A figure. `goal` says what is to be reached ("at most 3"), None where nothing is; `note` under what conditions."""

    name: str
    value: float
    unit: str
    goal: str | None = None
    reached: bool | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        return {True: "yes", False: "NO", None: ""}[self.reached]


def figure(name: str, value: float, unit: str, note: str = "") -> Row:
    return Row(name, _rounded(value), unit, note=note)


def at_most(name: str, value: float, unit: str, goal: float, note: str = "") -> Row:
    missed = "" if value <= goal else f"missed by {value / goal - 1:.0%}" if goal else "missed"
    return Row(name, _rounded(value), unit, f"at most {goal:,g}", value <= goal, _joined(missed, note))


def at_least(name: str, value: float, unit: str, goal: float, note: str = "") -> Row:
    missed = "" if value >= goal else f"missed by {1 - value / goal:.0%}"
    return Row(name, _rounded(value), unit, f"at least {goal:,g}", value >= goal, _joined(missed, note))


def unjudged(row: Row) -> Row:
    """The figure without its goal, which is for another size."""
    return replace(row, goal=None, reached=None, note=re.sub(r"^missed by \d+%(; )?", "", row.note))


def absent(name: str, reason: str) -> Row:
    """What could not be measured here, and why; never counted as reached."""
    return Row(name, float("nan"), "", note=f"not measured: {reason}")


def machine(libraries: Sequence[str] = LIBRARIES) -> dict[str, Any]:
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gib": round(pages / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "libraries": {**{name: version(name) for name in libraries}, "sqlite": sqlite3.sqlite_version},
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def write(rows: list[Row], people: int, name: str = "matching.json", measured_on: dict[str, Any] | None = None) -> Path:
    RESULTS.mkdir(exist_ok=True)
    whole = {"people": people, "machine": measured_on or machine(), "rows": [_plain(row) for row in rows]}
    path = RESULTS / name
    path.write_text(json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    return path


def renew(rows: Sequence[Row], name: str, load: float) -> Path:
    """These rows take the place of those of their names in the results of a whole run, and say that they are newer."""
    path = RESULTS / name
    whole = json.loads(path.read_text())
    when = f"measured again {datetime.now(UTC):%Y-%m-%d}, load average {load:.2f}"
    newer = {row.name: _plain(replace(row, note=_joined(row.note, when))) for row in rows}
    whole["rows"] = [newer.get(row["name"], row) for row in whole["rows"]]
    path.write_text(json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    return path


def show(row: Row, say: Callable[[str], None] = print) -> None:
    goal = f"  {row.goal:>20} {row.verdict:>4}" if row.goal else " " * 27
    say(f"{row.name:<64} {number(row.value):>12} {row.unit:<16}{goal}  {row.note}".rstrip())


def number(value: float | None) -> str:
    if value is None or math.isnan(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _plain(row: Row) -> dict[str, Any]:
    plain = asdict(row)
    return {**plain, "value": None} if math.isnan(row.value) else plain


def _rounded(value: float) -> float:
    """Four digits; what is counted stays whole."""
    return value if isinstance(value, int) else float(f"{value:.4g}")


def _joined(*words: str) -> str:
    return "; ".join(word for word in words if word)


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
