"""The last question before something leaves: may it still?

A send that was allowed may wait for a connection, and the alert may be cancelled meanwhile. So `sending` leaves the
question with the task of each send, and whatever writes to a wire asks it as late as it can: with the connection
standing, before the first byte. Channels between the two need not know of it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

Still = Callable[[], bool]  # only reads, quickly: it may be asked on another thread


def _always() -> bool:
    return True


still: ContextVar[Still] = ContextVar("still", default=_always)  # `still.get()()` is the answer
STOPPED = "stopped"  # the reason of what was not allowed any more: nothing of it left
