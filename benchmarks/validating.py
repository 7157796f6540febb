"""`python -m benchmarks.validating`: one core's time to judge a 4 kB CAP message, schema and rules, without signature.

Writes results/validating.json. The message is that of the corpus with a description that fills it to 4 kB: a polygon, a
circle, a geocode, a resource with its digest. Beside it: the profiles, and the command with a hundred files.
"""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from alerts import checking
from alerts.problems import Policy
from benchmarks import report, timing

FIXTURES = Path(__file__).parent.parent / "fixtures" / "cap"
PROFILES = ("ipaws", "cap-cp", "cap-au", "google")
SIZE = 4_096
TIMES = 200
NOW = datetime(2026, 1, 16, 0, 30, tzinfo=UTC)


def message(size: int = SIZE) -> bytes:
    """A message of this many bytes that has nothing wrong with it."""
    good = (FIXTURES / "valid" / "full.xml").read_bytes()
    words = b"The child was last seen near the park. " * 100
    room = size - len(good) - len(b"<description></description>")
    return good.replace(b"    <web>", b"<description>" + words[:room].rstrip() + b"</description>    <web>")


def judge_ms(body: bytes, names: tuple[str, ...] = ()) -> float:
    """Milliseconds of CPU of one judgement: the median of nine means of many."""

    def many() -> None:
        for _ in range(TIMES):
            if checking.check_cap(body, now=NOW, policy=Policy.CORE, names=names).outcome == "not_cap":
                raise AssertionError("the message of the benchmark is CAP")

    many()
    return timing.median(timing.timed(many)[0] * 1000 / TIMES for _ in range(timing.REPEATS))


def command_s(files: int) -> float:
    """Seconds from the call of `lookout validate` with this many files to its end."""
    names = [str(path) for path in sorted(FIXTURES.rglob("*.xml"))]
    chosen = (names * (files // len(names) + 1))[:files]
    code = "from alerts.cli import main; main()"
    begin = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", code, "validate", "--policy", "core", "--json", *chosen],
        check=False,
        capture_output=True,
    )
    return time.perf_counter() - begin


def measured() -> list[report.Row]:
    timing.pin()
    body = message()
    said = f"{len(body)} bytes; polygon, circle, geocode, resource with digest; one core, CPU time"
    return [
        report.at_most("validating a 4 kB CAP message, schema and rules", judge_ms(body), "ms", 1, said),
        report.at_most("the same with all four profiles", judge_ms(body, PROFILES), "ms", 2, said),
        report.figure("`lookout validate` with one file", command_s(1), "s", "from call to end, wall clock"),
        report.figure("`lookout validate` with 500 files", command_s(500), "s", "from call to end, wall clock"),
    ]


def main() -> None:
    rows = measured()
    for row in rows:
        report.show(row)
    report.write(rows, 0, "validating.json", report.machine(("lxml", "shapely")))


if __name__ == "__main__":
    main()
