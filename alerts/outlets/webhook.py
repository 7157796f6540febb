"""Signed webhooks: every installation can serve them; receivers are added with `lookout webhook`."""

from __future__ import annotations

from alerts.outlets.kit import Kit
from alerts.webhooks import signing_secret
from notifiers.channels.webhook import Webhook


def make(kit: Kit) -> Webhook:
    return Webhook(kit.sender, secret=signing_secret(kit.vault))
