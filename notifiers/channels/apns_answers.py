"""What APNs' answers mean: pure. HTTP status and `reason` -> Outcome.

Source: Apple, "Handling notification responses from APNs". Only a 410 (Unregistered, ExpiredToken) takes a subscription
off. BadDeviceToken and DeviceTokenNotForTopic also come of a wrong environment or topic of ours ("Verify that the
request contains a valid token and that the token matches the environment"), and then for every device: the message is
refused and nobody is deleted for one of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from notifiers.model import Outcome, Result
from notifiers.outcome import of_status
from notifiers.sender import Answer

UPDATES_PAUSE_S = 20 * 60.0  # a provider token may not change sooner
_NAMED: Mapping[str, Result] = {
    "Unregistered": Result.GONE,
    "ExpiredToken": Result.GONE,
    "BadDeviceToken": Result.REFUSED,
    "DeviceTokenNotForTopic": Result.REFUSED,
    "PayloadTooLarge": Result.REFUSED,
    "BadTopic": Result.OURS,
    "MissingTopic": Result.OURS,
    "TopicDisallowed": Result.OURS,
    "InvalidProviderToken": Result.OURS,
    "MissingProviderToken": Result.OURS,
    "BadPath": Result.OURS,
    "MethodNotAllowed": Result.OURS,
    "IdleTimeout": Result.LATER,
    "ExpiredProviderToken": Result.LATER,
    "TooManyRequests": Result.LATER,
    "TooManyProviderTokenUpdates": Result.LATER,
    "InternalServerError": Result.IN_DOUBT,
    "ServiceUnavailable": Result.LATER,
    "Shutdown": Result.LATER,
}


def outcome_of(answer: Answer, now: datetime) -> Outcome:
    """Of a whole answer; a reason that Apple does not name leaves what the status says, but a 404 deletes nobody."""
    plain = of_status(answer.status, answer.headers, now)
    if plain.result is Result.SENT:
        return plain
    reason = reason_of(answer)
    result = _NAMED.get(reason, Result.OURS if answer.status == 404 else plain.result)
    pause_s = plain.retry_after_s
    if pause_s is None and reason == "TooManyProviderTokenUpdates":
        pause_s = UPDATES_PAUSE_S
    return Outcome(result, reason or plain.reason, pause_s if result is Result.LATER else None)


def reason_of(answer: Answer) -> str:
    """Apple's word for what went wrong; empty for one that is not known here."""
    if answer.status == 200:
        return ""
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ""
    reason = told.get("reason") if isinstance(told, dict) else None
    return reason if isinstance(reason, str) and reason in _NAMED else ""
