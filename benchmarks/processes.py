"""What processes and all their children have cost: CPU seconds, and the most memory that one of them held."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Clock:
    """From its making on: this process (the server), the workers, the receiver, the database's server if there is one."""

    workers: int
    receiver: int
    database: int | None
    largest_worker: int = 0
    _last: dict[int, tuple[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._begin = self._now()

    def look(self) -> None:
        """Now and then, so that what ends meanwhile is not forgotten."""
        self._now()

    def spent(self) -> dict[str, float]:
        """CPU seconds since the beginning, by who."""
        end = self._now()
        return {who: end[who] - self._begin.get(who, 0.0) for who in end}

    def _now(self) -> dict[str, float]:
        roots = {"workers": self.workers, "receiver": self.receiver, "database": self.database}
        for who, root in roots.items():
            for pid in tree(root) if root else ():
                self._last[pid] = (who, cpu_s(pid) or self._last.get(pid, ("", 0.0))[1])
                if who == "workers":
                    self.largest_worker = max(self.largest_worker, private_bytes(pid))
        total = {"server": time.process_time()}
        for who, seconds in self._last.values():
            total[who] = total.get(who, 0.0) + seconds
        return total


def tree(root: int) -> list[int]:
    """The process and everybody below it."""
    found, open_ = [], [root]
    while open_:
        pid = open_.pop()
        found.append(pid)
        try:
            for task in Path(f"/proc/{pid}/task").iterdir():
                open_.extend(map(int, (task / "children").read_text().split()))
        except OSError:
            continue
    return found


def cpu_s(pid: int) -> float:
    """User and system, threads included; 0 for one that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) * TICK_S


def private_bytes(pid: int) -> int:
    """What it holds in memory (resident); 0 for one that is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except OSError:
        return 0
