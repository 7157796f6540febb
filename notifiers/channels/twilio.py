"""The words of a gateway that speaks like Twilio: what its error codes, statuses and signatures mean. Pure.

Sources: Twilio's "Error and Warning Dictionary", "Messages resource" (status, ErrorCode) and "Webhooks security".
A reason is the gateway's own number and nothing it wrote.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from notifiers.model import Outcome, Result
from notifiers.outcome import of_status, retry_after_s

Form = Sequence[tuple[str, str]]

MOST_FIELDS = 64
PHONE = re.compile(r"\+[1-9][0-9]{6,14}")  # E.164
UNSUBSCRIBED = "21610"  # the person wrote STOP and the carrier heard it: they have left

_GONE = frozenset({"21211", "21217", "21401", "21610", "21614", "30005", "30006"})
_OURS = frozenset({"20003", "20404", "21212", "21408", "21603", "21606", "21659", "21660", "21703"})
_LATER = frozenset({"20429", "14107", "30001", "63038"})
_NOT_TAKEN = frozenset({503})  # said before anything is done; other 5xx may follow upon a message that left
_DIGITS = re.compile(r"[0-9]{1,6}")


def of_answer(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> Outcome:
    """Of the answer to a message that was handed over.

    A number that is none or has said STOP is gone. A 5xx other than 503 leaves open whether the message left: in doubt.
    """
    code = _code(body)
    otherwise = _of_status(status, headers, now)
    if not code:
        return otherwise
    return of_code(code, retry_after_s(_header(headers, "retry-after"), now), otherwise.result)


def _of_status(status: int, headers: Mapping[str, str], now: datetime) -> Outcome:
    if status >= 500 and status not in _NOT_TAKEN:
        return Outcome(Result.IN_DOUBT, str(status))
    if status in {404, 410}:  # the account or the path, not the person: nobody is taken off for it
        return Outcome(Result.OURS, str(status))
    return of_status(status, headers, now)


def of_code(code: str, wait_s: float | None = None, otherwise: Result = Result.REFUSED) -> Outcome:
    """Of an error code; `otherwise` for those that say nothing of person, us or time."""
    if code in _GONE:
        return Outcome(Result.GONE, code, left=code == UNSUBSCRIBED)
    if code in _OURS:
        return Outcome(Result.OURS, code)
    if code in _LATER or otherwise is Result.LATER:
        return Outcome(Result.LATER, code, wait_s)
    return Outcome(Result.REFUSED if otherwise is Result.SENT else otherwise, code)


def of_receipt(form: Form) -> Outcome | None:
    """Of a status callback; None while it is on its way (sent: the carrier has it), or for a status that we do not know.

    30003 (handset off), 30004 (blocked), 30007 (filtered) and 30008 (unknown) refuse this message and take nobody off;
    30005 and 30006 say that there is no such mobile number.
    """
    said = dict(form)
    status = said.get("MessageStatus") or said.get("SmsStatus") or ""
    if status == "delivered":
        return Outcome(Result.SENT, "delivered")
    if status not in {"undelivered", "failed"}:
        return None
    code = said.get("ErrorCode", "")
    found = of_code(code) if _DIGITS.fullmatch(code) else Outcome(Result.REFUSED, status)
    return found if found.result in {Result.GONE, Result.REFUSED} else Outcome(Result.REFUSED, found.reason)


def read_form(body: bytes) -> Form:
    """The fields of a callback, in their order; ValueError for what is no form of a gateway."""
    return parse_qsl(
        body.decode("utf-8"), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=MOST_FIELDS
    )


def signature(token: str, url: str, form: Form) -> str:
    """X-Twilio-Signature: HMAC-SHA1 under the account's token of the URL and all fields sorted by name, in base64."""
    fields = "".join(name + value for name, value in sorted(set(form)))
    return base64.b64encode(hmac.digest(token.encode(), (url + fields).encode(), "sha1")).decode()


def is_signed(token: str, url: str, form: Form, said: str) -> bool:
    """Whether the gateway signed this. Compared in constant time; some write the port of the URL, some do not."""
    if not token:
        return False
    good = [hmac.compare_digest(signature(token, one, form).encode(), said.encode()) for one in _spellings(url)]
    return any(good)


def _spellings(url: str) -> tuple[str, ...]:
    parts = urlsplit(url)
    if parts.port is not None or parts.hostname is None:
        return (url,)
    default = {"https": 443, "http": 80}[parts.scheme]
    return url, parts._replace(netloc=f"{parts.netloc}:{default}").geturl()


def _code(body: bytes) -> str:
    """The error code of an answer: `code` of a refusal, `error_code` of a message that failed at once."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(said, dict):
        return ""
    code = str(said.get("code") or said.get("error_code") or "")
    return code if _DIGITS.fullmatch(code) else ""


def _header(headers: Mapping[str, str], name: str) -> str | None:
    return next((value for key, value in headers.items() if key.lower() == name), None)
