"""Whether an import may still be broadcast, or is for the archive: kept and readable, never approved. Pure.

Whoever broke into a sender's old key could date a message back to when that key was good. So what is to be broadcast
was sent within the last hour, and its certificate is valid now, not only at `sent`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.model import Alert, MsgType, Problem

FRESH = timedelta(hours=1)
AHEAD = timedelta(minutes=5)  # by which clocks may differ


def only_for_archive(alert: Alert, now: datetime) -> tuple[Problem, ...]:
    """Why an imported message may not be broadcast now, as warnings; nothing where it may, or is no import.

    A Cancel may come late: it takes away, and only what it names. Its certificate must be valid now all the same.
    """
    if not alert.imported:
        return ()
    found = [] if alert.msg_type is MsgType.CANCEL else _age(alert.sent_at, now)
    by = alert.signed_by
    if by is not None and not by.valid_from <= now <= by.valid_until:
        said = (
            f"the certificate it was signed with was valid from {by.valid_from:%Y-%m-%d} to {by.valid_until:%Y-%m-%d}"
        )
        found.append(Problem.warning("signature-archive", "/alert/Signature", f"{said}: it is for the archive"))
    return tuple(found)


def _age(sent_at: datetime, now: datetime) -> list[Problem]:
    if now - sent_at > FRESH:
        said = f"it was sent on {sent_at:%Y-%m-%d at %H:%M} UTC, more than an hour ago: it is for the archive"
    elif sent_at - now > AHEAD:
        said = "it was sent in the future: it is for the archive until then"
    else:
        return []
    return [Problem.warning("sent-archive", "/alert/sent", said)]
