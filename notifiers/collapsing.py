"""Which channels show a repeat of a notice as the same one: known of each, whoever serves it just now. Pure.

Who takes over what a dead worker held must know it also of channels that nobody serves any more, or the claim would
stand for ever. A test keeps this equal to what the channels' classes say of themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

COLLAPSES: Mapping[str, bool] = MappingProxyType({
    "web_push": True,
    "unified_push": True,
    "fcm": True,
    "apns": True,
    "email": True,
    "sms": False,
    "webhook": True,
    "inbox": True,
    "mqtt": True,
    "apprise": False,
})  # fmt: skip


def collapses(channel: str, served: Mapping[str, bool] | None = None) -> bool:
    """Whether a send whose outcome is unknown may be repeated; `served`: what the channels of a worker say themselves.

    Of a channel that nobody knows it may not: then it ends in doubt, and nobody is told twice.
    """
    return (served or {}).get(channel, COLLAPSES.get(channel, False))
