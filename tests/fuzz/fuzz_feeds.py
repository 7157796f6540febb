"""`make fuzz`: whatever the bytes of an index, the reader of feeds answers, without a crash and within a second.

Coverage-guided (atheris), beginning from fixtures/feeds. What is found is left in the working folder as crash-*.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["alerts"]):
    from alerts.feeds_in.entries import read_index, worth_fetching
    from alerts.feeds_in.gathering import MOST_CONTENT, MOST_ENTRIES, MOST_PROBLEMS
    from notifiers.guard import target_of

CORPUS = Path(__file__).parents[2] / "fixtures" / "feeds"
URL = "https://alerts.example/feeds/index"
LONGEST_S = float(os.environ.get("FUZZ_LONGEST_S", "1"))


def one(body: bytes) -> None:
    """An answer in time, bounded, whose links can be asked for and whose words can be written."""
    begin = time.process_time()
    found = read_index(body, "", URL)
    took_s = time.process_time() - begin
    if took_s > LONGEST_S:
        raise TimeoutError(f"{took_s:.2f} s for {len(body)} bytes")
    if len(found.entries) > MOST_ENTRIES or len(found.problems) > MOST_PROBLEMS + 2:
        raise AssertionError("not bounded")
    if found.kind == "unknown" and not found.problems:
        raise AssertionError("no answer")
    for entry in found.entries:
        worth_fetching(entry)
        f"{entry!r}{entry.title}".encode()
        if entry.content is None:
            target_of(entry.link or "")
        elif len(entry.content) > MOST_CONTENT:
            raise AssertionError("too large")
    f"{found.problems!r}".encode()


def main() -> None:
    seconds = os.environ.get("SECONDS", "300")
    made = os.environ.get("FUZZ_MADE", "/tmp/lookout-fuzz") + "-feeds"
    Path(made).mkdir(parents=True, exist_ok=True)
    words = str(Path(__file__).with_name("feeds.dict"))
    options = [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=1024", "-max_len=8192", f"-dict={words}"]
    atheris.Setup([sys.argv[0], *options, *sys.argv[1:], made, str(CORPUS)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
