"""Posts to operators' own outlets by way of Apprise: every installation can serve it, nobody has one until it is added."""

from __future__ import annotations

from alerts.outlets.kit import Kit
from notifiers.channels.apprise import Apprise


def make(kit: Kit) -> Apprise:
    return Apprise(kit.guard)
