"""What the machine is told of a process that sends: it works through many, and none of its moments is urgent.

A push goes back and forth between Python's thread and the HTTP client's. By default each of the two, when it is woken,
pushes the other off the core in the midst of its work, and the lock that they share makes it wait again at once. In
longer turns (SCHED_BATCH, sched(7)) a push costs a tenth less; `python -m benchmarks.senders` measures it so.
"""

from __future__ import annotations

import os
from contextlib import suppress


def take_long_turns() -> None:
    """For this thread and all that it starts from now on. Nothing changes where the machine knows no such thing."""
    batch = getattr(os, "SCHED_BATCH", None)  # Linux
    if batch is not None:
        with suppress(OSError):  # forbidden: everything works as before, a little slower
            os.sched_setscheduler(0, batch, os.sched_param(0))
