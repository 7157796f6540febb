"""The in-app inbox: nothing leaves the house, so nothing is needed."""

from __future__ import annotations

from alerts.outlets.kit import Kit
from notifiers.channels.inbox import Inbox


def make(_kit: Kit) -> Inbox:
    return Inbox()
