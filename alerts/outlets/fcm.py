"""FCM for one Firebase project; in live mode there is none until LOOKOUT_FCM_CREDENTIALS names its service account."""

from __future__ import annotations

import structlog

from alerts.credentials import find_fcm_account
from alerts.outlets.kit import LOOPBACK, Kit
from alerts.settings import BadSetting
from notifiers.channels.credential import invented_service_account
from notifiers.channels.fcm import Fcm, Project
from notifiers.channels.google_token import AccessTokens
from notifiers.channels.phone_message import Level

log = structlog.get_logger()


def make(kit: Kit) -> Fcm | None:
    level = Level(kit.settings.ios_interruption)
    if kit.settings.sandbox:
        base = f"http://{LOOPBACK}:{kit.settings.sandbox_push_port}/fcm"
        tokens = AccessTokens(kit.sender, invented_service_account(), token_url=f"{base}/token")
        return Fcm(kit.sender, tokens, Project("sandbox", level, base))
    try:
        account = find_fcm_account(kit.settings)
    except BadSetting as bad:  # it was good at start: the other channels go on
        log.error("channel_without_credential", channel="fcm", why=str(bad))  # noqa: TRY400 -- the reason says it all
        return None
    if account is None:
        return None
    return Fcm(kit.sender, AccessTokens(kit.sender, account), Project(account.project, level))
