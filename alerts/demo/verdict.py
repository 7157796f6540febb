"""Expected against served, subscription by subscription. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alerts.demo.receivers import Counts

CHANNELS = ("web_push", "email", "inbox")


@dataclass(frozen=True, slots=True)
class Line:
    """One channel's figures, all in subscriptions.

    expected by brute force; matched by the index; planned, sent, failed, in_doubt by the ledger; duplicates and lost
    at the receivers (lost: expected and not served; strangers: served and not expected).
    """

    expected: int = 0
    matched: int = 0
    planned: int = 0
    sent: int = 0
    failed: int = 0
    in_doubt: int = 0
    duplicates: int = 0
    lost: int = 0
    strangers: int = 0

    def __add__(self, other: Line) -> Line:
        return Line(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Line)))

    @property
    def ok(self) -> bool:
        """Everyone expected was served, nobody else, nobody twice."""
        return not (self.lost or self.strangers or self.duplicates)


def expected_names(rows: Mapping[str, int], inside: NDArray[np.bool_]) -> set[str]:
    """Of the receivers' names, those whose person is in the set of rows to be told."""
    return {name for name, row in rows.items() if inside[row]}


def judge(expected: set[str], got: Counts, matched: int, tally: Mapping[str, int]) -> Line:
    """One channel: the set served at the receivers must be the set expected, each once."""
    return Line(
        expected=len(expected),
        matched=matched,
        planned=tally.get("planned", 0),
        sent=tally.get("sent", 0),
        failed=sum(tally.get(name, 0) for name in ("gone", "refused", "gave_up")),
        in_doubt=tally.get("in_doubt", 0),
        duplicates=sum(number - 1 for number in got.values()),
        lost=len(expected - got.keys()),
        strangers=len(got.keys() - expected),
    )


def total(lines: Mapping[str, Line]) -> Line:
    return sum(lines.values(), Line())


def as_json(line: Line) -> dict[str, Any]:
    return asdict(line)
