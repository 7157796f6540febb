"""`make fuzz`: whatever the bytes, the CAP reader answers, without a crash and within a second.

Coverage-guided (atheris), beginning from the corpus in fixtures/cap. `SECONDS=600 make fuzz` says how long; what is
found is left in the working folder as crash-* and becomes a file of the corpus.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["alerts", "geo"]):
    from alerts import checking
    from alerts.problems import Policy, Severity

CORPUS = Path(__file__).parents[2] / "fixtures" / "cap"
NOW = datetime(2026, 1, 16, tzinfo=UTC)
LONGEST_S = float(os.environ.get("FUZZ_LONGEST_S", "1"))
PROFILES = ("ipaws", "cap-cp", "cap-au", "google")


def one(body: bytes) -> None:
    """All policies and profiles of one document: an answer, in time, that is true to itself."""
    for policy in Policy:
        begin = time.process_time()
        found = checking.check_cap(body, now=NOW, policy=policy, names=PROFILES)
        took_s = time.process_time() - begin
        if took_s > LONGEST_S:
            raise TimeoutError(f"{policy}: {took_s:.2f} s for {len(body)} bytes")
        wrong = any(problem.severity is Severity.ERROR for problem in found.problems)
        if wrong is (found.outcome == "valid"):
            raise AssertionError(found.problems)
        for problem in found.problems:
            f"{problem.type}{problem.path}{problem.message}".encode()  # can be written


def main() -> None:
    seconds = os.environ.get("SECONDS", "300")
    folders = [str(folder) for folder in sorted(CORPUS.iterdir()) if folder.is_dir()]
    made = os.environ.get("FUZZ_MADE", "/tmp/lookout-fuzz")
    Path(made).mkdir(parents=True, exist_ok=True)
    words = str(Path(__file__).with_name("cap.dict"))
    options = [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=1024", "-max_len=8192", f"-dict={words}"]
    atheris.Setup([sys.argv[0], *options, *sys.argv[1:], made, *folders], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
