"""UnifiedPush: Web Push to apps, through a push server that their owner chose; every installation can serve it."""

from __future__ import annotations

from alerts.outfit import make_vapid
from alerts.outlets.kit import Kit
from notifiers.channels.web_push import WebPush


def make(kit: Kit) -> WebPush:
    return WebPush(kit.sender, make_vapid(kit.settings), name="unified_push")
