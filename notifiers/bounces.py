"""What a returned e-mail says: a delivery status notification (RFC 3464) or a complaint (ARF, RFC 5965). Pure.

Which send it is about says the seal in the address that it came back to (`receipts`), or, in a complaint, the token of
the one-click link: both are ours alone to make. Nothing else in it is believed: the mail is a stranger's. Malformed mail
is nothing, and never an error.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.policy import compat32

from notifiers.model import Outcome, Result
from notifiers.outcome import MAILBOX_GONE
from notifiers.receipts import LENGTH

MAX_BYTES = 1 << 20  # of a mail; of a longer one the beginning, which is the report
_SEALED = re.compile(rf"\+([a-z2-7]{{{LENGTH}}})@", re.IGNORECASE)
_LEAVE = re.compile(r"/u/([0-9a-f]{40})>")
_STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")  # RFC 3463
_COMING_BACK = ("Delivered-To", "X-Original-To", "Envelope-To", "To")  # where the mail server put our address
_COMPLAINTS = frozenset({"abuse", "fraud", "opt-out", "opt-out-list"})
_PARTS = 20


@dataclass(frozen=True, slots=True)
class Returned:
    """What came back: `seal` names the send; `outcome` is None for a complaint: the person wants no more of it.

    A complaint may name no seal but the `token` to unsubscribe: providers take addresses out of what they pass on.
    """

    seal: str
    outcome: Outcome | None
    token: str = ""


def read(mail: bytes) -> Returned | None:
    """What a returned mail says for good; None for what says nothing: delays, vacation notes, anything malformed."""
    try:
        message = email.message_from_bytes(mail[:MAX_BYTES], policy=compat32)
        return _read(message)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):  # the parser on broken mail
        return None


def _read(message: Message) -> Returned | None:
    seal = _seal(message)
    for part in _parts(message):
        kind = part.get_content_type()
        if kind == "message/delivery-status" and seal and (outcome := _status(part)):
            return Returned(seal, outcome)
        if kind == "message/feedback-report" and _complains(part):
            token = "" if seal else _token(message)
            return Returned(seal, None, token) if seal or token else None
    return None


def _parts(message: Message) -> Iterator[Message]:
    """The parts of a report; what lies deeper belongs to the returned message."""
    content = message.get_payload()
    if message.get_content_type() == "multipart/report" and isinstance(content, list):
        yield from (part for part in content[:_PARTS] if isinstance(part, Message))


def _token(message: Message) -> str:
    """Of the link to leave in the headers of the message that was complained about (RFC 8058)."""
    for part in _parts(message):
        kind, content = part.get_content_type(), part.get_payload()
        if kind == "text/rfc822-headers" and isinstance(content, str):
            headers = [email.message_from_string(content, policy=compat32)]
        else:
            headers = list(_blocks(part)) if kind == "message/rfc822" else []
        for one in headers:
            if found := _LEAVE.search(str(one.get("List-Unsubscribe", ""))):
                return found.group(1)
    return ""


def _seal(message: Message) -> str:
    """From where it came back to; a complaint is sent elsewhere, and names our envelope sender itself."""
    told = [str(value) for name in _COMING_BACK for value in message.get_all(name, [])]
    for part in _parts(message):
        if part.get_content_type() == "message/feedback-report":
            told += [str(value) for fields in _blocks(part) for value in fields.get_all("Original-Mail-From", [])]
    found = next((match for value in told if (match := _SEALED.search(value))), None)
    return found.group(1).lower() if found else ""


def _blocks(part: Message) -> Iterator[Message]:
    """The groups of fields in a part that the parser takes for messages."""
    content = part.get_payload()
    if isinstance(content, list):
        yield from (block for block in content if isinstance(block, Message))


def _status(part: Message) -> Outcome | None:
    """Of the one recipient that every mail of ours has (RFC 3464 section 2.3)."""
    for fields in _blocks(part):
        action = str(fields.get("Action", "")).strip().lower()
        if not action:
            continue  # the fields about the message
        found = _STATUS.match(str(fields.get("Status", "")))
        return _outcome(action, found.group(1) if found else "")
    return None


def _outcome(action: str, status: str) -> Outcome | None:
    if action == "delivered":
        return Outcome(Result.SENT, "delivered")
    if action != "failed":  # delayed: it is still trying; relayed, expanded: nobody will tell
        return None
    return Outcome(Result.GONE if status in MAILBOX_GONE else Result.REFUSED, status or "bounced")


def _complains(part: Message) -> bool:
    """Whether a person said so; not-spam and what filters say of viruses is no complaint."""
    return any(str(fields.get("Feedback-Type", "")).strip().lower() in _COMPLAINTS for fields in _blocks(part))
