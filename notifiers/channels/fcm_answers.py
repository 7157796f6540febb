"""What FCM's answers mean: pure. HTTP status and FcmError detail -> Outcome.

Source: Firebase, REST reference "ErrorCode", and "Best practices for FCM registration token management". Only
UNREGISTERED takes a subscription off: whatever else can also follow from a fault of ours (a wrong project, another
app's credentials, a malformed message) deletes nobody.
- INVALID_ARGUMENT: "potential causes include invalid registration, ... message too big, ... invalid TTL". Google advises
  to delete the token only "if you are certain that the message payload is valid". The message is refused; a refusal that
  names the token has a reason of its own.
- SENDER_ID_MISMATCH: "a registration token is tied to a certain group of senders". Either a partner enrolled another
  app's tokens, or our project is the wrong one. One such token must not stop the channel for all others, so it is not
  our fault; and it must not be deleted, for with a wrong project every token answers so. It is refused, with its reason.
- A 404 or 403 without an FcmError is about the project or the service account's rights: ours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from notifiers.model import Outcome, Result
from notifiers.outcome import of_status
from notifiers.sender import Answer

FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
QUOTA_PAUSE_S = 60.0  # "if no retry-after header is set, default to 60 seconds"
_NAMED: Mapping[str, Result] = {
    "UNREGISTERED": Result.GONE,
    "INVALID_ARGUMENT": Result.REFUSED,
    "SENDER_ID_MISMATCH": Result.REFUSED,
    "THIRD_PARTY_AUTH_ERROR": Result.OURS,
}


def outcome_of(answer: Answer, now: datetime) -> Outcome:
    """Of a whole answer. A body that is cut, or no JSON, leaves what the status says by itself."""
    plain = of_status(answer.status, answer.headers, now)
    if plain.result is Result.SENT:
        return plain
    error = _error(answer.body)
    code = str(_detail(error, FCM_ERROR).get("errorCode", ""))
    if answer.status == 429 or code == "QUOTA_EXCEEDED":
        pause_s = QUOTA_PAUSE_S if plain.retry_after_s is None else plain.retry_after_s
        return Outcome(Result.LATER, "429", pause_s)
    if code in _NAMED and 400 <= answer.status < 500:
        return Outcome(_NAMED[code], _reason(code, error))
    if plain.result is Result.GONE:  # a 404 that does not speak of a device
        return Outcome(Result.OURS, plain.reason)
    return plain


def token_refused(answer: Answer) -> bool:
    """Whether it is the access token that is not taken, and not Apple's or a browser's key behind it."""
    return answer.status == 401 and _detail(_error(answer.body), FCM_ERROR).get("errorCode") != "THIRD_PARTY_AUTH_ERROR"


def _reason(code: str, error: Mapping[str, Any]) -> str:
    """invalid_argument_token where the refusal names the token: the request's field, or Google's sentence about it."""
    if code != "INVALID_ARGUMENT":
        return code.lower()
    violations = _detail(error, BAD_REQUEST).get("fieldViolations")
    fields = [str(one.get("field", "")) for one in violations or () if isinstance(one, dict)]
    named = "message.token" in fields or "registration token" in str(error.get("message", ""))
    return "invalid_argument_token" if named else "invalid_argument"


def _error(body: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    error = told.get("error") if isinstance(told, dict) else None
    return error if isinstance(error, dict) else {}


def _detail(error: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    details = error.get("details")
    found = (one for one in details if isinstance(one, dict)) if isinstance(details, list) else iter(())
    return next((one for one in found if one.get("@type") == kind), {})
